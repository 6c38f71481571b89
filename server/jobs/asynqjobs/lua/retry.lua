-- It may be sent twice with the same ticket.
local id, owner, now, ticket = unpack(ARGV)
if redis.call('HGET', job(id), 'ticket') == ticket then return {'ok'} end
if hidden(id, owner, now) then return {'hidden'} end
local state = redis.call('HGET', job(id), 'state')
if state ~= 'failed' and state ~= 'canceled' then return {'state', state} end
wait(id, now)
redis.call('HDEL', job(id), 'finished', 'expires', 'asked')
redis.call('HSET', job(id), 'ticket', ticket, 'attempt', 0)
redis.call('HSET', root .. 'tickets', ticket, id)
redis.call('ZADD', root .. 'outbox', now, ticket)
return {'ok'}
