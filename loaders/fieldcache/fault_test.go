package fieldcache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"backline/loaders/fieldcache"
)

// impatient is what production has.
func impatient(c *fieldcache.Config) {
	c.Budget, c.LeaseWait, c.Timing = 0, 0, fieldcache.Timing{}
}

func TestGarbageIsAMiss(t *testing.T) {
	t.Parallel()
	a := setup(t, options{})
	client := sharedRedis(t).client(t)
	ids := make([]int64, 50)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	a.get("Album", "", "", ids...)
	a.until("all is filled", func() bool { return a.count("Album filled") == 50 })
	random := rand.New(rand.NewPCG(1, 2))
	for i, id := range ids {
		key := namespace(t) + ":s1:Album:" + base36(id)
		value := client.Get(t.Context(), key).Val()
		if value == "" {
			t.Fatalf("nothing at %s", key)
		}
		switch i % 5 {
		case 0:
			at := random.IntN(len(value))
			for at >= 9 && at < 22 {
				at = random.IntN(len(value)) // the claim may be anything
			}
			value = value[:at] + string(value[at]^byte(1+random.IntN(255))) + value[at+1:]
		case 1:
			value = value[:random.IntN(len(value))] + "x"
		case 2:
			b := make([]byte, 1+random.IntN(200))
			for i := range b {
				b[i] = byte(random.UintN(256))
			}
			value = string(b)
		case 3: // of another row
			value = client.Get(t.Context(), namespace(t)+":s1:Album:"+base36(1+id%50)).Val()
		case 4: // of another type
			client.Del(t.Context(), key)
			client.HSet(t.Context(), key, "a", "b")
			continue
		}
		client.Set(t.Context(), key, value, time.Minute)
	}
	b := setup(t, options{table: a.table})
	got := b.get("Album", "", "", ids...)
	want(t, "counts", got.Counts, fieldcache.Counts{Missed: 50})
	for i, id := range ids {
		if row := got.Values[i].(*album); row.ID != id || row.Title != "first" {
			t.Errorf("id %d: %+v", id, row)
		}
	}
	want(t, "discarded", b.count("Album discarded"), 40)
	b.until("all is filled anew", func() bool { return b.count("Album filled") == 50 })
	want(t, "then", setup(t, options{}).get("Album", "", "", ids...).Counts, fieldcache.Counts{Redis: 50})
}

func TestAnotherSchemaSeesNothing(t *testing.T) {
	t.Parallel()
	v2 := func(c *fieldcache.Config) { c.Schema = "s2" }
	a := setup(t, options{})
	b := setup(t, options{table: a.table, config: v2})
	c := setup(t, options{table: newTable(0), config: v2})
	a.title(1)
	a.until("it is filled", func() bool { return a.count("Album filled") == 1 })
	want(t, "elsewhere", b.get("Album", "", "", 1).Counts, fieldcache.Counts{Missed: 1})
	b.until("it is filled there", func() bool { return b.count("Album filled") == 1 })
	want(t, "in the same schema", c.title(1), "first")
	// Who invalidates names the values of both.
	a.table.set(1, "second")
	c.table.set(1, "second")
	if err := a.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*fixture{b, c} {
		f.until("all have heard", func() bool { return f.count("Album invalidated") == 1 })
		want(t, "then", f.title(1), "second")
	}
}

func TestFlushAll(t *testing.T) {
	t.Parallel()
	s := ownRedis(t)
	f := setup(t, options{client: s.client(t)})
	f.title(1)
	f.until("it is filled", func() bool { return f.count("Album filled") == 1 })
	f.table.set(1, "second")
	if err := s.client(t).FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	// The invalidation may have been in what was flushed, so L1 must not outlive it.
	f.until("the new value is served", func() bool { return f.title(1) == "second" })
	want(t, "why", f.count("flushed: the stream began anew"), 1)
	f.ready()
	f.table.set(1, "third")
	if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
		t.Fatal(err)
	}
	want(t, "afterwards", f.title(1), "third")
}

