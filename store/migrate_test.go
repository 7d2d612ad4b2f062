package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"backline/store"
	"backline/store/migrations"
	"backline/store/storetest"
)

// files are migrations 1 to n: each makes the table mN.
func files(n int) fstest.MapFS {
	f := fstest.MapFS{}
	for i := 1; i <= n; i++ {
		f[fmt.Sprintf("%04d_m%d.sql", i, i)] = sqlFile(fmt.Sprintf("CREATE TABLE m%d (id bigint);", i))
	}
	return f
}

func sqlFile(sql string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\n" + sql + "\n")}
}

func empty(t testing.TB, shards int, options ...storetest.Option) *storetest.Cluster {
	t.Helper()
	return storetest.NewCluster(t, shards, append(options, storetest.WithMigrations(nil))...)
}

func names(applied []store.Applied) []string {
	var out []string
	for _, a := range applied {
		out = append(out, string(a.Shard)+" "+a.File)
	}
	return out
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	c := empty(t, 4)
	var told []string
	applied, err := c.Store.Migrate(t.Context(), files(2), func(shard, file string) { told = append(told, shard+" "+file) })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"0 0001_m1.sql", "0 0002_m2.sql", "1 0001_m1.sql", "1 0002_m2.sql", "2 0001_m1.sql", "2 0002_m2.sql", "3 0001_m1.sql", "3 0002_m2.sql"}
	if got := names(applied); !slices.Equal(got, want) {
		t.Errorf("applied %q", got)
	}
	slices.Sort(told)
	if !slices.Equal(told, want) {
		t.Errorf("progress %q", told)
	}
	c.Exec(t, "SELECT FROM m1, m2")
	if applied, err := c.Store.Migrate(t.Context(), files(2), nil); err != nil || len(applied) != 0 {
		t.Errorf("again: %v, %v", names(applied), err)
	}
	if applied, err := c.Store.Migrate(t.Context(), files(3), nil); err != nil || len(applied) != 4 {
		t.Errorf("a third: %v, %v", names(applied), err)
	}
}

func TestMigrateByManyInstances(t *testing.T) {
	t.Parallel()
	c := empty(t, 2)
	f := files(4)
	// It cannot run in a transaction, and waits for every snapshot that is older.
	f["0005_index.sql"] = &fstest.MapFile{Data: []byte("-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY m1_id ON m1 (id);\n")}
	var mu sync.Mutex
	var all []string
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), store.Config{URLs: c.URLs})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			applied, err := s.Migrate(t.Context(), f, nil)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, names(applied)...)
		})
	}
	wg.Wait()
	slices.Sort(all)
	if unique := slices.Compact(slices.Clone(all)); len(all) != 10 || len(unique) != 10 {
		t.Errorf("applied %q", all)
	}
}

func TestMigrateNamesShardAndFileAndContinues(t *testing.T) {
	t.Parallel()
	c := empty(t, 3)
	c.ExecOn(t, 1, "CREATE TABLE m2 ()")
	f := files(3)
	f["0002_m2.sql"] = sqlFile("CREATE TABLE half_done ();\nCREATE TABLE m2 (id bigint);")
	applied, err := c.Store.Migrate(t.Context(), f, nil)
	if err == nil || !strings.Contains(err.Error(), "migrate shard 1: apply 0002_m2.sql: ") || !strings.Contains(err.Error(), `relation "m2" already exists`) || strings.Contains(err.Error(), "shard 0") {
		t.Errorf("error %v", err)
	}
	want := []string{"0 0001_m1.sql", "0 0002_m2.sql", "0 0003_m3.sql", "1 0001_m1.sql", "2 0001_m1.sql", "2 0002_m2.sql", "2 0003_m3.sql"}
	if got := names(applied); !slices.Equal(got, want) {
		t.Errorf("applied %q", got)
	}
	c.ExecOn(t, 1, "DROP TABLE m2")
	applied, err = c.Store.Migrate(t.Context(), f, nil)
	if got := names(applied); err != nil || !slices.Equal(got, []string{"1 0002_m2.sql", "1 0003_m3.sql"}) {
		t.Errorf("then applied %q, %v", got, err)
	}
}

func TestMigrateIsNotBoundByTheTimeout(t *testing.T) {
	t.Parallel()
	c := empty(t, 1, storetest.WithTimeout(3*time.Second))
	f := fstest.MapFS{"0001_slow.sql": sqlFile("SELECT pg_sleep(4);")}
	if _, err := c.Store.Migrate(t.Context(), f, nil); err != nil {
		t.Error(err)
	}
}

