-- Takes all that a call asks for of its key's and its team's bounds, or nothing, in one step.
-- KEYS: of the key, then of the team: windows, money of the day, money of the month, who runs.
-- ARGV: owners, take a place?, may wait?, call, lease (ms), tokens, cost; then of each owner: calls and tokens of a minute,
--       calls and tokens of a day, places, budgets of day and month; -1 for no bound.
-- Answers: outcome, bound, owner, used, wait; standing of calls (limit, remaining, reset), of tokens; then of each owner:
--       when it was counted in minute and day, and which count of money it was counted in. Times are microseconds.
-- What a call has reserved of a count of money stands in it as c<call>, and in <count>:due until when without word of its gateway.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local owners, take, may_wait, call, lease = tonumber(ARGV[1]), ARGV[2] == '1', ARGV[3] == '1', ARGV[4], tonumber(ARGV[5])
local tokens, cost = tonumber(ARGV[6]), tonumber(ARGV[7])
local ms = math.floor(now / 1000)
local ADMITTED, WAITS, REFUSED, UNSEEDED = 0, 1, 2, 3

local function int(x) return string.format('%.0f', x) end

-- The same arithmetic as SlidingWindow: calls of a slot are kept together and forgotten together, by the latest of them.
local function open(key, name, length, width)
  local f = redis.call('HMGET', key, name .. 'q', name .. 't', name .. 'h', name .. 'l')
  local w = { key = key, name = name, length = length, width = width, now = now, q = tonumber(f[1]) or 0, t = tonumber(f[2]) or 0, head = tonumber(f[3]), latest = tonumber(f[4]) }
  if not w.head then return w end
  local newest = math.floor(w.latest / width)
  if now < w.latest - length then -- the clock went back too far to be waited for
    for slot = w.head, newest do redis.call('HDEL', key, name .. int(slot)) end
    w.q, w.t, w.head, w.latest, w.changed = 0, 0, nil, nil, true
    return w
  end
  w.now = math.max(now, w.latest)
  while w.head <= newest do
    local entry = redis.call('HGET', key, name .. int(w.head))
    if entry then
      local latest, q, t = string.match(entry, '(%d+) (%d+) (%d+)')
      if w.now - latest < length then break end
      w.q, w.t = w.q - q, w.t - t
      redis.call('HDEL', key, name .. int(w.head))
    end
    w.head, w.changed = w.head + 1, true
  end
  if w.head > newest then w.q, w.t, w.head, w.latest = 0, 0, nil, nil end
  return w
end

local function save(w)
  if not w.changed then return end
  if w.head then
    redis.call('HSET', w.key, w.name .. 'q', int(w.q), w.name .. 't', int(w.t), w.name .. 'h', int(w.head), w.name .. 'l', int(w.latest))
  else
    redis.call('HDEL', w.key, w.name .. 'q', w.name .. 't', w.name .. 'h', w.name .. 'l')
  end
end

local function add(w)
  local slot = math.floor(w.now / w.width)
  local q, t = 0, 0
  if w.latest and math.floor(w.latest / w.width) == slot then
    local _, had_q, had_t = string.match(redis.call('HGET', w.key, w.name .. int(slot)), '(%d+) (%d+) (%d+)')
    q, t = had_q, had_t
  end
  redis.call('HSET', w.key, w.name .. int(slot), int(w.now) .. ' ' .. int(q + 1) .. ' ' .. int(t + tokens))
  w.q, w.t, w.latest, w.head, w.changed = w.q + 1, w.t + tokens, w.now, w.head or slot, true
end

local function wait(w, q, t)
  if w.head then
    for slot = w.head, math.floor(w.latest / w.width) do
      local entry = redis.call('HGET', w.key, w.name .. int(slot))
      if entry then
        local latest, had_q, had_t = string.match(entry, '(%d+) (%d+) (%d+)')
        q, t = q - had_q, t - had_t
        if q <= 0 and t <= 0 then return latest + w.length - w.now end
      end
    end
  end
  return w.length
end

-- A gateway that has said nothing for a lease is gone: of what its calls had reserved only what they had used stays spent.
local function let_go(money, spent)
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', money .. ':due', '-inf', int(ms), 'LIMIT', 0, 1000)) do
    redis.call('ZREM', money .. ':due', gone)
    local left = redis.call('HGET', money, 'c' .. gone)
    if left then spent = redis.call('HINCRBY', money, 's', int(-left)) end
  end
  return spent
end

