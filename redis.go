package main

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis is asked on the way of requests, and nothing stops without it: whoever asks gives up soon,
// and does without. A context's deadline counts as well, if it is earlier.
const (
	redisDialTimeout = 500 * time.Millisecond
	redisTimeout     = 500 * time.Millisecond // of reading or writing one command
	redisPoolTimeout = 100 * time.Millisecond // until a connection of the pool is free
	redisRetries     = 1                      // a connection that was idle may be dead
)

// errRedisURL has no cause: it would repeat the password.
var errRedisURL = errors.New("the URL of Redis cannot be read")

// openRedis makes the client that the whole process shares. It connects when it is first used. The
// URL names one server; several addresses, with commas between them, are those of a Redis Cluster,
// or with ?master_name=NAME of the Sentinels that know the master.
func openRedis(text string) (redis.UniversalClient, error) {
	u, hosts, err := parseRedisURL(text)
	if err != nil {
		return nil, err
	}
	silent := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // of one vendor's cloud
	switch {
	case u.Query().Has("master_name"):
		o, err := redis.ParseFailoverURL(u.String())
		if err != nil {
			return nil, errRedisURL
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = redisDialTimeout, redisTimeout, redisTimeout, redisPoolTimeout
		o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = redisRetries, 1, true
		return redis.NewFailoverClient(o), nil
	case hosts > 1:
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, errRedisURL
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = redisDialTimeout, redisTimeout, redisTimeout, redisPoolTimeout
		o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = redisRetries, 1, true
		o.MaintNotificationsConfig = silent
		return redis.NewClusterClient(o), nil
	default:
		o, err := redis.ParseURL(u.String())
		if err != nil {
			return nil, errRedisURL
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = redisDialTimeout, redisTimeout, redisTimeout, redisPoolTimeout
		o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = redisRetries, 1, true
		o.MaintNotificationsConfig = silent
		return redis.NewClient(o), nil
	}
}

// parseRedisURL reads a URL that may name several hosts, and tells how many. Those after the first
// become addr parameters, as go-redis has them.
func parseRedisURL(text string) (u *url.URL, hosts int, err error) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(text), "://")
	if !ok || scheme != "redis" && scheme != "rediss" && scheme != "unix" {
		return nil, 0, errRedisURL
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	authority, rest := rest[:end], rest[end:]
	at := strings.LastIndexByte(authority, '@') + 1
	names := strings.Split(authority[at:], ",")
	if u, err = url.Parse(scheme + "://" + authority[:at] + names[0] + rest); err != nil || u.Host+u.Path == "" {
		return nil, 0, errRedisURL
	}
	if len(names) > 1 && (scheme == "unix" || strings.Trim(u.Path, "/") != "" && !u.Query().Has("master_name")) {
		return nil, 0, errRedisURL // a Cluster has one database
	}
	q := u.Query()
	for _, name := range names[1:] {
		if name == "" {
			return nil, 0, errRedisURL
		}
		q.Add("addr", name)
	}
	u.RawQuery = q.Encode()
	return u, 1 + len(q["addr"]), nil
}

// pingRedis asks whether Redis is there.
func pingRedis(ctx context.Context, client redis.UniversalClient) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return client.Ping(ctx).Err()
}
