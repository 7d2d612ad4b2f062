package main

import (
	"context"
	"log/slog"
	"time"

	"backline/store/feed"
)

// looksFor bounds the look for feeds that nobody reads.
const looksFor = 2 * time.Second

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
