package data

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store"
	"backline/store/embedded"
	"backline/store/migrations"
	"backline/store/seed"
)

// Cluster is a number of Postgres servers with the catalogue, and a Redis.
type Cluster struct {
	Shards int
	// URLs of the shards, as Unix sockets, and the same by TCP for clients that want a host.
	URLs, TCPURLs []string
	RedisURL      string
	// Postgres and Redis are the process ids of the servers.
	Postgres []int
	Redis    int
	// Dir is where the data and the logs are.
	Dir string
	// Version is Postgres' own description of itself.
	Version string

	embedded *embedded.Cluster
}

// Open starts the servers and seeds them if they are empty. Equal scales give equal rows on every
// number of shards.
func Open(ctx context.Context, dir string, shards int, scale float64, progress func(string)) (*Cluster, error) {
	bin, err := roomyPostgres(filepath.Join(dir, "bin"))
	if err != nil {
		return nil, err
	}
	dir = filepath.Join(dir, "scale-"+strconv.FormatFloat(scale, 'g', -1, 64), strconv.Itoa(shards)+"-shards")
	e, err := embedded.Start(ctx, embedded.Options{Dir: dir, Shards: shards, Redis: true, PostgresBin: bin, Progress: progress})
	if err != nil {
		return nil, err
	}
	c := &Cluster{
		Shards: shards, URLs: e.PostgresURLs(), TCPURLs: e.PostgresTCPURLs(), RedisURL: e.RedisURL(), Dir: dir, embedded: e,
	}
	for _, p := range e.Processes() {
		if strings.HasPrefix(p.Name, "shard-") {
			c.Postgres = append(c.Postgres, p.PID)
		} else {
			c.Redis = p.PID
		}
	}
	if err := c.fill(ctx, scale, progress); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cluster) fill(ctx context.Context, scale float64, progress func(string)) error {
	s, err := store.Open(ctx, store.Config{URLs: c.URLs, MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.Migrate(ctx, migrations.Files, nil); err != nil {
		return err
	}
	if err := s.Pools()[0].QueryRow(ctx, "SELECT version()").Scan(&c.Version); err != nil {
		return fmt.Errorf("ask for the version of Postgres: %w", err)
	}
	target := seed.Target{Topology: s.Topology(), Pools: s.Pools()}
	empty, err := seed.IsEmpty(ctx, target)
	if err != nil || !empty {
		return err
	}
	progress(fmt.Sprintf("seeding %d shard(s) at scale %g, this once", c.Shards, scale))
	start := time.Now()
	report, err := seed.Demo(ctx, target, seed.DemoOptions{Scale: scale}, nil)
	if err != nil {
		return err
	}
	progress(fmt.Sprintf("seeded %s in %s", report, time.Since(start).Round(time.Second)))
	return c.each(ctx, "CHECKPOINT") // not in the middle of a measurement
}

// each runs a command on every shard.
func (c *Cluster) each(ctx context.Context, sql string) error {
	for _, url := range c.URLs {
		if err := c.exec(ctx, url, sql); err != nil {
			return fmt.Errorf("run %s: %w", sql, err)
		}
	}
	return nil
}

func (c *Cluster) exec(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

// Rows counts the rows of the tables that the benchmark is about.
func (c *Cluster) Rows(ctx context.Context) (map[string]int64, error) {
	rows := map[string]int64{}
	for _, url := range c.URLs {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return nil, err
		}
		defer conn.Close(ctx)
		for _, table := range []string{"artist", "album", "track", "customer", "invoice", "invoice_line"} {
			var n int64
			if err := conn.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
				return nil, fmt.Errorf("count %s: %w", table, err)
			}
			rows[table] += n
		}
	}
	return rows, nil
}

// Close stops the servers. The data stays.
func (c *Cluster) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return c.embedded.Stop(ctx)
}
