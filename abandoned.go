package main

import (
	"context"
	"log/slog"
	"time"

	"backline/store/feed"
)

// looksFor bounds the look for feeds that nobody reads.
const looksFor = 2 * time.Second

// withoutCache sees to the feeds that nobody may read any more. Those of the server's own shards are
// taken away, since nobody else can read them; of somebody else's it speaks.
func (a *app) withoutCache(c Config, urls []string, log *slog.Logger) {
	if c.Cache == "" {
		log.Info("nothing is kept of what is read: --cache=fields turns the field cache on, where the shards have wal_level = logical")
	}
	follow := warnOfFeeds
	if c.PostgresURLs == "" {
		follow = removeFeeds
	}
	a.background(func(ctx context.Context) { follow(ctx, urls, log) })
}

// removeFeeds takes the feeds of the shards away, and with them the WAL that is kept for them.
func removeFeeds(ctx context.Context, urls []string, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, looksFor)
	defer cancel()
	for i, url := range urls {
		if slot, err := feed.SlotOf(ctx, url); err == nil && !slot.Exists {
			continue
		}
		if err := feed.Remove(ctx, url); err != nil {
			log.Warn("a shard keeps WAL for a change feed that nobody reads, and it cannot be taken away", "shard", i, "err", err)
			continue
		}
		log.Info("the change feed of a shard is taken away, since nothing is kept", "shard", i)
	}
}

// warnOfFeeds says where a shard keeps WAL for a change feed that nobody reads. This server reads none,
// but others may: so it takes nothing away.
func warnOfFeeds(ctx context.Context, urls []string, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, looksFor)
	defer cancel()
	for i, url := range urls {
		slot, err := feed.SlotOf(ctx, url)
		if err != nil {
			log.Debug("cannot tell whether a shard keeps WAL for a change feed", "shard", i, "err", err)
			continue
		}
		if slot.Exists && !slot.Read {
			log.Warn("a shard keeps WAL for a change feed that nobody reads: if no server runs with --cache any more, backlinectl feed remove takes it away",
				"shard", i, "bytes", slot.KeptBytes)
		}
	}
}
