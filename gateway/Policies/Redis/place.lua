-- A place among those that run, for a call that waits. KEYS: who runs of the key, of the team. ARGV: call, lease (ms), places of each, -1 for no bound.
-- Answers 0, or which of them has none.
local clock = redis.call('TIME')
local ms = math.floor(clock[1] * 1000 + clock[2] / 1000)
for i = 1, #KEYS do
  local places = tonumber(ARGV[2 + i])
  if places >= 0 then
    redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', string.format('%.0f', ms))
    if redis.call('ZCARD', KEYS[i]) >= places then return i end
  end
end
for i = 1, #KEYS do
  if tonumber(ARGV[2 + i]) >= 0 then
    redis.call('ZADD', KEYS[i], string.format('%.0f', ms + ARGV[2]), ARGV[1])
    redis.call('PEXPIRE', KEYS[i], ARGV[2] * 2)
  end
end
return 0
