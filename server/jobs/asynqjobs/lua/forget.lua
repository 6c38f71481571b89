-- Removes some jobs of an owner and returns how many were found and how many of them
-- could still be seen.
local owner, now = unpack(ARGV)
local ids, seen = redis.call('ZRANGE', root .. 'owner:' .. owner, 0, 199), 0
for _, id in ipairs(ids) do
  if not hidden(id, owner, now) then seen = seen + 1 end
  drop(id)
end
return {tostring(#ids), tostring(seen)}
