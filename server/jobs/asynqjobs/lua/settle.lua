-- Decides what becomes of a job after an attempt, and says when its ticket is to come
-- again. It may be sent twice.
local id, ticket, run, outcome, now, text, at = unpack(ARGV)
local f = redis.call('HMGET', job(id), 'state', 'run', 'asked')
if f[1] == 'running' and f[2] == run then
  if outcome == 'done' then
    redis.call('HSET', job(id), 'result', text)
    redis.call('HDEL', job(id), 'error')
    finish(id, 'done', now)
  else
    redis.call('HSET', job(id), 'error', text)
    if f[3] then
      finish(id, 'canceled', now)
    elseif outcome == 'failed' then
      finish(id, 'failed', now)
    elseif outcome == 'drained' then
      redis.call('HINCRBY', job(id), 'attempt', -1)
      wait(id, now)
    else
      redis.call('HINCRBY', root .. 'stats', 'retries', 1)
      wait(id, at)
    end
  end
end
local holder = redis.call('HGET', root .. 'tickets', ticket)
if not holder then return {'ended'} end
return {'again', redis.call('HGET', job(holder), 'ready')}
