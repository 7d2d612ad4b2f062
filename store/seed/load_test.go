package seed

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store/shard"
)

var small = DemoOptions{Scale: 0.05}

// isEmpty is IsEmpty without its error, which ends the test.
func isEmpty(t *testing.T, target Target) bool {
	t.Helper()
	empty, err := IsEmpty(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	return empty
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// checkUntouched fails unless the shards are as the migrations left them.
func checkUntouched(t *testing.T, target Target, shapeBefore string) {
	t.Helper()
	if !isEmpty(t, target) {
		t.Error("the shards are not empty")
	}
	for _, l := range layouts {
		if n := scalar(t, target, "SELECT count(*) FROM "+l.name); n != 0 {
			t.Errorf("%d rows of %s were left behind", n, l.name)
		}
	}
	if got := shape(t, target); got != shapeBefore {
		t.Errorf("indexes or constraints have changed:\n%s\nwant\n%s", got, shapeBefore)
	}
}

func TestLoadLeavesShardsReadyToQuery(t *testing.T) {
	t.Parallel()
	target := setup(t, 2)
	before := shape(t, target)
	if !isEmpty(t, target) {
		t.Fatal("new shards are not empty")
	}
	if _, err := Demo(t.Context(), target, small, nil); err != nil {
		t.Fatal(err)
	}
	if isEmpty(t, target) {
		t.Error("seeded shards are empty")
	}
	if got := shape(t, target); got != before {
		t.Errorf("indexes or constraints have changed:\n%s\nwant\n%s", got, before)
	}
	if n := scalar(t, target, `SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace
		AND relkind = 'r' AND relpages > 0 AND (reltuples <= 0 OR relallvisible < relpages)
		AND relname NOT IN ('seed_state', 'goose_db_version')`); n != 0 {
		t.Errorf("%d tables have no statistics or need a vacuum", n)
	}
	// Foreign keys hold again for whoever comes after.
	if _, err := target.Pools[0].Exec(t.Context(), `INSERT INTO album (id, bucket, title, artist_id) VALUES (4096, 1, '', 4096)`); err == nil {
		t.Error("an album without artist is accepted")
	}
	if _, err := Demo(t.Context(), target, small, nil); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a second seed says %v, want ErrNotEmpty", err)
	}
}

func TestCancelledLoadLeavesNothing(t *testing.T) {
	t.Parallel()
	target := setup(t, 4)
	before := shape(t, target)
	for _, phase := range []Phase{Loading, Indexing} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Demo(ctx, target, small, func(p Phase, _, _ int64) {
			if p == phase {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled at %s: %v", phase, err)
		}
		checkUntouched(t, target, before)
	}
	if _, err := Demo(t.Context(), target, small, nil); err != nil {
		t.Errorf("seed after cancelled ones: %v", err)
	}
}

func TestOneBrokenShardKeepsAllEmpty(t *testing.T) {
	t.Parallel()
	target := setup(t, 4)
	exec(t, target.Pools[2], `ALTER TABLE customer ADD CONSTRAINT short CHECK (length(email) < 3)`)
	before := shape(t, target)
	_, err := Demo(t.Context(), target, small, nil)
	if err == nil || !strings.Contains(err.Error(), "seed shard 2: load customer: ") {
		t.Errorf("got %v, want an error that names shard and table", err)
	}
	checkUntouched(t, target, before)
}

// interrupt makes of a complete seed one that was killed between the commits of two shards.
func interrupt(t *testing.T, target Target, uncommitted ...int) {
	t.Helper()
	for i, pool := range target.Pools {
		exec(t, pool, `UPDATE seed_state SET complete = false`)
		if slices.Contains(uncommitted, i) {
			exec(t, pool, `TRUNCATE `+strings.Join(tableNames(), ", "))
			exec(t, pool, `DROP TABLE seed_state`)
		}
	}
}

func TestInterruptedSeedIsFinished(t *testing.T) {
	t.Parallel()
	target := setup(t, 4)
	report, err := Demo(t.Context(), target, small, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := contents(t, target)
	for _, uncommitted := range [][]int{{1, 3}, {}} {
		interrupt(t, target, uncommitted...)
		if !isEmpty(t, target) {
			t.Fatal("an interrupted seed is taken for a complete one")
		}
		var done, total int64
		again, err := Demo(t.Context(), target, small, func(p Phase, d, n int64) {
			if p == Loading {
				done, total = d, n
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Already) != 4-len(uncommitted) || again.Rows() != report.Rows() {
			t.Errorf("the report says %v and that shards %v were there", again, again.Already)
		}
		if done != total || (total == 0) != (len(uncommitted) == 0) {
			t.Errorf("progress ended at %d of %d rows", done, total)
		}
		if contents(t, target) != want {
			t.Error("the finished seed has other rows")
		}
		if isEmpty(t, target) {
			t.Error("a finished seed is taken for an interrupted one")
		}
	}
}

func TestInterruptedSeedGivesWayToAnother(t *testing.T) {
	t.Parallel()
	target := setup(t, 4)
	if _, err := Demo(t.Context(), target, small, nil); err != nil {
		t.Fatal(err)
	}
	interrupt(t, target, 0)
	report, err := Demo(t.Context(), target, DemoOptions{Scale: 0.02}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Already) != 0 {
		t.Errorf("shards %v were kept", report.Already)
	}
	checkRows(t, target, report)
}

// TestInterruptedSeedOnOtherShards is a start with another number of shards after a crash.
func TestInterruptedSeedOnOtherShards(t *testing.T) {
	t.Parallel()
	target := setup(t, 4)
	if _, err := Demo(t.Context(), target, small, nil); err != nil {
		t.Fatal(err)
	}
	interrupt(t, target)
	top, err := shard.Even(2)
	if err != nil {
		t.Fatal(err)
	}
	fewer := Target{top, target.Pools[:2]}
	report, err := Demo(t.Context(), fewer, small, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, fewer, report)
}

func TestForeignRowsAreNeverTouched(t *testing.T) {
	t.Parallel()
	target := setup(t, 2)
	exec(t, target.Pools[1], `INSERT INTO genre VALUES (1, 'Mine')`)
	if isEmpty(t, target) {
		t.Error("a row of somebody else does not count")
	}
	if _, err := Demo(t.Context(), target, small, nil); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("seeding says %v, want ErrNotEmpty", err)
	}
	if n := scalar(t, target, `SELECT count(*) FROM genre`); n != 1 {
		t.Errorf("there are %d genres now", n)
	}
	exec(t, target.Pools[1], `DELETE FROM genre`)
	if _, err := Demo(t.Context(), target, small, nil); err != nil {
		t.Fatal(err)
	}
	// An unfinished seed beside rows of somebody else is for a person to decide.
	interrupt(t, target, 1)
	exec(t, target.Pools[1], `INSERT INTO genre VALUES (1, 'Mine')`)
	_, isErr := IsEmpty(t.Context(), target)
	_, err := Demo(t.Context(), target, small, nil)
	for _, err := range []error{isErr, err} {
		if err == nil || !strings.Contains(err.Error(), "shard 1 holds rows of unknown origin") {
			t.Errorf("got %v", err)
		}
	}
}

// TestTablesOfATeam is a store to which a team has added tables and indexes of its own.
func TestTablesOfATeam(t *testing.T) {
	t.Parallel()
	target := setup(t, 2)
	for _, pool := range target.Pools {
		exec(t, pool, `CREATE TABLE review (id bigint PRIMARY KEY, album_id bigint, bucket smallint,
			FOREIGN KEY (album_id, bucket) REFERENCES album (id, bucket))`)
		exec(t, pool, `INSERT INTO review VALUES (1, NULL, NULL)`)
		exec(t, pool, `ALTER TABLE artist ADD COLUMN country text DEFAULT 'unknown'`)
		exec(t, pool, `CREATE INDEX "Artist by Country" ON artist (country, name DESC) WHERE name <> ''`)
		exec(t, pool, `CREATE UNIQUE INDEX customer_email ON customer (email)`)
	}
	before := shape(t, target)
	report, err := Demo(t.Context(), target, small, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, target, report)
	if got := shape(t, target); got != before {
		t.Errorf("indexes or constraints have changed:\n%s\nwant\n%s", got, before)
	}
	if n := scalar(t, target, `SELECT count(*) FROM review`); n != 2 {
		t.Errorf("there are %d reviews", n)
	}
	interrupt := func() {
		for _, pool := range target.Pools {
			exec(t, pool, `UPDATE seed_state SET complete = false`)
		}
	}
	interrupt()
	if report, err = Demo(t.Context(), target, DemoOptions{Scale: 0.02}, nil); err != nil {
		t.Fatal(err)
	}
	checkRows(t, target, report)
}

// TestSeedWithoutSuperuser loads as a role that owns the tables and nothing else.
func TestSeedWithoutSuperuser(t *testing.T) {
	t.Parallel()
	target := setup(t, 2)
	exec(t, target.Pools[0], `CREATE ROLE shopkeeper`)
	t.Cleanup(func() { _ = admin(context.Background(), `DROP ROLE shopkeeper`) })
	for i, pool := range target.Pools {
		for _, name := range tableNames() {
			exec(t, pool, `ALTER TABLE `+name+` OWNER TO shopkeeper`)
		}
		exec(t, pool, `GRANT ALL ON SCHEMA public TO shopkeeper`)
		config := pool.Config()
		config.ConnConfig.RuntimeParams["role"] = "shopkeeper"
		owner, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			owner.Close()
			exec(t, pool, `DROP OWNED BY shopkeeper`)
		})
		target.Pools[i] = owner
	}
	report, err := Demo(t.Context(), target, small, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, target, report)
}

func TestTwoSeedsAtOnce(t *testing.T) {
	t.Parallel()
	target := setup(t, 4)
	errs := make([]error, 3)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = Demo(t.Context(), target, small, nil) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, ErrNotEmpty):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d of three seeds say that they have loaded", won)
	}
}

