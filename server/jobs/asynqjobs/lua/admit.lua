-- Makes a job known. It may be sent twice.
local id, ticket, now, ready, owner, unique, priority, ttl, spec, args, maxjobs, maxended = unpack(ARGV)
if redis.call('EXISTS', job(id)) == 1 then return {'new'} end
expire(now, maxended)
if unique ~= '' then
  local other = redis.call('HGET', root .. 'unique', unique)
  if other and not hidden(other, '', now) then return {'old', other} end
  if other then drop(other) end
end
local live = redis.call('ZCARD', root .. 'running')
for p = -1, 2 do live = live + redis.call('ZCARD', waiting(p)) end
if live >= tonumber(maxjobs) then return {'full', tostring(live)} end
redis.call('HSET', job(id), 'spec', spec, 'args', args, 'owner', owner, 'unique', unique, 'ticket', ticket,
  'priority', priority, 'ttl', ttl, 'created', now, 'attempt', 0)
wait(id, ready)
redis.call('ZADD', root .. 'all', now, id)
if owner ~= '' then redis.call('ZADD', root .. 'owner:' .. owner, now, id) end
if unique ~= '' then redis.call('HSET', root .. 'unique', unique, id) end
redis.call('HSET', root .. 'tickets', ticket, id)
redis.call('ZADD', root .. 'outbox', now, ticket)
return {'new'}
