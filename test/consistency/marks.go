package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"backline/test/fleet"
)

const (
	// trust is for how long a process serves its own values without a word of the stream; it is what
	// the field cache promises.
	trust = 500 * time.Millisecond
	// markEvery is how finely the horizon is known.
	markEvery = 20 * time.Millisecond
	// firstMark is the id of the first mark, a genre that no track has.
	firstMark = 1 << 40
	mediaType = 1 << 39 // of all tracks
	stream    = "{backline:cache}:stream"
)

// marks are rows that are written into each shard all the time, and listened for in the stream of
// invalidations: when one is heard, all that was committed before it in its shard has been deleted from
// Redis.
type marks struct {
	pools  []*pgxpool.Pool
	client *redis.Client
	since  func() time.Duration

	mu    sync.Mutex
	next  int64
	sent  map[int64]mark
	heard [][]mark // by shard, in the order in which they were heard
	more  chan struct{}
}

// mark is one row.
type mark struct {
	shard      int
	call, told time.Duration // when it was sent to the shard, when the stream told of it
}

func newMarks(pools []*pgxpool.Pool, client *redis.Client, since func() time.Duration) *marks {
	return &marks{
		pools: pools, client: client, since: since, next: firstMark, sent: map[int64]mark{},
		heard: make([][]mark, len(pools)), more: make(chan struct{}),
	}
}

// write writes a mark into a shard and removes the one before.
func (m *marks) write(ctx context.Context, shard int, before int64) (int64, error) {
	m.mu.Lock()
	id := m.next
	m.next++
	m.sent[id] = mark{shard: shard, call: m.since()}
	m.mu.Unlock()
	_, err := m.pools[shard].Exec(ctx, "WITH old AS (DELETE FROM genre WHERE id = $2) INSERT INTO genre (id, name) VALUES ($1, 'mark')", id, before)
	if err != nil {
		return id, fmt.Errorf("mark shard %d: %w", shard, err)
	}
	return id, nil
}

// run writes marks until ctx ends.
func (m *marks) run(ctx context.Context) error {
	errs := make([]error, len(m.pools))
	var wg sync.WaitGroup
	for shard := range m.pools {
		wg.Go(func() {
			tick := time.NewTicker(markEvery)
			defer tick.Stop()
			for before := int64(0); ctx.Err() == nil; {
				if before, errs[shard] = m.write(context.WithoutCancel(ctx), shard, before); errs[shard] != nil {
					return
				}
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// listen hears the stream until ctx ends, through all that happens to Redis.
func (m *marks) listen(ctx context.Context) {
	from := "0"
	for ctx.Err() == nil {
		answer, err := m.client.XRead(ctx, &redis.XReadArgs{Streams: []string{stream, from}, Count: 1000, Block: 100 * time.Millisecond}).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			pause(ctx, 5*time.Millisecond)
			continue
		}
		told := m.since()
		for _, s := range answer {
			for _, entry := range s.Messages {
				from = entry.ID
				what, _ := entry.Values["what"].(string)
				m.hear(what, told)
			}
		}
	}
}

func (m *marks) hear(what string, told time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for line := range strings.Lines(what) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "Genre ")
		if !ok {
			continue
		}
		id, err := strconv.ParseInt(text, 36, 64)
		mark, ok := m.sent[id]
		if err != nil || !ok {
			continue
		}
		delete(m.sent, id) // what is told again tells nothing new
		mark.told = told
		m.heard[mark.shard] = append(m.heard[mark.shard], mark)
	}
	close(m.more)
	m.more = make(chan struct{})
}

// await waits until a mark that was sent at a time or later has been heard of each shard.
func (m *marks) await(ctx context.Context, sent time.Duration) error {
	for shard := range m.heard {
		if err := m.awaitOf(ctx, shard, sent); err != nil {
			return err
		}
	}
	return nil
}

func (m *marks) awaitOf(ctx context.Context, shard int, sent time.Duration) error {
	for {
		m.mu.Lock()
		more := m.more
		isHeard := slices.ContainsFunc(m.heard[shard], func(k mark) bool { return k.call >= sent })
		m.mu.Unlock()
		if isHeard {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("wait for the change feed: %w", context.Cause(ctx))
		}
	}
}

// horizon is that of the marks heard until now.
func (m *marks) horizon() horizon {
	m.mu.Lock()
	defer m.mu.Unlock()
	told := make([][]mark, len(m.heard))
	for i, heard := range m.heard {
		told[i] = slices.Clone(heard)
		for j := 1; j < len(heard); j++ { // a mark may be heard before an earlier one
			told[i][j].call = max(told[i][j].call, told[i][j-1].call)
		}
	}
	return func(shard int, sent time.Duration) time.Duration {
		n, _ := slices.BinarySearchFunc(told[shard], sent-trust, func(k mark, t time.Duration) int {
			if k.told <= t {
				return -1
			}
			return 1
		})
		if n == 0 {
			return 0
		}
		return min(sent, told[shard][n-1].call)
	}
}

// lags are the times from sending a commit until the stream told, of the marks that were sent between two times.
func (m *marks) lags(from, to time.Duration) (lags []time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, heard := range m.heard {
		for _, k := range heard {
			if k.call >= from && k.call < to {
				lags = append(lags, k.told-k.call)
			}
		}
	}
	return lags
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// openPools connects to the shards as somebody at psql would: past the server.
func openPools(ctx context.Context, f *fleet.Fleet, connections int) ([]*pgxpool.Pool, error) {
	var pools []*pgxpool.Pool
	for _, url := range f.Shards.PostgresURLs() {
		c, err := pgxpool.ParseConfig(url)
		if err != nil {
			return pools, err
		}
		c.MaxConns = int32(connections)
		p, err := pgxpool.NewWithConfig(ctx, c)
		if err != nil {
			return pools, err
		}
		pools = append(pools, p)
	}
	return pools, nil
}
