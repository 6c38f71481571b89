-- Every script begins with this. KEYS[1] is what all keys of a queue begin with; times
-- are microseconds since 1970. A job is a hash; the sorted sets around it order jobs by
-- a time:
--
--   waiting:P   jobs of priority P that wait, by the time from which they may start
--   running     jobs that run, by their start
--   ended       jobs in a final state, by the time at which they are forgotten
--   all         all jobs, by their making; owner:X those of an owner
--
-- The hash tickets says which job a task of asynq will start; outbox holds tickets that
-- asynq may not know yet.
local root = KEYS[1]

local function job(id) return root .. 'job:' .. id end

local function waiting(priority) return root .. 'waiting:' .. priority end

local function whole(x) return string.format('%.0f', x) end

-- unlist takes a job out of the sets that say where it stands.
local function unlist(id)
  local f = redis.call('HMGET', job(id), 'priority', 'ticket')
  redis.call('ZREM', waiting(f[1]), id)
  redis.call('ZREM', root .. 'running', id)
  redis.call('ZREM', root .. 'ended', id)
  return f[2]
end

-- void makes a ticket worthless.
local function void(ticket)
  redis.call('HDEL', root .. 'tickets', ticket)
  redis.call('ZREM', root .. 'outbox', ticket)
end

local function drop(id)
  local f = redis.call('HMGET', job(id), 'owner', 'unique')
  if not f[1] then return end
  void(unlist(id))
  redis.call('ZREM', root .. 'all', id)
  if f[1] ~= '' then redis.call('ZREM', root .. 'owner:' .. f[1], id) end
  if f[2] ~= '' and redis.call('HGET', root .. 'unique', f[2]) == id then
    redis.call('HDEL', root .. 'unique', f[2])
  end
  redis.call('DEL', job(id))
end

local function finish(id, state, now)
  void(unlist(id))
  local expires = whole(tonumber(now) + tonumber(redis.call('HGET', job(id), 'ttl')))
  redis.call('HSET', job(id), 'state', state, 'finished', now, 'expires', expires)
  redis.call('HDEL', job(id), 'asked')
  redis.call('ZADD', root .. 'ended', expires, id)
  redis.call('HINCRBY', root .. 'stats', state, 1)
end

-- wait lines a job up that may start at a time.
local function wait(id, ready)
  unlist(id)
  redis.call('HSET', job(id), 'state', 'waiting', 'ready', ready)
  redis.call('ZADD', waiting(redis.call('HGET', job(id), 'priority')), ready, id)
end

-- hidden reports whether an owner must not see a job.
local function hidden(id, owner, now)
  local f = redis.call('HMGET', job(id), 'owner', 'expires')
  return not f[1] or (owner ~= '' and f[1] ~= owner) or (f[2] and tonumber(f[2]) <= tonumber(now))
end

-- expire forgets some of the jobs whose time has come, and of those beyond max.
local function expire(now, max)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', root .. 'ended', '-inf', now, 'LIMIT', 0, 100)) do
    drop(id)
  end
  local over = math.min(redis.call('ZCARD', root .. 'ended') - tonumber(max), 100)
  if over > 0 then
    for _, id in ipairs(redis.call('ZRANGE', root .. 'ended', 0, over - 1)) do drop(id) end
  end
end
