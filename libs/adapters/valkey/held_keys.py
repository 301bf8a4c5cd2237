"""Keys that Valkey must not evict, with an index of their expiry."""

# At its memory limit, with `volatile-lru`, Valkey evicts keys with a time to live. Held keys have none; an index stores
# when each expires. Every script that begins with HELD removes its own key if expired, and a few other expired keys.
# So calls for other keys remove keys that are no longer used.
INDEX = "moe:held"

# For a script whose last key is the index; `now` is in seconds by Valkey's clock. Removes expired keys first: at the
# memory limit, Valkey rejects writes but accepts removals.
HELD = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local index = KEYS[#KEYS]
local function hold(key, seconds)
    redis.call('ZADD', index, now + seconds, key)
end
local function remove(key)
    redis.call('UNLINK', key)
    redis.call('ZREM', index, key)
end
local ends = redis.call('ZSCORE', index, KEYS[1])
if ends and tonumber(ends) <= now then
    remove(KEYS[1])
end
for _, key in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 8)) do
    remove(key)
end
"""
