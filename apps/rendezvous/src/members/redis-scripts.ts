/**
 * Each call of the table is one script, which Redis runs as a whole; time is Redis's own. KEYS: 1 the members by the time when they were last
 * seen, 2 the same by name (all scores 0), 3 their certificates, 4 their status. ARGV begins with the timeout and the most members. Every
 * script answers first who was dropped. Rules and names are those of silence.ts and page-wish.ts; member-table-suite.ts holds both equal.
 */
const PRELUDE = `
local seen, names, certificates, statuses = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local timeout, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function exactly(number) return string.format('%.0f', number) end

local dropped = redis.call('ZRANGEBYSCORE', seen, '-inf', '(' .. exactly(now - timeout))
for _, id in ipairs(dropped) do
  redis.call('ZREM', seen, id)
  redis.call('ZREM', names, id)
  redis.call('HDEL', certificates, id)
  redis.call('HDEL', statuses, id)
end

-- Redis takes its time from a clock that may be set back: whoever would have been seen in the future is seen now, and silent from now on.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', seen, '(' .. exactly(now), '+inf')) do
  redis.call('ZADD', seen, exactly(now), id)
end

local function keep(key, id, text)
  if text == '' then redis.call('HDEL', key, id) else redis.call('HSET', key, id, text) end
end

-- Answers whether a known member has another certificate now.
local function enter(id, at, certificate, status)
  local known = redis.call('ZSCORE', seen, id)
  local before = redis.call('HGET', certificates, id) or ''
  redis.call('ZADD', seen, exactly(at), id)
  redis.call('ZADD', names, 0, id)
  keep(certificates, id, certificate)
  keep(statuses, id, status)
  return known and before ~= certificate
end
`;

/** → [dropped]. */
export const EXPIRE = `${PRELUDE}
return { dropped }
`;

/** ARGV from 3: id, certificate, status. → [dropped, entered | refreshed | full, changed]. */
export const ANNOUNCE = `${PRELUDE}
local id = ARGV[3]
local known = redis.call('ZSCORE', seen, id)
if not known and redis.call('ZCARD', seen) >= most then return { dropped, 'full', '' } end
local changed = enter(id, now, ARGV[4], ARGV[5])
return { dropped, known and 'refreshed' or 'entered', changed and 'changed' or '' }
`;

/** ARGV from 3: when the neighbour was asked, then id, silence, certificate, status of each member. → [dropped, entered, refreshed, refused, changed ids]. */
export const MERGE = `${PRELUDE}
local asked = math.min(tonumber(ARGV[3]), now)
local entered, refreshed, refused, changed = 0, 0, 0, {}
for at = 4, #ARGV, 4 do
  local id, heard = ARGV[at], asked - tonumber(ARGV[at + 1]) - 1
  if heard + timeout >= now then
    local known = tonumber(redis.call('ZSCORE', seen, id) or nil)
    if not known and redis.call('ZCARD', seen) >= most then
      refused = refused + 1
    elseif not known or heard > known then
      if known then refreshed = refreshed + 1 else entered = entered + 1 end
      if enter(id, heard, ARGV[at + 2], ARGV[at + 3]) then changed[#changed + 1] = id end
    end
  end
end
return { dropped, entered, refreshed, refused, changed }
`;

/** ARGV from 3: size, at, id or index. → [dropped, total, start or -1 when there is no such place, id, silence, certificate, status of each]. */
export const PAGE = `${PRELUDE}
local size, at, where = tonumber(ARGV[3]), ARGV[4], ARGV[5]
local total = redis.call('ZCARD', names)
local first, last
if at == 'first' then
  first = 0
elseif at == 'last' then
  last = total
elseif at == 'index' then
  first = tonumber(where)
  if first > 0 and first >= total then return { dropped, total, -1 } end
else
  local rank = redis.call('ZRANK', names, where)
  if not rank then return { dropped, total, -1 } end
  if at == 'after' then first = rank + 1 else last = rank end
end
if first then last = math.min(total, first + size) else first = math.max(0, last - size) end
local answer = { dropped, total, first }
if last > first then
  for _, id in ipairs(redis.call('ZRANGE', names, first, last - 1)) do
    answer[#answer + 1] = id
    answer[#answer + 1] = exactly(now - tonumber(redis.call('ZSCORE', seen, id)))
    answer[#answer + 1] = redis.call('HGET', certificates, id) or ''
    answer[#answer + 1] = redis.call('HGET', statuses, id) or ''
  end
end
return answer
`;
