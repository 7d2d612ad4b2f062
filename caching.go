package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/store"
	"backline/store/feed"
)

const (
	// unheard is for how long rows are kept where changes cannot be heard.
	unheard = 5 * time.Second
	// feedsSettle bounds how long the start waits to find out.
	feedsSettle = 5 * time.Second
	// keepWAL is what a shard may keep for a reader that is away; then all is forgotten instead.
	keepWAL = 1 << 30
)

// openCache joins change feed, cache and loaders, unless the cache is off: then it is nil.
func (a *app) openCache(ctx context.Context, c Config, urls []string, log *slog.Logger) (*fieldcache.Cache, error) {
	spaces := loaders.Spaces()
	if c.Cache == cacheOff || len(spaces) == 0 {
		return nil, nil //nolint:nilnil // as promised
	}
	changes := changes{invalidator: fieldcache.NewInvalidator(a.redis, "", store.CacheLayout)}
	feeding := feed.Config{Log: log, KeepBytes: keepWAL}
	for i, table := range loaders.Kept() {
		feeding.Tables = append(feeding.Tables, feed.Table{Name: table, Columns: []string{"id"}})
		changes.spaces = append(changes.spaces, spaces[i].Name)
	}
	for i, url := range urls {
		feeding.Shards = append(feeding.Shards, feed.Shard{Name: string(a.store.Topology().Name(i)), URL: url})
	}
	feeding.Sink = changes
	feeds, err := feed.Start(feeding)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func(context.Context) error { feeds.Close(); return nil })
	if !heard(ctx, feeds, log) {
		for i := range spaces {
			spaces[i].Policy.TTL = min(spaces[i].Policy.TTL, unheard)
			spaces[i].Policy.StaleWhileRevalidate = 0
		}
	}
	cache, err := fieldcache.New(fieldcache.Config{
		Redis: a.redis, Spaces: spaces, Schema: store.CacheLayout, LocalBytes: c.CacheBytes, Log: log,
	})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func(context.Context) error { cache.Close(); return nil })
	return cache, nil
}

// heard says whether the changes of all shards are read, by this process or another.
func heard(ctx context.Context, feeds *feed.Feed, log *slog.Logger) bool {
	ctx, cancel := context.WithTimeout(ctx, feedsSettle)
	defer cancel()
	_ = feeds.Settled(ctx) // what is not known yet shows below
	all := true
	for _, s := range feeds.Status() {
		switch s.State {
		case feed.Reading, feed.Standby, feed.Preparing:
		default:
			log.Warn("changes of a shard are not heard: cached rows may be five seconds old", "shard", s.Shard, "state", s.State, "err", s.Err)
			all = false
		}
	}
	return all
}

// changes invalidates what a feed says has changed.
type changes struct {
	invalidator *fieldcache.Invalidator
	spaces      []string // by table
}

// Apply names the rows of a batch.
func (c changes) Apply(ctx context.Context, _ string, batch feed.Batch) error {
	refs := make([]fieldcache.Ref, 0, len(batch.Changes))
	for _, change := range batch.Changes {
		space := c.spaces[change.Table]
		if change.Op == feed.Truncate {
			refs = append(refs, fieldcache.Ref{Space: space})
			continue
		}
		for _, row := range []feed.Row{change.Old, change.New} {
			if len(row) == 0 || !row[0].Known() {
				continue // its id is that of the other
			}
			id, _ := row[0].Int() // 0 stands for all
			refs = append(refs, fieldcache.Ref{Space: space, ID: id})
		}
	}
	return c.invalidator.Invalidate(ctx, refs...)
}

// Flush forgets everything: rows of one shard cannot be told from those of others.
func (c changes) Flush(ctx context.Context, shard, reason string) error {
	if err := c.invalidator.Invalidate(ctx, fieldcache.Ref{}); err != nil {
		return fmt.Errorf("flush after %s on shard %s: %w", reason, shard, err)
	}
	return nil
}
