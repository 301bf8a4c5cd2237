"""Keys that Valkey must not evict: at its memory limit, with `volatile-lru`, it evicts what has a time to live.

So these have none. An index holds when each is over; every script that begins with HELD looks whether its own key is,
and removes a few others. What nobody asks for any more goes when somebody asks for something else.
"""

INDEX = "moe:held"

# For a script whose last key is the index, with `now` in seconds by Valkey's own clock. What is over goes first: at the
# memory limit nothing can be written, but removed.
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
