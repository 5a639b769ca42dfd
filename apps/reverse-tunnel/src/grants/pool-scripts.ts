/**
 * Several hosts share the grants and ports of one Redis. What must not come apart is one script each: a grant and its ports change together, and only if
 * the grant is still what its changer believed it to be. KEYS: grants (id → JSON), ports (port → `id`, or `id until` while it rests; milliseconds), ended
 * (id by time). Every change is told on the channel as the word given; who hears it reads the grant anew, so that words may be late, doubled or out of order.
 */
const NOW = "local time = redis.call('TIME')\nlocal now = time[1] * 1000 + math.floor(time[2] / 1000)\n";

const PORTS = `
local function portsOf(text)
  local found = {}
  if not text then return found end
  local isRead, grant = pcall(cjson.decode, text)
  if not isRead or type(grant.services) ~= 'table' then return found end
  for _, service in ipairs(grant.services) do if type(service.port) == 'number' then found[string.format('%d', service.port)] = true end end
  return found
end
local function restPorts(ports, id, kept, until_)
  for port in pairs(ports) do
    if not kept[port] and redis.call('HGET', KEYS[2], port) == id then redis.call('HSET', KEYS[2], port, id .. ' ' .. until_) end
  end
end
`;

/**
 * ARGV: id, text that it is believed to have ('' for none), text, milliseconds that a released port rests, milliseconds for which what has ended is not made
 * again ('' where it is asked for by name), channel, word. Answers `ok`; `stale` with the text that it has; `ended`; or `port` with the port and who holds it.
 */
export const PUT_GRANT = `${NOW}${PORTS}
local id, believed, text = ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('HGET', KEYS[1], id)
if known and known ~= believed then return {'stale', known} end
local ended = redis.call('ZSCORE', KEYS[3], id)
if not known and ended and (believed ~= '' or (ARGV[5] ~= '' and now - ended < tonumber(ARGV[5]))) then return {'ended'} end
local wanted = portsOf(text)
for port in pairs(wanted) do
  local held = redis.call('HGET', KEYS[2], port)
  local holder, rest = string.match(held or '', '^(%S+) ?(%d*)$')
  if holder and holder ~= id and (rest == '' or tonumber(rest) > now) then return {'port', port, holder} end
end
restPorts(portsOf(known), id, wanted, string.format('%.0f', now + ARGV[4]))
for port in pairs(wanted) do redis.call('HSET', KEYS[2], port, id) end
redis.call('HSET', KEYS[1], id, text)
redis.call('ZREM', KEYS[3], id)
redis.call('PUBLISH', ARGV[6], ARGV[7])
return {'ok'}`;

/** ARGV: id, milliseconds that its ports rest, milliseconds for which its end is remembered, channel, word. */
export const REMOVE_GRANT = `${NOW}${PORTS}
local id = ARGV[1]
restPorts(portsOf(redis.call('HGET', KEYS[1], id)), id, {}, string.format('%.0f', now + ARGV[2]))
redis.call('HDEL', KEYS[1], id)
redis.call('ZADD', KEYS[3], now, id)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return {'ok'}`;

/** What Redis has lost is written again, unless it has ended. ARGV: id, text. Answers `ok`, also when it was there, or `ended`. */
export const RESTORE_GRANT = `${PORTS}
local id, text = ARGV[1], ARGV[2]
if redis.call('ZSCORE', KEYS[3], id) then return {'ended'} end
redis.call('HSETNX', KEYS[1], id, text)
for port in pairs(portsOf(redis.call('HGET', KEYS[1], id))) do redis.call('HSETNX', KEYS[2], port, id) end
return {'ok'}`;

/** ARGV: id. Answers its text, or nothing, and whether it has ended. */
export const READ_GRANT = `return {redis.call('HGET', KEYS[1], ARGV[1]), redis.call('ZSCORE', KEYS[3], ARGV[1]) and 1 or 0}`;
