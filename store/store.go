package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store/shard"
)

// Observer is told of every statement. Its methods are called from many goroutines.
type Observer interface {
	StatementStart(ctx context.Context, shard, statement string) context.Context
	StatementEnd(ctx context.Context, shard, statement string, rows int, took time.Duration, err error)
}

// Config says which databases to use and how.
type Config struct {
	// URLs of the Postgres primaries, one per shard, in the order of the topology.
	URLs []string
	// Topology maps buckets to shards; nil divides the buckets evenly over the URLs.
	Topology *shard.Topology
	// ReferenceShard answers for reference tables, which every shard holds. Instances that
	// choose different ones spread the load.
	ReferenceShard int
	// Timeout bounds all that the shards do for one wave; 0 means 2 seconds.
	Timeout time.Duration
	// MaxConns bounds the connections to each shard; 0 means 16.
	MaxConns int
	// Observer may be nil.
	Observer Observer
}

// Store is the sharded database. It is safe for concurrent use.
type Store struct {
	topology  *shard.Topology
	owned     []float64 // by each shard, of all buckets
	pools     []*pgxpool.Pool
	reference int
	timeout   time.Duration
	observer  Observer
	watch     watch
}

// Open connects to every shard. It fails if one cannot be reached, and names it.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{topology: c.Topology, reference: c.ReferenceShard, timeout: c.Timeout, observer: c.Observer}
	if s.timeout == 0 {
		s.timeout = 2 * time.Second
	}
	if s.topology == nil {
		t, err := shard.Even(len(c.URLs))
		if err != nil {
			return nil, fmt.Errorf("open the store: %w", err)
		}
		s.topology = t
	}
	if s.topology.Len() != len(c.URLs) {
		return nil, fmt.Errorf("open the store: %d database URLs for %d shards", len(c.URLs), s.topology.Len())
	}
	s.owned = owned(s.topology)
	if s.reference < 0 || s.reference >= len(c.URLs) {
		return nil, fmt.Errorf("open the store: reference shard %d of %d", s.reference, len(c.URLs))
	}
	for i, url := range c.URLs {
		pool, err := openPool(ctx, url, s.timeout, c.MaxConns)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("open shard %s: %w", s.topology.Name(i), err)
		}
		s.pools = append(s.pools, pool)
	}
	return s, nil
}

func openPool(ctx context.Context, url string, timeout time.Duration, maxConns int) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the database URL cannot be read") // pgx's message may hold the password
	}
	c.MaxConns = int32(maxConns) //nolint:gosec // a small number
	if maxConns == 0 {
		c.MaxConns = 16
	}
	c.MaxConnIdleTime = 5 * time.Minute
	p := c.ConnConfig.RuntimeParams
	for name, value := range map[string]string{
		"application_name": "backline",
		"timezone":         "UTC",
		// Our texts are prepared once and their plans do not depend on the values: planning anew
		// costs more than it gains, and for long arrays ends in sequential scans.
		"plan_cache_mode": "force_generic_plan",
		// What is asked for often lies in memory. At the default of 4 the planner reads an invoice's
		// lines with a bitmap and sorts them: 142 µs instead of 116.
		"random_page_cost":                "1.1",
		"jit":                             "off",
		"max_parallel_workers_per_gather": "0", // the order of rows within a parent must hold
		"statement_timeout":               fmt.Sprint(timeout.Milliseconds()),
	} {
		if _, given := p[name]; !given {
			p[name] = value
		}
	}
	// Without this handler pgx closes the connection whenever a context ends.
	c.ConnConfig.BuildContextWatcherHandler = func(pc *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: pc, CancelRequestDelay: 0, DeadlineDelay: cancelWithin}
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// Close waits until every connection is given back and closes it.
func (s *Store) Close() {
	for _, p := range s.pools {
		p.Close()
	}
	s.watch.stop()
}

// Topology is the map bucket → shard.
func (s *Store) Topology() *shard.Topology { return s.topology }

// Pools are the connection pools, one per shard, for migrations, seeds and operator tools.
func (s *Store) Pools() []*pgxpool.Pool { return s.pools }

// Ping asks every shard whether it answers.
func (s *Store) Ping(ctx context.Context) error {
	errs := make([]error, len(s.pools))
	var wg sync.WaitGroup
	for i, p := range s.pools {
		wg.Go(func() {
			if err := p.Ping(ctx); err != nil {
				errs[i] = fmt.Errorf("ping shard %s: %w", s.topology.Name(i), err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