// TestAwayAndBack reads all the time while Redis hangs, dies and comes back, and while rows change:
// no answer may be older than what was last invalidated, none may be an error, and none may wait.
func TestAwayAndBack(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct{ away, back func(s *server) error }{
		"hangs": {
			func(s *server) error { s.signal(syscall.SIGSTOP); return nil },
			func(s *server) error { s.signal(syscall.SIGCONT); return nil },
		},
		"dies": {
			func(s *server) error { s.kill(); return nil },
			func(s *server) error { return s.start() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := ownRedis(t)
			f := setup(t, options{client: s.client(t), config: impatient})
			f.title(1)
			if err := fault.away(s); err != nil {
				t.Fatal(err)
			}
			failed := f.count("failed read")
			f.until("the breaker is open", func() bool {
				if got := f.title(2 + rand.Int64N(90)); got != "first" { // not of this process
					t.Fatalf("got %q", got)
				}
				return !f.IsAvailable()
			})
			// Each of them has waited for as long as a response may.
			if n := f.count("failed read") - failed; n > 5 {
				t.Errorf("%d reads failed until the breaker was open", n)
			}
			f.until("L1 is off", func() bool { return !f.ServesLocally() })
			f.table.set(1, "second")
			reads, loads := f.count("called read"), f.table.loads.Load()
			const n = 1000
			for range n {
				if got := f.title(1); got != "second" {
					t.Fatalf("got %q", got)
				}
			}
			want(t, "loads while it is away", f.table.loads.Load()-loads, n)
			want(t, "reads that wait for it", f.count("called read")-reads, 0)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if err := f.Invalidate(ctx, fieldcache.Ref{Space: "Album", ID: 1}); err == nil {
				t.Error("an invalidation that nobody took was no error")
			}
			if err := fault.back(s); err != nil {
				t.Fatal(err)
			}
			f.ready()
			if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
				t.Fatal(err) // what the change feed does until it succeeds
			}
			want(t, "when it is back", f.title(1), "second")
			f.until("it is kept again", func() bool { f.title(1); return f.get("Album", "", "", 1).Counts.Local == 1 })
			want(t, "went away", f.count("available false") >= 1, true)
			want(t, "came back", f.count("available true") >= 1, true)
		})
	}
}

// TestStoreIsCappedWhileRedisIsAway counts who is in the store at once.
func TestStoreIsCappedWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	s := ownRedis(t)
	f := setup(t, options{client: s.client(t), config: func(c *fieldcache.Config) { impatient(c); c.StoreSeats = 3 }})
	var inside, most atomic.Int32
	load := func(meet func()) {
		leave, err := f.Gate().Enter(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		defer leave()
		n := inside.Add(1)
		defer inside.Add(-1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		meet()
	}
	all := func(meet func()) int32 {
		most.Store(0)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { load(meet) })
		}
		wg.Wait()
		return most.Load()
	}
	var met sync.WaitGroup
	met.Add(50)
	// Nobody leaves before all are there: with a cap that would be never.
	want(t, "at once while Redis is there", all(func() { met.Done(); met.Wait() }), 50)
	s.kill()
	f.until("the breaker is open", func() bool { f.title(rand.Int64N(100)); return !f.IsAvailable() })
	if n := all(func() { time.Sleep(time.Millisecond) }); n > 3 {
		t.Errorf("%d at once", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	hold := make([]func(), 3)
	for i := range hold {
		hold[i], _ = f.Gate().Enter(t.Context())
	}
	if _, err := f.Gate().Enter(ctx); err == nil {
		t.Error("entered without a seat")
	}
	for _, leave := range hold {
		leave()
	}
}

func TestRedisThatIsFull(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"noeviction", "allkeys-lru"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			s := ownRedis(t, "--maxmemory", "2mb", "--maxmemory-policy", policy)
			table := newTable(3000)
			long := strings.Repeat("x", 2000)
			for id := range int64(3000) {
				table.set(id+1, long)
			}
			f := setup(t, options{client: s.client(t), table: table, cold: true})
			for round := range 2 {
				for id := int64(1); id <= 3000; id += 50 {
					ids := make([]int64, 50)
					for i := range ids {
						ids[i] = id + int64(i)
					}
					got := f.get("Album", "", "", ids...)
					for i := range ids {
						if row := got.Values[i].(*album); got.Errs != nil || row.ID != ids[i] || row.Title != long {
							t.Fatalf("round %d, id %d: %v %v", round, ids[i], row.ID, got.Errs)
						}
					}
				}
			}
			// Whatever it can still write, what is said to be invalid must not be served.
			for n := range 20 {
				title := fmt.Sprint("n", n)
				table.set(7, title)
				if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 7}); err != nil {
					t.Fatal(err)
				}
				want(t, "served", f.title(7), title)
			}
			want(t, "the breaker", f.count("available false"), 0)
		})
	}
}

