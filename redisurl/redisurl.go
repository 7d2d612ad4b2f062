// Package redisurl makes the client of a Redis from a URL: of one server, of a Cluster, or of the master
// that Sentinels know. It owns the timeouts that all of Backline has for Redis, and that no error repeats
// a password. The server and the operator's tool share it; it stands beside a query's way, and imports
// nothing of Backline.
package redisurl

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
	dialTimeout = 500 * time.Millisecond
	timeout     = 500 * time.Millisecond // of reading or writing one command
	poolTimeout = 100 * time.Millisecond // until a connection of the pool is free
	retries     = 1                      // a connection that was idle may be dead
)

// errURL has no cause: it would repeat the password.
var errURL = errors.New("the URL of Redis cannot be read")

// Open makes the client that the whole process shares. It connects when it is first used. The
// URL names one server; several addresses, with commas between them, are those of a Redis Cluster,
// or with ?master_name=NAME of the Sentinels that know the master.
func Open(text string) (redis.UniversalClient, error) {
	u, hosts, err := parse(text)
	if err != nil {
		return nil, err
	}
	silent := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // of one vendor's cloud
	switch {
	case u.Query().Has("master_name"):
		o, err := redis.ParseFailoverURL(u.String())
		if err != nil {
			return nil, errURL
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, timeout, timeout, poolTimeout
		o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = retries, 1, true
		return redis.NewFailoverClient(o), nil
	case hosts > 1:
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, errURL
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, timeout, timeout, poolTimeout
		o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = retries, 1, true
		o.MaintNotificationsConfig = silent
		return redis.NewClusterClient(o), nil
	default:
		o, err := redis.ParseURL(u.String())
		if err != nil {
			return nil, errURL
		}
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = dialTimeout, timeout, timeout, poolTimeout
		o.MaxRetries, o.DialerRetries, o.ContextTimeoutEnabled = retries, 1, true
		o.MaintNotificationsConfig = silent
		return redis.NewClient(o), nil
	}
}

// parse reads a URL that may name several hosts, and tells how many. Those after the first
// become addr parameters, as go-redis has them.
func parse(text string) (u *url.URL, hosts int, err error) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(text), "://")
	if !ok || scheme != "redis" && scheme != "rediss" && scheme != "unix" {
		return nil, 0, errURL
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	authority, rest := rest[:end], rest[end:]
	at := strings.LastIndexByte(authority, '@') + 1
	names := strings.Split(authority[at:], ",")
	if u, err = url.Parse(scheme + "://" + authority[:at] + names[0] + rest); err != nil || u.Host+u.Path == "" {
		return nil, 0, errURL
	}
	if len(names) > 1 && (scheme == "unix" || strings.Trim(u.Path, "/") != "" && !u.Query().Has("master_name")) {
		return nil, 0, errURL // a Cluster has one database
	}
	q := u.Query()
	for _, name := range names[1:] {
		if name == "" {
			return nil, 0, errURL
		}
		q.Add("addr", name)
	}
	u.RawQuery = q.Encode()
	return u, 1 + len(q["addr"]), nil
}

// Ping asks whether Redis is there.
func Ping(ctx context.Context, client redis.UniversalClient) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return client.Ping(ctx).Err()
}
