-- Finds the job that starts next for a ticket that is due, and marks it as running. The
-- ticket's own job and the one that is chosen exchange tickets, so that no ticket is
-- lost. It may be sent twice with the same run.
local ticket, now, run = unpack(ARGV)
local id = redis.call('HGET', root .. 'tickets', ticket)
if not id then return {'gone'} end
local f = redis.call('HMGET', job(id), 'state', 'run', 'ready')
if f[1] == 'running' and f[2] == run then return {'job', id, redis.call('HGETALL', job(id))} end
if f[1] == 'waiting' then
  if tonumber(f[3]) > tonumber(now) then return {'early', f[3]} end
  local starts = redis.call('HINCRBY', root .. 'stats', 'starts', 1)
  local best, since
  for p = 2, -1, -1 do
    local first = redis.call('ZRANGEBYSCORE', waiting(p), '-inf', now, 'WITHSCORES', 'LIMIT', 0, 1)
    if first[1] and (not best or (starts % 10 == 0 and tonumber(first[2]) < since)) then
      best, since = first[1], tonumber(first[2])
    end
  end
  if best ~= id then
    local other = redis.call('HGET', job(best), 'ticket')
    redis.call('HSET', root .. 'tickets', ticket, best, other, id)
    redis.call('HSET', job(id), 'ticket', other)
    redis.call('HSET', job(best), 'ticket', ticket)
    id = best
  end
end
unlist(id)
redis.call('HSET', job(id), 'state', 'running', 'run', run, 'started', now)
redis.call('HINCRBY', job(id), 'attempt', 1)
redis.call('ZADD', root .. 'running', now, id)
return {'job', id, redis.call('HGETALL', job(id))}
