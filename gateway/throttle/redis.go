package throttle

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// keyPrefix begins the keys of buckets. The braces around the rest are what a Redis Cluster hashes; a
// script of one key runs there in any case.
const keyPrefix = "backline:throttle:{"

// script changes one bucket. It is the only place where points come into being.
//
// The value is "POINTS MICROSECONDS": what was there at a time of Redis' own clock. A bucket that is
// full again has expired, so clients that are gone leave nothing behind.
//
//	ARGV  capacity, points a second, least, wish, back: all in thousandths of a point
//	      back    is returned first, and what does not fit into the bucket is lost
//	      least   must be there, or nothing is granted
//	      wish    is the most that is granted
//	answer  granted, and what the bucket has left
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var script = redis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local least, wish, back = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local points = capacity
local kept = redis.call('GET', KEYS[1])
if kept then
  local p, t = string.match(kept, '^(%S+) (%S+)$')
  points = tonumber(p) + math.max(0, now - tonumber(t)) * rate / 1000000
end
points = math.min(capacity, points + back)
local granted = 0
if points >= least then
  granted = math.floor(math.min(points, wish))
end
points = points - granted
if points < capacity then
  local ms = math.ceil((capacity - points) / rate * 1000) + 1000
  redis.call('SET', KEYS[1], string.format('%.3f %.0f', points, now), 'PX', string.format('%.0f', ms))
elseif kept then
  redis.call('DEL', KEYS[1])
end
return {granted, math.floor(points)}
`)

// call runs the script for one bucket.
func (l *Limiter) call(a *Account, least, wish, back Points) (granted, left Points, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), l.timeout)
	defer cancel()
	answer, err := script.Run(ctx, l.redis, []string{keyPrefix + a.id + "}"}, arguments(a.plan, least, wish, back)...).Int64Slice()
	if err == nil && len(answer) != 2 {
		err = fmt.Errorf("the script answered %d numbers", len(answer))
	}
	if err != nil {
		return 0, 0, fmt.Errorf("ask Redis for points: %w", err)
	}
	return Points(answer[0]), Points(answer[1]), nil
}

// returned is what goes back to a bucket.
type returned struct {
	id     string
	plan   *Plan
	points Points
}

// giveBack returns points to many buckets in one round trip, or a few. The text of the script goes along:
// a pipeline cannot try again with it.
func (l *Limiter) giveBack(list []returned) error {
	const most = 500
	for len(list) > 0 {
		n := min(len(list), most)
		ctx, cancel := context.WithTimeout(context.Background(), l.timeout)
		_, err := l.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, r := range list[:n] {
				script.Eval(ctx, p, []string{keyPrefix + r.id + "}"}, arguments(r.plan, 0, 0, r.points)...)
			}
			return nil
		})
		cancel()
		if err != nil {
			return fmt.Errorf("return points to Redis: %w", err)
		}
		list = list[n:]
	}
	return nil
}

func arguments(p *Plan, least, wish, back Points) []any {
	return []any{int64(p.Capacity), int64(p.Restore), int64(least), int64(wish), int64(back)}
}