// TestMigrateInterrupted ends a run in the middle of a migration, as Ctrl-C does.
func TestMigrateInterrupted(t *testing.T) {
	t.Parallel()
	c := empty(t, 1)
	f := files(3)
	f["0002_m2.sql"] = sqlFile("CREATE TABLE m2 (id bigint);\nSELECT pg_sleep(3600);")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := c.Store.Migrate(ctx, f, nil)
		ended <- err
	}()
	waitUntil(t, func() bool {
		n := 0
		err := c.Store.Pools()[0].QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(3600)%' AND datname = current_database()").Scan(&n)
		return err == nil && n == 1
	})
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "0002_m2.sql") {
		t.Errorf("the interrupted run says %v", err)
	}
	applied, err := c.Store.Migrate(t.Context(), files(3), nil) // the lock is free again
	if got := names(applied); err != nil || !slices.Equal(got, []string{"0 0002_m2.sql", "0 0003_m3.sql"}) {
		t.Errorf("then applied %q, %v", got, err)
	}
}

func TestMigrateWaitsForTheLock(t *testing.T) {
	t.Parallel()
	c := empty(t, 1)
	other, err := c.Store.Pools()[0].Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	if _, err := other.Exec(t.Context(), "SELECT pg_advisory_lock(4097083626)"); err != nil { // goose's
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("waited long enough")
	go func() {
		defer cancel(enough)
		waitUntil(t, func() bool { // until it has asked, and idles until it asks again
			n := 0
			err := other.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'backline migrate' AND datname = current_database() AND state = 'idle' AND query LIKE '%pg_try_advisory_lock%'").Scan(&n)
			return err == nil && n == 1
		})
	}()
	applied, err := c.Store.Migrate(ctx, files(1), nil)
	if len(applied) != 0 || !errors.Is(err, enough) || !strings.Contains(err.Error(), "wait for another instance") {
		t.Errorf("applied %v, %v", names(applied), err)
	}
}

func TestMigrateRefuses(t *testing.T) {
	t.Parallel()
	t.Run("a shard that is newer", func(t *testing.T) {
		t.Parallel()
		c := empty(t, 2)
		one, err := store.Open(t.Context(), store.Config{URLs: c.URLs[1:]})
		if err != nil {
			t.Fatal(err)
		}
		defer one.Close()
		if _, err := one.Migrate(t.Context(), files(3), nil); err != nil {
			t.Fatal(err)
		}
		applied, err := c.Store.Migrate(t.Context(), files(2), nil)
		var newer *store.NewerError
		if !errors.As(err, &newer) || newer.At != 3 || newer.Newest != 2 || !strings.Contains(err.Error(), "migrate shard 1: it has migration 0003 and this program knows them up to 0002 only") {
			t.Errorf("error %v", err)
		}
		if len(applied) != 2 {
			t.Errorf("applied %v", names(applied))
		}
	})
	t.Run("a migration that came too late", func(t *testing.T) {
		t.Parallel()
		c := empty(t, 1)
		late := files(3)
		delete(late, "0002_m2.sql")
		if _, err := c.Store.Migrate(t.Context(), late, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Store.Migrate(t.Context(), files(3), nil); err == nil || !strings.Contains(err.Error(), "migrate shard 0: ") || !strings.Contains(err.Error(), "2") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("files that are none", func(t *testing.T) {
		t.Parallel()
		c := empty(t, 1)
		if _, err := c.Store.Migrate(t.Context(), fstest.MapFS{}, nil); err == nil {
			t.Error("no files are accepted")
		}
		f := files(2)
		f["0002_m2.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE m2 ();")}
		if _, err := c.Store.Migrate(t.Context(), f, nil); err == nil || !strings.Contains(err.Error(), "0002_m2.sql") {
			t.Errorf("error %v", err)
		}
	})
}

func TestMigrationStatus(t *testing.T) {
	t.Parallel()
	c := empty(t, 2)
	one, err := store.Open(t.Context(), store.Config{URLs: c.URLs[:1]})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	if _, err := one.Migrate(t.Context(), files(2), nil); err != nil {
		t.Fatal(err)
	}
	s, err := c.Store.MigrationStatus(t.Context(), files(3))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s); got != "[{0 2 [0003_m3.sql]} {1 0 [0001_m1.sql 0002_m2.sql 0003_m3.sql]}]" {
		t.Errorf("status %s", got)
	}
	c.ExecOn(t, 1, "CREATE TABLE goose_db_version ()") // status has not made it
}

// TestProductMigrations applies the product's migrations, holds them against the schema, takes them
// back and applies them again.
func TestProductMigrations(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t, 2)
	if err := c.Store.Check(t.Context(), nil); err != nil {
		t.Error(err)
	}
	for _, pool := range c.Store.Pools() {
		db := stdlib.OpenDBFromPool(pool)
		p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.DownTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	var missing *store.SchemaError
	if err := c.Store.Check(t.Context(), nil); !errors.As(err, &missing) || len(missing.Differences) == 0 {
		t.Errorf("without tables Check says %v", err)
	}
	if _, err := c.Store.Migrate(t.Context(), migrations.Files, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Store.Check(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
