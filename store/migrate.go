package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"backline/store/shard"
)

// lockPoll is how often an instance looks whether another has ended its migrations.
const lockPoll = 50 * time.Millisecond

// Applied is one migration that [Store.Migrate] applied to one shard.
type Applied struct {
	Shard shard.Name
	File  string
	Took  time.Duration
}

// Migrate brings every shard to the newest of the migrations in fsys (NNNN_name.sql in goose's
// format), all shards at once. Each migration is a transaction of its own, so a run that was killed
// continues where it ended. Instances that start together wait for one another, shard by shard. The
// store's timeout does not apply; ctx does.
//
// progress may be nil; it is called after each migration, by one goroutine at a time. The result
// holds what was applied, shard by shard, also when there is an error: shards that did not fail are
// migrated to the end. A shard that has a migration newer than fsys is left alone, with an error.
func (s *Store) Migrate(ctx context.Context, fsys fs.FS, progress func(shard, file string)) ([]Applied, error) {
	applied := make([][]Applied, len(s.pools))
	var talk sync.Mutex
	err := s.eachShard(func(i int) error {
		name := s.topology.Name(i)
		return migrateShard(ctx, s.pools[i], fsys, func(file string, took time.Duration) {
			applied[i] = append(applied[i], Applied{name, file, took})
			if progress != nil {
				talk.Lock()
				defer talk.Unlock()
				progress(string(name), file)
			}
		})
	}, "migrate")
	var all []Applied
	for _, a := range applied {
		all = append(all, a...)
	}
	return all, err
}

// eachShard calls f for every shard at once and names the shards that failed, doing what.
func (s *Store) eachShard(f func(i int) error, what string) error {
	errs := make([]error, len(s.pools))
	var wg sync.WaitGroup
	for i := range s.pools {
		wg.Go(func() {
			if err := f(i); err != nil {
				errs[i] = fmt.Errorf("%s shard %s: %w", what, s.topology.Name(i), err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func migrateShard(ctx context.Context, pool *pgxpool.Pool, fsys fs.FS, applied func(file string, took time.Duration)) error {
	db := stdlib.OpenDB(*migrationConfig(pool))
	defer db.Close() //nolint:errcheck // ending its sessions releases the lock, whatever it says
	p, err := goose.NewProvider(goose.DialectPostgres, db, fsys, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	held, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer held.Close() //nolint:errcheck // as above
	if err := lockMigrations(ctx, held); err != nil {
		return err
	}
	at, newest, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if at > newest {
		return &NewerError{At: at, Newest: newest}
	}
	for {
		r, err := p.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if failed, ok := errors.AsType[*goose.PartialError](err); ok {
			return fmt.Errorf("apply %s: %w", path.Base(failed.Failed.Source.Path), failed.Err)
		}
		if err != nil {
			return err // of a file that cannot be read, and names it
		}
		applied(path.Base(r.Source.Path), r.Duration)
	}
}

// migrationConfig is for connections of their own, because those of the pool have the timeouts and
// the planner settings of queries, and an index may take hours to build.
func migrationConfig(pool *pgxpool.Pool) *pgx.ConnConfig {
	c := pool.Config().ConnConfig
	c.RuntimeParams["application_name"] = "backline migrate"
	c.RuntimeParams["statement_timeout"] = "0"
	delete(c.RuntimeParams, "plan_cache_mode")
	delete(c.RuntimeParams, "max_parallel_workers_per_gather")
	c.DefaultQueryExecMode = pgx.QueryExecModeExec // statements that run once are not worth preparing
	return c
}

// lockMigrations waits until no other instance migrates this shard. It asks again and again instead
// of waiting inside Postgres: a waiting statement holds a snapshot, and CREATE INDEX CONCURRENTLY in
// the other instance would wait for that.
func lockMigrations(ctx context.Context, c *sql.Conn) error {
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for asked := false; ; asked = true {
		locked := false
		// The number is goose's, so that its command line with a lock keeps off as well.
		err := c.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", lock.DefaultLockID).Scan(&locked)
		if err != nil && asked && ctx.Err() != nil {
			return fmt.Errorf("wait for another instance that migrates: %w", context.Cause(ctx))
		}
		if err != nil {
			return fmt.Errorf("take the lock for migrations: %w", err)
		}
		if locked {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for another instance that migrates: %w", context.Cause(ctx))
		}
	}
}

// NewerError says that a shard was migrated by a newer program than this one.
type NewerError struct {
	At     int64 // the newest migration that the shard has
	Newest int64 // the newest that this program knows
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("it has migration %04d and this program knows them up to %04d only; start the newer program that applied it", e.At, e.Newest)
}

// ShardMigrations is how far one shard is.
type ShardMigrations struct {
	Shard   shard.Name
	Version int64    // the newest migration applied, 0 for none
	Pending []string // files that wait, in order
}

// MigrationStatus says how far each shard is, and changes nothing.
func (s *Store) MigrationStatus(ctx context.Context, fsys fs.FS) ([]ShardMigrations, error) {
	all := make([]ShardMigrations, len(s.pools))
	err := s.eachShard(func(i int) error {
		all[i].Shard = s.topology.Name(i)
		db := stdlib.OpenDBFromPool(s.pools[i])
		defer db.Close() //nolint:errcheck // it was never used
		p, err := goose.NewProvider(goose.DialectPostgres, db, fsys, goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return err
		}
		versions, err := appliedVersions(ctx, s.pools[i])
		if err != nil {
			return err
		}
		has := make(map[int64]bool, len(versions))
		for _, v := range versions {
			has[v], all[i].Version = true, max(v, all[i].Version)
		}
		for _, f := range p.ListSources() {
			if !has[f.Version] {
				all[i].Pending = append(all[i].Pending, path.Base(f.Path))
			}
		}
		return nil
	}, "read the migrations of")
	return all, err
}

func appliedVersions(ctx context.Context, pool *pgxpool.Pool) ([]int64, error) {
	rows, err := pool.Query(ctx, "SELECT version_id FROM "+goose.DefaultTablename+" WHERE is_applied")
	var versions []int64
	if err == nil {
		versions, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" { // no such table: nothing was ever migrated
		return nil, nil
	}
	return versions, err
}
