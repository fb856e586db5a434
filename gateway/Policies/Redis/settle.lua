-- Corrects what a call took, where that still counts, and takes it off those that run.
-- KEYS: as in decide. ARGV: owners, call, calls (0 or -1), tokens, cost (differences), cost (all of it), when it ended
-- by the gateway's clock; then of each owner what decide
-- answered: when it was counted in minute and day, -1 for not, and which count of money it was counted in.
local owners, call, calls, tokens, difference, cost, ended = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], ARGV[6], tonumber(ARGV[7])

local function int(x) return string.format('%.0f', x) end

local function correct(key, name, width, at)
  if at < 0 then return end
  local field = name .. int(math.floor(at / width))
  local entry = redis.call('HGET', key, field)
  if not entry then return end
  local latest, q, t = string.match(entry, '(%d+) (%d+) (%d+)')
  local less, more = math.max(calls, -q), math.max(tokens, -t)
  redis.call('HSET', key, field, latest .. ' ' .. int(q + less) .. ' ' .. int(t + more))
  if less ~= 0 then redis.call('HINCRBY', key, name .. 'q', int(less)) end
  if more ~= 0 then redis.call('HINCRBY', key, name .. 't', int(more)) end
end

for i = 1, owners do
  local k, a = (i - 1) * 4, 7 + (i - 1) * 4
  correct(KEYS[k + 1], 'm', 1000000, tonumber(ARGV[a + 1]))
  correct(KEYS[k + 1], 'd', 300000000, tonumber(ARGV[a + 2]))
  for p = 1, 2 do
    local epoch = ARGV[a + 2 + p]
    local counted = epoch ~= '0' and redis.call('HGET', KEYS[k + 1 + p], 'e')
    if counted == epoch then
      local left = redis.call('HGET', KEYS[k + 1 + p], 'c' .. call)
      redis.call('HDEL', KEYS[k + 1 + p], 'c' .. call)
      if redis.call('ZREM', KEYS[k + 1 + p] .. ':due', call) == 1 then left = 0 end -- else what it had left was let go already
      redis.call('HINCRBY', KEYS[k + 1 + p], 's', int(difference + (left or 0)))
    elseif counted and tonumber(counted) <= ended then -- it began anew without what the call reserved, and before the call was recorded
      redis.call('HINCRBY', KEYS[k + 1 + p], 's', cost)
    end
  end
  redis.call('ZREM', KEYS[k + 4], call)
end
return 1
