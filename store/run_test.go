package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store"
	"backline/store/storetest"
)

// bookIDs are those of all books.
func (f *fixture) bookIDs() []store.ID {
	all := make([]store.ID, len(f.books))
	for i := range f.books {
		all[i] = f.books[i].ID
	}
	return all
}

func (f *fixture) owner(id store.ID) int { return f.Store.Topology().Owner(id.Bucket()) }

// wantLost checks that exactly the keys of one shard are lost, with a code.
func (f *fixture) wantLost(t *testing.T, keys []store.ID, rows []*store.FamilyBook, errs []error, lost int, want string) {
	t.Helper()
	if len(errs) != len(keys) {
		t.Fatalf("%d errors for %d keys", len(errs), len(keys))
	}
	n := 0
	for i, key := range keys {
		if f.owner(key) == lost {
			n++
			if rows[i] != nil {
				t.Fatalf("shard %d gave a row", lost)
			}
			wantCode(t, errs[i], want)
		} else if rows[i] == nil || rows[i].ID != key || errs[i] != nil {
			t.Fatalf("key %d of shard %d, which is well: %v, %v", key, f.owner(key), rows[i], errs[i])
		}
	}
	if n == 0 || n == len(keys) {
		t.Fatalf("%d of %d keys lie on shard %d: this shows nothing", n, len(keys), lost)
	}
}

