package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// maxBatchBytes bounds the texts in a batch; one row may go over it.
const maxBatchBytes = 1 << 20

// Shard is a database whose changes are wanted.
type Shard struct {
	Name string
	// URL of the primary. A pooler in between must pass replication through.
	URL string
}

// Config says what to read, and who takes it.
type Config struct {
	Shards []Shard
	Tables []Table
	Sink   Sink
	// Follows says what Sink makes of changes, a line for each thing, in the same words in all versions of
	// a program. A reader that lacks some of another process' lines does not tell all that it needs
	// (Status.Covers); one that has more than the reader takes its place, after a flush.
	Follows []string
	// Observer may be nil.
	Observer Observer
	// Log may be nil.
	Log *slog.Logger
	// BatchSize is how many changes a batch has at most; 0 means 1024.
	BatchSize int
	// SinkTimeout bounds one call of the sink; 0 means 5 seconds. A sink that fails or takes longer
	// loses the shard to another process, if there is one.
	SinkTimeout time.Duration
	// KeepBytes bounds the WAL that waits for a reader, where max_slot_wal_keep_size cannot be set: a
	// slot that is further behind when a reader begins is given up, and the sink flushed. It does
	// nothing while no process runs. 0 means that there is no bound but Postgres'.
	KeepBytes int64
	// Now is the clock that lag is measured with; nil means time.Now. It should agree with those of
	// the shards.
	Now func() time.Time

	timing timing // for tests
}

// Feed reads the changes of shards. It is safe for concurrent use.
type Feed struct {
	readers []*reader
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Start begins to read, or to wait until other processes cease to. A shard that cannot be reached,
// or can have no feed, is no error: see [Feed.Status].
func Start(c Config) (*Feed, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("start the change feed: %w", err)
	}
	f := &Feed{}
	for _, s := range c.Shards {
		conn, err := connConfig(s.URL, c.timing)
		if err != nil {
			return nil, fmt.Errorf("start the change feed of shard %s: %w", s.Name, err)
		}
		f.readers = append(f.readers, &reader{shard: s.Name, config: &c, conn: conn, board: newBoard(s.Name), log: c.Log})
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	for _, r := range f.readers {
		f.running.Go(func() { r.run(ctx) })
	}
	return f, nil
}

func (c *Config) complete() error {
	c.Shards, c.Tables, c.Follows = slices.Clone(c.Shards), slices.Clone(c.Tables), slices.Clone(c.Follows)
	switch {
	case c.Sink == nil:
		return errors.New("nobody takes the changes")
	case len(c.Tables) == 0:
		return errors.New("there are no tables")
	}
	for i, t := range c.Tables {
		if slices.ContainsFunc(c.Tables[:i], func(o Table) bool { return o.Name == t.Name }) {
			return fmt.Errorf("table %s is there twice", t.Name)
		}
	}
	if c.Observer == nil {
		c.Observer = ignore{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.BatchSize <= 0 {
		c.BatchSize = 1024
	}
	if c.SinkTimeout <= 0 {
		c.SinkTimeout = 5 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.timing == (timing{}) {
		c.timing = usualTiming()
	}
	return nil
}

// Status says how each shard's feed is, in the order of Config.Shards. It asks nobody.
func (f *Feed) Status() []Status {
	all := make([]Status, len(f.readers))
	for i, r := range f.readers {
		all[i] = r.board.get()
	}
	return all
}

// Settled waits until it is known of each shard whether it has a feed, for the first time.
func (f *Feed) Settled(ctx context.Context) error {
	for _, r := range f.readers {
		select {
		case <-r.board.settled:
		case <-ctx.Done():
			return fmt.Errorf("wait for the change feed of shard %s: %w", r.shard, context.Cause(ctx))
		}
	}
	return nil
}

// Close ends the reading: calls of the sink end, the shards are told what was applied, and the locks
// are given back. The slots stay, and keep the WAL for the next reader; see [Remove].
func (f *Feed) Close() {
	f.cancel()
	f.running.Wait()
}

// Remove takes away what feeds have made in a database: the slot, the publication and the table
// feed_state. Without a reader a slot makes its server keep WAL, so remove it when no process is to
// read it again. A reader that still runs would make all of it anew.
func Remove(ctx context.Context, url string) (err error) {
	config, err := connConfig(url, usualTiming())
	if err != nil {
		return fmt.Errorf("remove the change feed: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("remove the change feed: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	p := &preparation{conn: conn, log: slog.New(slog.DiscardHandler)}
	for _, step := range []func(context.Context) error{p.nameSlot, p.readSlot, p.dropSlot} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("remove the change feed: %w", err)
		}
	}
	for _, sql := range []string{"DROP PUBLICATION IF EXISTS " + publication, "DROP TABLE IF EXISTS feed_state"} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("remove the change feed: %w", err)
		}
	}
	return nil
}
