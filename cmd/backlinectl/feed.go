package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"backline/store"
	"backline/store/feed"
)

type feedCommand struct {
	Status feedStatus `cmd:"" help:"Tell whether each shard's changes are read, and how much WAL is kept for that."`
	Remove feedRemove `cmd:"" help:"Take the change feeds away, so that the shards keep no WAL for them."`
}

// feedStatus is `backlinectl feed status`.
type feedStatus struct {
	Databases databasesFlag `embed:""`
}

// Help is what `--help` adds.
func (*feedStatus) Help() string {
	return `A shard keeps its WAL from where the feed has read to, also while no server runs.

Examples:

  BACKLINE_POSTGRES_URLS=… backlinectl feed status`
}

// Run asks all shards.
func (f *feedStatus) Run(c *console) error {
	slots, err := f.Databases.slots(c)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SHARD\tFEED\tWAL KEPT, MiB")
	for i, s := range slots {
		fmt.Fprintf(table, "%d\t%s\t%d\n", i, stateOf(s), s.KeptBytes>>20)
	}
	return table.Flush()
}

func stateOf(s feed.Slot) string {
	switch {
	case !s.Exists:
		return "none"
	case s.Read:
		return "read"
	default:
		return "nobody reads"
	}
}

// slots looks at the feeds of all shards.
func (f databasesFlag) slots(c *console) ([]feed.Slot, error) {
	urls := store.SplitURLs(f.PostgresURLs)
	if len(urls) == 0 {
		return nil, errNoDatabase
	}
	slots := make([]feed.Slot, len(urls))
	for i, url := range urls {
		var err error
		if slots[i], err = feed.SlotOf(c.ctx, url); err != nil {
			return nil, fmt.Errorf("look at shard %d: %w", i, err)
		}
	}
	return slots, nil
}

// feedRemove is `backlinectl feed remove`.
type feedRemove struct {
	Databases databasesFlag `embed:""`
}

// Help is what `--help` adds.
func (*feedRemove) Help() string {
	return `Do this when the cache is switched off for good: end the servers that run with it, or start them with --cache=off,
then remove the feeds. While a server reads nothing is removed: it would make all of it anew. Later servers with the
cache on begin new feeds, and forget what was kept before.

Examples:

  BACKLINE_POSTGRES_URLS=… backlinectl feed remove`
}

// Run removes slot, publication and state on all shards, or nothing.
func (f *feedRemove) Run(c *console) error {
	slots, err := f.Databases.slots(c)
	if err != nil {
		return err
	}
	for i, s := range slots {
		if s.Read {
			return fmt.Errorf("the changes of shard %d are being read: end the servers that run with --cache, or start them with --cache=off", i)
		}
	}
	for i, url := range store.SplitURLs(f.Databases.PostgresURLs) {
		if err := feed.Remove(c.ctx, url); err != nil {
			return fmt.Errorf("on shard %d: %w", i, err)
		}
		if slots[i].Exists {
			fmt.Fprintf(c.out, "shard %d: removed, which frees %d MiB of WAL\n", i, slots[i].KeptBytes>>20)
		} else {
			fmt.Fprintf(c.out, "shard %d: there was none\n", i)
		}
	}
	return nil
}

var errNoDatabase = errors.New("--postgres-urls (BACKLINE_POSTGRES_URLS) names no database")