func TestDeadShardCostsOnlyItsKeys(t *testing.T) {
	t.Parallel()
	const dead = 2
	f := setup(t, 4, storetest.WithFaults())
	keys := f.bookIDs()
	f.Store.Run(t.Context(), &f.Book.Rows(f.Store, keys, 0, nil).Query) // the connection dies while it is open
	f.Cut(dead)

	for range 3 { // an open connection that is gone, then none
		rows := f.Book.Rows(f.Store, keys, 0, nil)
		labels := f.Label.Rows(f.Store, []store.ID{f.labels[0].ID}, 0, nil)
		shelves := make([]store.ID, 0, len(f.shelves))
		for _, s := range f.shelves {
			shelves = append(shelves, s.ID)
		}
		w, err := f.BooksByShelf.Window(store.PageArgs{First: ptr(int32(100))}, f.BookOrders[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		colocated := f.BooksByShelf.Pages(f.Store, w, shelves, nil)
		w, err = f.Books.Window(store.PageArgs{}, f.BookOrders[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		scattered := f.Books.Pages(f.Store, w, []store.ID{store.Root}, nil)
		f.Store.Run(t.Context(), &rows.Query, &labels.Query, &colocated.Query, &scattered.Query)

		got, errs := rows.Take()
		f.wantLost(t, keys, got, errs, dead, store.CodeUnavailable)
		if l, errs := labels.Take(); errs != nil || l[0] == nil {
			t.Errorf("a reference row: %v, %v", l, errs)
		}
		pages, errs := colocated.Take()
		for i, s := range shelves {
			if f.owner(s) == dead {
				wantCode(t, errs[i], store.CodeUnavailable, "cannot be reached at the moment")
				continue
			}
			want := f.expected("ID", func(b *store.FamilyBook) bool { return b.ShelfID == s })
			if got := ids(pages[i].Nodes, f.Book.Key); errs[i] != nil || !slices.Equal(got, want) {
				t.Errorf("shelf %d of a shard that is well: %v, %v", i, errs[i], got)
			}
		}
		_, errs = scattered.Take()
		if len(errs) != 1 {
			t.Fatalf("a list over all shards has the errors %v", errs)
		}
		wantCode(t, errs[0], store.CodeUnavailable)
		wantSafe(t, errs[0])
	}
	if err := f.Store.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "ping shard 2") || strings.Contains(err.Error(), "shard 1") {
		t.Errorf("Ping says %v", err)
	}

	f.Restore(dead)
	rows := f.Book.Rows(f.Store, keys, 0, nil)
	f.Store.Run(t.Context(), &rows.Query)
	if _, errs := rows.Take(); errs != nil {
		t.Errorf("after the shard came back: %v", errs[0])
	}
}

// wantSafe: what a client may read names nothing of the inside; the log's cause does.
func wantSafe(t *testing.T, err error) {
	t.Helper()
	for _, inside := range []string{"127.0.0.1", "SELECT", "shard", "postgres", "SQLSTATE", "dial"} {
		if strings.Contains(err.Error(), inside) {
			t.Errorf("the message %q tells clients about %q", err, inside)
		}
	}
	if cause := errors.Unwrap(err); cause == nil || !strings.Contains(cause.Error(), "shard 2") {
		t.Errorf("the cause %v does not name the shard", cause)
	}
}

// timeout is for tests in which one shard uses it up while the others answer within it.
const timeout = 5 * time.Second

func TestFrozenShardCostsTheTimeout(t *testing.T) {
	t.Parallel()
	f := setup(t, 4, storetest.WithFaults(), storetest.WithTimeout(timeout))
	keys := f.bookIDs()
	f.Store.Run(t.Context(), &f.Book.Rows(f.Store, keys, 0, nil).Query)
	f.Freeze(1)
	for range 2 { // an open connection, then none
		rows := f.Book.Rows(f.Store, keys, 0, nil)
		f.Store.Run(t.Context(), &rows.Query)
		got, errs := rows.Take()
		f.wantLost(t, keys, got, errs, 1, store.CodeTimeout)
	}
	f.Restore(1)
	waitUntil(t, func() bool { // a busy machine may need more than the timeout to connect
		rows := f.Book.Rows(f.Store, keys, 0, nil)
		f.Store.Run(t.Context(), &rows.Query)
		return rows.Err() == nil
	})
}

// sleep is a statement that takes long.
const sleep = "SELECT 1 FROM pg_sleep(3600)"

func ignore([][]byte) {}

// backend is the server process behind the pool's only connection of shard 0.
func backend(t testing.TB, f *fixture) (pid string) {
	t.Helper()
	q := store.RawQuery("pid", []int{0}, "SELECT pg_backend_pid()::text", 1, func(v [][]byte) { pid = string(v[0]) })
	f.Store.Run(t.Context(), q)
	if q.Parts[0].Err != nil {
		t.Fatal(q.Parts[0].Err)
	}
	return pid
}

func TestTimeoutKeepsTheConnection(t *testing.T) {
	t.Parallel()
	f := setup(t, 1, storetest.WithTimeout(timeout))
	pid, opened := backend(t, f), f.Store.Pools()[0].Stat().NewConnsCount()
	for range 2 {
		start := time.Now()
		q := store.RawQuery("sleep", []int{0}, sleep, 1, ignore)
		f.Store.Run(t.Context(), q)
		wantCode(t, q.Parts[0].Err, store.CodeTimeout, "did not arrive in time")
		if took := time.Since(start); took < timeout-10*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if got := backend(t, f); got != pid {
			t.Errorf("backend %s instead of %s: the connection was lost", got, pid)
		}
	}
	if n := f.Store.Pools()[0].Stat().NewConnsCount(); n != opened {
		t.Errorf("%d new connections", n-opened)
	}
	if n := f.Statements.Failed(); n != 2 {
		t.Errorf("the observer heard of %d errors", n)
	}
}

func TestCancellation(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	pid := backend(t, f)
	watch, err := pgx.Connect(t.Context(), f.URLs[0]) // not the pool, whose one connection is to be cancelled
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close(context.WithoutCancel(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	q := store.RawQuery("sleep", []int{0}, sleep, 1, ignore)
	done := make(chan struct{})
	go func() { defer close(done); f.Store.Run(ctx, q) }()
	is := func(state string) func() bool {
		return func() bool {
			n := 0
			err := watch.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE pid = $1::int AND state = $2", pid, state).Scan(&n)
			return err == nil && n == 1
		}
	}
	waitUntil(t, is("active"))
	cancel()
	<-done
	if err := q.Parts[0].Err; !errors.Is(err, context.Canceled) || code(err) != "" {
		t.Errorf("%v with the code %q", err, code(err))
	}
	waitUntil(t, is("idle")) // the statement was ended and the connection was not
	if got := backend(t, f); got != pid {
		t.Errorf("backend %s instead of %s: the connection was lost", got, pid)
	}

	q = store.RawQuery("never", []int{0}, sleep, 1, ignore)
	f.Store.Run(ctx, q)
	if err := q.Parts[0].Err; !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func waitUntil(t testing.TB, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatal("it never came about")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestPipelineKeepsErrorsApart: every statement of a wave is a transaction of its own.
func TestPipelineKeepsErrorsApart(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		shards := make([]int, f.shards)
		for i := range shards {
			shards[i] = i
		}
		var good [4]int
		count := func(i int) func([][]byte) { return func([][]byte) { good[i]++ } }
		for range 2 { // not prepared, then prepared
			good = [4]int{}
			queries := []*store.Query{
				store.RawQuery("good0", shards[:1], "SELECT n FROM generate_series(1, 10) AS n", 1, count(0)),
				store.RawQuery("divide", shards[:1], "SELECT 1 / (n - 5) FROM generate_series(1, 10) AS n", 1, ignore),
				store.RawQuery("good1", shards[:1], "SELECT n FROM generate_series(1, 3) AS n", 1, count(1)),
				store.RawQuery("syntax", shards[:1], "SELEKT", 1, ignore),
				store.RawQuery("good2", shards[:1], "SELECT 1 WHERE false", 1, count(2)),
				store.RawQuery("table", shards[:1], "SELECT 1 FROM no_such_table", 1, ignore),
				store.RawQuery("good3", shards[:1], "SELECT 1", 1, count(3)),
			}
			f.Store.Run(t.Context(), queries...)
			for _, q := range queries {
				p := q.Parts[0]
				if strings.HasPrefix(q.Loader, "good") != (p.Err == nil) {
					t.Errorf("%s: %v", q.Loader, p.Err)
				}
				if code(p.Err) != "" {
					t.Errorf("%s has the code %s: a mistake of ours is internal", q.Loader, code(p.Err))
				}
				if p.Took <= 0 {
					t.Errorf("%s took %v", q.Loader, p.Took)
				}
				if q.Err() != p.Err {
					t.Errorf("the query says %v, its part %v", q.Err(), p.Err)
				}
			}
			if good != [4]int{10, 3, 0, 1} || queries[0].Parts[0].Rows != 10 {
				t.Errorf("rows %v", good)
			}
		}
		if n := f.Store.Pools()[0].Stat().NewConnsCount(); n > 3 {
			t.Errorf("%d connections were opened", n)
		}
	})
}

func TestPipelineWithASlowStatement(t *testing.T) {
	t.Parallel()
	f := setup(t, 2, storetest.WithTimeout(timeout))
	n := 0
	first := store.RawQuery("first", []int{0, 1}, "SELECT 1", 1, func([][]byte) {})
	slow := store.RawQuery("slow", []int{0}, sleep, 1, ignore)
	last := store.RawQuery("last", []int{1}, "SELECT 1", 1, func([][]byte) { n++ })
	f.Store.Run(t.Context(), first, slow, last)
	wantCode(t, slow.Err(), store.CodeTimeout)
	if first.Err() != nil || last.Err() != nil || n != 1 {
		t.Errorf("others: %v, %v", first.Err(), last.Err())
	}
	backend(t, f)
}

func TestNoFreeConnection(t *testing.T) {
	t.Parallel()
	f := setup(t, 2, storetest.WithTimeout(timeout))
	pool := f.Store.Pools()[0]
	for range pool.Config().MaxConns {
		c, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Release)
	}
	keys := f.bookIDs()
	rows := f.Book.Rows(f.Store, keys, 0, nil)
	f.Store.Run(t.Context(), &rows.Query)
	got, errs := rows.Take()
	f.wantLost(t, keys, got, errs, 0, store.CodeTimeout)
}

// TestTerminatedBackend: an operator or a failover ends a session in the middle of a statement.
func TestTerminatedBackend(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	q := store.RawQuery("suicide", []int{0}, "SELECT pg_terminate_backend(pg_backend_pid())", 1, ignore)
	f.Store.Run(t.Context(), q)
	wantCode(t, q.Err(), store.CodeUnavailable)
	backend(t, f)
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	for name, c := range map[string]struct {
		config store.Config
		want   string
	}{
		"no URL":          {store.Config{}, "1 to 1024 shards, not 0"},
		"too few URLs":    {store.Config{URLs: f.URLs[:1], Topology: f.Store.Topology()}, "1 database URLs for 2 shards"},
		"reference shard": {store.Config{URLs: f.URLs, ReferenceShard: 2}, "reference shard 2 of 2"},
		"no URL at all":   {store.Config{URLs: []string{f.URLs[0], "postgres://user:secret@host:x/"}}, "open shard 1: the database URL cannot be read"},
		"nobody there":    {store.Config{URLs: []string{f.URLs[0], "postgres://user:secret@127.0.0.1:1/db"}}, "open shard 1: "},
		"no database":     {store.Config{URLs: []string{strings.Replace(f.URLs[0], "/shard_", "/no_shard_", 1)}}, "open shard 0: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), c.config)
			if err == nil {
				s.Close()
				t.Fatal("it opens")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// A panic of what reads rows is an error of its statements, and of no other.
func TestPanicWhileReading(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	var rows atomic.Int64 // of both shards
	for range 3 {
		good := store.RawQuery("Good", []int{0, 1}, "SELECT 1", 1, func([][]byte) { rows.Add(1) })
		bad := store.RawQuery("Bad", []int{1}, "SELECT g FROM generate_series(1, 100000) AS g", 1, func([][]byte) { panic("out of range") })
		alone := store.RawQuery("Alone", []int{0}, "SELECT 1", 1, func([][]byte) { panic("alone") })
		f.Store.Run(t.Context(), good, bad)
		if good.Err() != nil || bad.Err() == nil || !strings.Contains(bad.Err().Error(), "out of range") {
			t.Fatalf("good: %v, bad: %v", good.Err(), bad.Err())
		}
		f.Store.Run(t.Context(), alone)
		if alone.Err() == nil || !strings.Contains(alone.Err().Error(), "alone") {
			t.Fatalf("alone: %v", alone.Err())
		}
		bad = store.RawQuery("First", []int{0, 1}, "SELECT 1", 1, func([][]byte) { panic("first") })
		late := store.RawQuery("Late", []int{0, 1}, "SELECT 1", 1, func([][]byte) { rows.Add(1) })
		f.Store.Run(t.Context(), bad, late)
		if bad.Err() == nil || late.Err() == nil { // what was behind it on the connection is lost
			t.Fatalf("first: %v, late: %v", bad.Err(), late.Err())
		}
	}
	if n := rows.Load(); n < 6 {
		t.Errorf("%d rows", n)
	}
}
