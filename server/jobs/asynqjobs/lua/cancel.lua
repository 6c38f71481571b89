local id, owner, now = unpack(ARGV)
if hidden(id, owner, now) then return {'hidden'} end
local state = redis.call('HGET', job(id), 'state')
if state == 'waiting' then
  finish(id, 'canceled', now)
elseif state == 'running' then
  redis.call('HSET', job(id), 'asked', 1)
end
return {'ok'}