// TestSmallTimeouts seeds through pools that are set up for short queries.
func TestSmallTimeouts(t *testing.T) {
	t.Parallel()
	target := setup(t, 1)
	config := target.Pools[0].Config()
	config.MaxConns = 1
	config.ConnConfig.RuntimeParams["statement_timeout"] = "1"
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "1"
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := Demo(t.Context(), Target{target.Topology, []*pgxpool.Pool{pool}}, DemoOptions{Scale: 0.5}, nil); err != nil {
		t.Fatal(err)
	}
	if n := pool.Stat().NewConnsCount(); n != 0 {
		t.Errorf("the pool has opened %d connections for the seed, with timeouts that are not the seed's", n)
	}
}

func TestTargetIsChecked(t *testing.T) {
	t.Parallel()
	target := setup(t, 2)
	target.Pools = target.Pools[:1]
	if _, err := Demo(t.Context(), target, small, nil); err == nil || !strings.Contains(err.Error(), "one pool per shard") {
		t.Error(err)
	}
	if _, err := IsEmpty(t.Context(), target); err == nil {
		t.Error("IsEmpty takes half a target")
	}
}

func TestMissingTablesAreNamed(t *testing.T) {
	t.Parallel()
	target := setup(t, 2)
	exec(t, target.Pools[1], `DROP TABLE playlist_track, playlist`)
	_, isErr := IsEmpty(t.Context(), target)
	_, err := Demo(t.Context(), target, small, nil)
	for _, err := range []error{isErr, err} {
		if !errors.Is(err, ErrNoTables) || !strings.Contains(err.Error(), "shard 1") || !strings.Contains(err.Error(), "there is no playlist, playlist_track") {
			t.Errorf("got %v", err)
		}
	}
	// A team may drop what it does not need once the seed is complete.
	target = setup(t, 1)
	if _, err := Demo(t.Context(), target, small, nil); err != nil {
		t.Fatal(err)
	}
	exec(t, target.Pools[0], `DROP TABLE playlist_track, playlist`)
	if isEmpty(t, target) {
		t.Error("the shards are empty for want of a table")
	}
}

func TestProgressEndsWhereItSaid(t *testing.T) {
	t.Parallel()
	target := setup(t, 4)
	type point struct{ done, total int64 }
	last := map[Phase]point{}
	_, err := Demo(t.Context(), target, DemoOptions{Scale: 0.5}, func(p Phase, done, total int64) {
		if l := last[p]; done < l.done || l.total != 0 && total != l.total || done > total {
			t.Errorf("%s: %d of %d comes after %d of %d", p, done, total, l.done, l.total)
		}
		last[p] = point{done, total}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Phase{Loading, Indexing} {
		if l := last[p]; l.total == 0 || l.done != l.total {
			t.Errorf("%s ended at %d of %d", p, l.done, l.total)
		}
	}
}