// TestOthersHearOfAFullRedis: where the stream takes no entry, everybody begins anew.
func TestOthersHearOfAFullRedis(t *testing.T) {
	t.Parallel()
	s := ownRedis(t)
	client := s.client(t)
	a := setup(t, options{client: client})
	b := setup(t, options{client: s.client(t), table: a.table})
	a.title(1)
	a.until("it is filled", func() bool { return a.count("Album filled") == 1 })
	b.title(1)
	if err := client.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	a.table.set(1, "second")
	if err := a.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
		t.Fatal(err)
	}
	b.until("b serves what is new", func() bool { return b.title(1) == "second" })
	if err := client.ConfigSet(t.Context(), "maxmemory", "0").Err(); err != nil {
		t.Fatal(err)
	}
	b.ready()
	b.title(1)
	want(t, "and keeps it again", b.get("Album", "", "", 1).Counts, fieldcache.Counts{Local: 1})
}

// TestTakenAtOnce: what a round finds in the call that takes leases is judged as what it reads.
func TestTakenAtOnce(t *testing.T) {
	t.Parallel()
	policy := fieldcache.Policy{TTL: time.Hour, StaleWhileRevalidate: time.Hour, StaleIfError: 3 * time.Hour}
	nowhere := func(c *fieldcache.Config) { c.LocalBytes = 0 }
	f := setup(t, options{policy: policy, config: nowhere})
	filled := func(n int) {
		t.Helper()
		f.until("it is filled", func() bool { return f.count("Album filled")+f.count("Album refreshed") >= n })
	}
	f.get("Album", "", "", 1, 2)
	filled(2)
	want(t, "found beside what is not there", f.get("Album", "", "", 1, 2, 3).Counts, fieldcache.Counts{Redis: 2, Missed: 1})
	filled(3)
	// A generation that changed, whoever changed it.
	f.table.set(1, "second")
	if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album"}); err != nil {
		t.Fatal(err)
	}
	want(t, "after an invalidation of all", f.title(1), "second")
	filled(4)
	want(t, "it was filled in the place of the old one", f.get("Album", "", "", 1).Counts, fieldcache.Counts{Redis: 1})
	f.table.set(1, "third")
	f.clock.advance(80 * time.Minute)
	want(t, "old, and served", f.title(1), "second")
	f.until("it is loaded anew", func() bool { return f.title(1) == "third" })
	f.clock.advance(170 * time.Minute)
	f.table.fail(errors.New("away"))
	want(t, "too old, where loading fails", f.title(1), "third")
	f.table.fail(nil)
	f.table.set(1, "fourth")
	want(t, "too old", f.title(1), "fourth")
}

// TestFullRedisIsRead: where there is no room for leases, what is there is read all the same.
func TestFullRedisIsRead(t *testing.T) {
	t.Parallel()
	s := ownRedis(t)
	f := setup(t, options{client: s.client(t), config: func(c *fieldcache.Config) { c.LocalBytes = 0 }})
	f.title(1)
	f.until("it is filled", func() bool { return f.count("Album filled") == 1 })
	if err := s.client(t).ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	want(t, "what is there", f.get("Album", "", "", 1).Counts, fieldcache.Counts{Redis: 1})
	want(t, "what is not", f.get("Album", "", "", 1, 2).Counts, fieldcache.Counts{Redis: 1, Missed: 1})
	want(t, "available", f.IsAvailable(), true)
}
