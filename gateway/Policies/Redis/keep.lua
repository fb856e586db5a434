-- What calls that run have reserved is theirs for another while; what they have used of it stays spent if no more is heard of them.
-- KEYS: counts of money, one a reservation. ARGV: lease (ms), then of each: call, which count it was, what is left of it.
local clock = redis.call('TIME')
local until_ms = string.format('%.0f', math.floor(clock[1] * 1000 + clock[2] / 1000) + ARGV[1])
for i = 1, #KEYS do
  local call, epoch, left = ARGV[i * 3 - 1], ARGV[i * 3], ARGV[i * 3 + 1]
  local had = redis.call('HGET', KEYS[i], 'c' .. call)
  if had and redis.call('HGET', KEYS[i], 'e') == epoch then
    if not redis.call('ZSCORE', KEYS[i] .. ':due', call) then redis.call('HINCRBY', KEYS[i], 's', had) end -- it was let go too soon
    redis.call('HSET', KEYS[i], 'c' .. call, left)
    redis.call('ZADD', KEYS[i] .. ':due', until_ms, call)
    redis.call('PEXPIRE', KEYS[i] .. ':due', math.max(1, redis.call('PTTL', KEYS[i])))
  end
end
return 1