local all = {}
for i = 1, owners do
  local k, a = (i - 1) * 4, 7 + (i - 1) * 7
  local o = { windows = KEYS[k + 1], money = { KEYS[k + 2], KEYS[k + 3] }, running = KEYS[k + 4], spent = {}, epoch = { 0, 0 } }
  o.rpm, o.tpm, o.rpd, o.tpd, o.places = tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5])
  o.budget = { tonumber(ARGV[a + 6]), tonumber(ARGV[a + 7]) }
  for p = 1, 2 do
    if o.budget[p] >= 0 then
      local f = redis.call('HMGET', o.money[p], 's', 'e')
      if not f[1] then return { UNSEEDED } end
      o.spent[p], o.epoch[p] = let_go(o.money[p], tonumber(f[1])), tonumber(f[2])
    end
  end
  all[i] = o
end

local outcome, bound, whose, used, pause = ADMITTED, 0, 0, 0, 0
local function refuse(b, i, u, p) if outcome ~= REFUSED then outcome, bound, whose, used, pause = REFUSED, b, i, u, p end end

for i, o in ipairs(all) do
  for p = 1, 2 do
    if o.budget[p] >= 0 and (o.spent[p] + cost > o.budget[p] or o.spent[p] >= o.budget[p]) then refuse(4 + p, i, o.spent[p], 0) end
  end
end
for i, o in ipairs(all) do
  if o.rpm >= 0 or o.tpm >= 0 then o.minute = open(o.windows, 'm', 60000000, 1000000) end
  if o.rpd >= 0 or o.tpd >= 0 then o.day = open(o.windows, 'd', 86400000000, 300000000) end
  if outcome ~= REFUSED then
    if o.rpm >= 0 and o.minute.q + 1 > o.rpm then refuse(0, i, o.minute.q, wait(o.minute, o.minute.q + 1 - o.rpm, 0)) end
    if o.tpm >= 0 and o.minute.t + tokens > o.tpm then refuse(1, i, o.minute.t, wait(o.minute, 0, o.minute.t + tokens - o.tpm)) end
    if o.rpd >= 0 and o.day.q + 1 > o.rpd then refuse(2, i, o.day.q, wait(o.day, o.day.q + 1 - o.rpd, 0)) end
    if o.tpd >= 0 and o.day.t + tokens > o.tpd then refuse(3, i, o.day.t, wait(o.day, 0, o.day.t + tokens - o.tpd)) end
  end
end
if outcome ~= REFUSED then
  for i, o in ipairs(all) do
    if o.places >= 0 then
      redis.call('ZREMRANGEBYSCORE', o.running, '-inf', int(ms))
      if redis.call('ZCARD', o.running) >= o.places then
        if may_wait then outcome = WAITS else refuse(4, i, o.places, 1000000) end
      end
    end
  end
  if outcome == ADMITTED and not take then outcome = WAITS end
  for _, o in ipairs(all) do
    if outcome == ADMITTED and o.places >= 0 then
      redis.call('ZADD', o.running, int(ms + lease), call)
      redis.call('PEXPIRE', o.running, lease * 2)
    end
  end
end

local requests, texts = { -1, 0, 0 }, { -1, 0, 0 }
local function stand(standing, w, limit, count)
  if limit < 0 then return end
  local left = math.max(0, limit - count)
  if standing[1] < 0 or left < standing[2] then standing[1], standing[2], standing[3] = limit, left, w.latest and w.latest + w.length - w.now or 0 end
end
local answer = {}
for i, o in ipairs(all) do
  if outcome ~= REFUSED then
    if o.minute then add(o.minute) end
    if o.day then add(o.day) end
    for p = 1, 2 do
      if o.budget[p] >= 0 and cost > 0 then
        redis.call('HINCRBY', o.money[p], 's', int(cost))
        redis.call('HSET', o.money[p], 'c' .. call, int(cost))
        redis.call('ZADD', o.money[p] .. ':due', int(ms + lease), call)
        redis.call('PEXPIRE', o.money[p] .. ':due', math.max(1, redis.call('PTTL', o.money[p])))
      end
    end
  end
  if o.minute then
    save(o.minute)
    stand(requests, o.minute, o.rpm, o.minute.q)
    stand(texts, o.minute, o.tpm, o.minute.t)
  end
  if o.day then
    save(o.day)
    stand(requests, o.day, o.rpd, o.day.q)
    stand(texts, o.day, o.tpd, o.day.t)
  end
  if o.minute or o.day then redis.call('PEXPIRE', o.windows, o.day and 86700000 or 61000) end
  local n = #answer
  answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = o.minute and o.minute.now or -1, o.day and o.day.now or -1, o.epoch[1], o.epoch[2]
end
return { outcome, bound, whose, used, pause, requests[1], requests[2], requests[3], texts[1], texts[2], texts[3], unpack(answer) }
