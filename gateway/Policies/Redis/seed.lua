-- What was spent before it was counted here, unless that is known. KEYS: money. ARGV: spent, how long it is kept (ms).
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local clock = redis.call('TIME')
redis.call('HSET', KEYS[1], 's', ARGV[1], 'e', string.format('%.0f', clock[1] * 1000000 + clock[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
