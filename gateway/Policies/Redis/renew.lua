-- Those that still run here do so for another while. KEYS: who runs, one a call. ARGV: lease (ms), then the calls.
local clock = redis.call('TIME')
local until_ms = string.format('%.0f', math.floor(clock[1] * 1000 + clock[2] / 1000) + ARGV[1])
for i = 1, #KEYS do
  redis.call('ZADD', KEYS[i], until_ms, ARGV[1 + i])
  redis.call('PEXPIRE', KEYS[i], ARGV[1] * 2)
end
return 1
