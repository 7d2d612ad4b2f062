package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/resolvers"
	"backline/store"
	"backline/store/feed"
	"backline/telemetry"
)

const (
	// feedsSettle bounds how long the start waits to find out whether changes can be heard.
	feedsSettle = 5 * time.Second
	// keepWAL is what a shard may keep for a reader that is away; then all is forgotten instead.
	keepWAL = 1 << 30
)

// keeping is the cache, and what it is joined with.
type keeping struct {
	cache   *fieldcache.Cache
	hearing *hearing
	mode    string
	spaces  []string
}

// openCache joins change feed, cache and loaders, unless the cache is off: then it is nil.
func (a *app) openCache(ctx context.Context, c Config, urls []string, tel *telemetry.Telemetry) (*keeping, error) {
	spaces := loaders.Spaces()
	mode := c.CacheMode()
	if mode == cacheEntities {
		spaces = slices.DeleteFunc(spaces, func(s fieldcache.SpaceConfig) bool { return strings.Contains(s.Name, ".") })
	}
	if mode == cacheOff || len(spaces) == 0 {
		a.withoutCache(c, urls, tel.Log)
		return nil, nil //nolint:nilnil // as promised
	}
	k := &keeping{mode: mode}
	schema, err := a.cacheSchema(ctx, c)
	if err != nil {
		return nil, err
	}
	// Whatever this process keeps, it tells of all that others of the fleet may keep: one reads for all.
	changes := changes{invalidator: fieldcache.NewInvalidator(a.redis, "", schema), tables: loaders.Dependents()}
	feeding := feed.Config{Log: tel.Log, KeepBytes: keepWAL, Observer: tel, Tables: changes.feed(), Follows: changes.follows()}
	for _, s := range spaces {
		k.spaces = append(k.spaces, s.Name)
	}
	for i, url := range urls {
		feeding.Shards = append(feeding.Shards, feed.Shard{Name: string(a.store.Topology().Name(i)), URL: url})
	}
	var subtrees []string
	if c.CacheSubtrees {
		subtrees = resolvers.SubtreeFields()
	}
	k.cache, err = fieldcache.New(fieldcache.Config{
		Redis: a.redis, Spaces: spaces, Subtrees: subtrees, Schema: schema, LocalBytes: c.CacheBytes, Log: tel.Log, Observer: tel.FieldCache(),
	})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func(context.Context) error { k.cache.Close(); return nil })
	feeding.Sink = changes
	feeds, err := feed.Start(feeding)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func(context.Context) error { feeds.Close(); return nil })
	k.hearing = newHearing(feeds.Status, k.cache, tel.Log)
	k.start(ctx, feeds, schema, tel.Log)
	a.background(k.hearing.run)
	tel.ObserveCache(k.state)
	tel.ObserveFeeds(k.hearing.feeds)
	return k, nil
}

// cacheSchema begins the keys of all that is kept: what its bytes mean, and whose rows they are. Instances
// that find different ones share no values; what changes is forgotten in all that a Redis has, whoever tells,
// so that it would cost hits and nothing else if two of one fleet did not agree.
func (a *app) cacheSchema(ctx context.Context, c Config) (string, error) {
	name := c.CacheName
	if name == "" {
		id, err := a.store.Identity(ctx)
		if err != nil {
			return "", fmt.Errorf("tell the databases from others: %w", err)
		}
		name = "=" + id // which nobody can set
	}
	sum := sha256.Sum256([]byte(store.CacheLayout + " " + name))
	return hex.EncodeToString(sum[:6]), nil // as long as the layout alone: keys are sent with each call
}

// start waits until it is known whether changes can be heard, and says so.
func (k *keeping) start(ctx context.Context, feeds *feed.Feed, schema string, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, feedsSettle)
	defer cancel()
	_ = feeds.Settled(ctx) // what is not known yet shows below
	k.hearing.listen(time.Now())
	heard := 0
	for _, s := range feeds.Status() {
		switch {
		case isHeard(s), s.State == feed.Preparing:
			heard++
		case s.State == feed.Standby: // of another release, or none yet; hearing tells if it lasts
		default:
			args := []any{"shard", s.Shard, "state", string(s.State), "err", s.Err}
			if u, ok := errors.AsType[*feed.UnavailableError](s.Err); ok {
				args = []any{"shard", s.Shard, "because", u.Problem, "do", u.Fix}
			}
			log.Warn("changes of a shard are not heard: the cache serves nothing that is older than five seconds", args...)
		}
	}
	log.Debug("keeping", "what", k.spaces)
	log.Info("keeping what is read", "mode", k.mode, "kinds", len(k.spaces), "redis", k.cache.IsAvailable(),
		"shards", len(feeds.Status()), "heard", heard, "keys", schema)
}

// String is a line about it for people.
func (k *keeping) String() string {
	heard, feeds := 0, k.hearing.status()
	for _, s := range feeds {
		if isHeard(s) {
			heard++
		}
	}
	return fmt.Sprintf("%s, of %d kinds; changes are heard of %d of %d shards", k.mode, len(k.spaces), heard, len(feeds))
}

// state is that of the cache for the metrics.
func (k *keeping) state() telemetry.CacheState {
	s := telemetry.CacheState{
		Redis: k.cache.IsAvailable(), Local: k.cache.ServesLocally(), Limited: k.cache.IsLimited(), LocalBytes: k.cache.LocalBytes(),
	}
	s.Loading, s.Waiting = k.cache.Gate().Load()
	return s
}
