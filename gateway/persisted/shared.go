package persisted

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// restFor is how long Redis is not asked after it did not answer.
	restFor = time.Second
	// keyPrefix begins all keys. Its braces put them into one slot of a cluster, so that one script may
	// change several.
	keyPrefix = "{backline:documents}:"
	indexKey  = keyPrefix + "index"
)

// shared keeps texts in Redis, where all instances find them. A nil *shared keeps nothing.
type shared struct {
	client   redis.Scripter
	ttl      time.Duration
	most     int // documents
	maxBytes int // of one
	wait     time.Duration
	log      *slog.Logger
	now      func() time.Time
	restTill atomic.Int64 // Unix nanoseconds
}

// Redis has the texts under their hashes, and an index of the hashes by the time of their last use,
// from which the oldest go when there are too many. KEYS: text, index.
//
//nolint:gochecknoglobals // constants, as far as Go has them
var (
	// ARGV: text, time to live in milliseconds, most documents.
	storeScript = redis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], now, KEYS[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[2])
local excess = redis.call('ZCARD', KEYS[2]) - ARGV[3]
if excess > 0 then
	local oldest = redis.call('ZPOPMIN', KEYS[2], excess)
	for i = 1, #oldest, 2 do redis.call('DEL', oldest[i]) end
end`)
	// ARGV: time to live, most bytes. What is no text, or too long to be one, is deleted.
	loadScript = redis.NewScript(`
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'none' then return false end
if kind ~= 'string' or redis.call('STRLEN', KEYS[1]) > tonumber(ARGV[2]) then
	redis.call('DEL', KEYS[1])
	redis.call('ZREM', KEYS[2], KEYS[1])
	return false
end
local time = redis.call('TIME')
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 'XX', time[1] * 1000 + math.floor(time[2] / 1000), KEYS[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return redis.call('GET', KEYS[1])`)
	// ARGV: what was found wrong, so that what came in its place stays.
	dropScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
	redis.call('DEL', KEYS[1])
	redis.call('ZREM', KEYS[2], KEYS[1])
end`)
)

// load is the text with a hash, if Redis has it and answers in time.
func (s *shared) load(ctx context.Context, hash string) (text string, ok bool) {
	if !s.awake() {
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	keys := []string{keyPrefix + hash, indexKey}
	text, err := loadScript.Run(ctx, s.client, keys, s.ttl.Milliseconds(), s.maxBytes).Text()
	switch {
	case errors.Is(err, redis.Nil):
		return "", false
	case err != nil:
		s.rest(ctx, "look a document up in Redis", err)
		return "", false
	case hashOf(text) != hash:
		s.log.Warn("a document in Redis was not the one of its hash, and is deleted", "hash", hash)
		if err := dropScript.Run(ctx, s.client, keys, text).Err(); err != nil && !errors.Is(err, redis.Nil) {
			s.rest(ctx, "delete a document in Redis", err)
		}
		return "", false
	}
	return text, true
}

// store keeps a text, if Redis answers.
func (s *shared) store(ctx context.Context, hash, text string) {
	if !s.awake() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	err := storeScript.Run(ctx, s.client, []string{keyPrefix + hash, indexKey}, text, s.ttl.Milliseconds(), s.most).Err()
	if err != nil && !errors.Is(err, redis.Nil) {
		s.rest(ctx, "keep a document in Redis", err)
	}
}

// awake is whether Redis is to be asked.
func (s *shared) awake() bool { return s != nil && s.now().UnixNano() >= s.restTill.Load() }

// rest leaves Redis alone for a while. A client that went away is no reason to.
func (s *shared) rest(ctx context.Context, what string, err error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	s.restTill.Store(s.now().Add(restFor).UnixNano())
	s.log.Warn("automatic persisted queries are known to single instances for now: "+what, "err", err)
}
