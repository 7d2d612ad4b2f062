package fieldcache

// Scripts take keys of any number; where keys may lie on several nodes they are called with one each.
// They are sent as text (EVAL): Redis caches them by it, and a restart or a failover needs no care.
const (
	// leaseScript gives, for each key, 1 (load it: the lease or the claim is yours), 0 (somebody else
	// does), or the value that has appeared since it was read.
	//
	// ARGV: now, lease ms, claim until; then per key what was seen there and the new token. Seen is
	// "" for nothing, "2" for a lease that has stood too long, else the token of a value.
	leaseScript = `
local out = {}
for i, key in ipairs(KEYS) do
  local seen, token = ARGV[2 + 2 * i], ARGV[3 + 2 * i]
  local v = redis.pcall('GET', key)
  if type(v) == 'table' then
    redis.call('DEL', key)
    v = false
  end
  if not v then
    redis.call('SET', key, 'L' .. token, 'PX', ARGV[2])
    out[i] = 1
  elseif string.sub(v, 1, 1) == 'L' then
    if seen == '2' and #v == 9 then
      redis.call('APPEND', key, token)
      out[i] = 1
    else
      out[i] = 0
    end
  elseif #seen == 8 and string.sub(v, 2, 9) == seen then
    if (tonumber(string.sub(v, 10, 22)) or 0) <= tonumber(ARGV[1]) then
      redis.call('SETRANGE', key, 9, ARGV[3])
      out[i] = 1
    else
      out[i] = 0
    end
  else
    out[i] = v
  end
end
return out`

	// fillScript writes values where the lease or the value of their token stands. An empty value
	// gives a lease or a claim back.
	//
	// ARGV: per key the token, the value, its life in ms.
	fillScript = `
local out = {}
for i, key in ipairs(KEYS) do
  local token, value = ARGV[3 * i - 2], ARGV[3 * i - 1]
  local v = redis.call('GET', key)
  if not v then
    out[i] = 0
  elseif value == '' then
    if v == 'L' .. token then
      redis.call('DEL', key)
    elseif string.sub(v, 1, 1) ~= 'L' and string.sub(v, 2, 9) == token then
      redis.call('SETRANGE', key, 9, '0000000000000')
    end
    out[i] = 0
  elseif string.sub(v, 2, 9) == token or (string.sub(v, 1, 1) == 'L' and string.sub(v, 10, 17) == token) then
    redis.call('SET', key, value, 'PX', ARGV[3 * i])
    out[i] = 1
  else
    out[i] = 0
  end
end
return out`

	// generationScript gives the tokens of generations, making those that are missing.
	//
	// ARGV: per key a new token and its life in ms.
	generationScript = `
local out = {}
for i, key in ipairs(KEYS) do
  if redis.call('SET', key, ARGV[2 * i - 1], 'PX', ARGV[2 * i], 'NX') then
    out[i] = ARGV[2 * i - 1]
  else
    out[i] = redis.call('GET', key)
  end
end
return out`

	// sayScript numbers invalidations and appends them to the stream. The first number is a time, so
	// that numbers after a loss are not those before it. Number and schemas share a key, so that they
	// are lost together: then everybody begins anew.
	//
	// KEYS: state, stream. ARGV: how many entries are kept, what is invalid, microseconds, what the number
	// must be greater than.
	sayScript = `
redis.call('HSETNX', KEYS[1], 'n', ARGV[3])
if redis.call('HINCRBY', KEYS[1], 'n', 1) <= tonumber(ARGV[4]) then
  redis.call('HSET', KEYS[1], 'n', ARGV[4])
  redis.call('HINCRBY', KEYS[1], 'n', 1)
end
local n = redis.call('HGET', KEYS[1], 'n')
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], '*', 'n', n, 'what', ARGV[2])
return {n, redis.call('HKEYS', KEYS[1])}`

	// listenScript says where the stream stands, and that values of a schema are kept.
	//
	// KEYS: state, stream. ARGV: microseconds, schema.
	listenScript = `
redis.call('HSETNX', KEYS[1], 'n', ARGV[1])
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if all[i] ~= 'n' and tonumber(all[i + 1]) < tonumber(ARGV[1]) - 86400000000 then
    redis.call('HDEL', KEYS[1], all[i])
  end
end
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
local id = '0-0'
if #last > 0 then
  id = last[1][1]
end
return {redis.call('HGET', KEYS[1], 'n'), id, redis.call('HSET', KEYS[1], 's:' .. ARGV[2], ARGV[1])}`
)
