-- Forgets what is to be forgotten, and returns the tickets that wait in the outbox since
-- a time, each followed by the time at which it is due.
local now, before, maxended = unpack(ARGV)
expire(now, maxended)
local due = {}
for _, ticket in ipairs(redis.call('ZRANGEBYSCORE', root .. 'outbox', '-inf', before, 'LIMIT', 0, 200)) do
  local id = redis.call('HGET', root .. 'tickets', ticket)
  if id then
    due[#due + 1] = ticket
    due[#due + 1] = redis.call('HGET', job(id), 'ready')
  else
    redis.call('ZREM', root .. 'outbox', ticket)
  end
end
return due
