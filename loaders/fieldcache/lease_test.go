package fieldcache_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"backline/loaders/fieldcache"
)

// race lets one reader load each of many keys while a writer changes and invalidates it, and counts
// the keys that Redis holds an old value of afterwards. Most of them meet by chance; every fourth is
// changed after it was read and before it is kept, however fast the machine is.
func race(t *testing.T, read func(table *table, id int64) string, invalidate func(id int64)) (stale int) {
	t.Helper()
	const keys = 300
	some := func() { time.Sleep(rand.N(1500 * time.Microsecond)) }
	var tables [keys]*table // one for each row
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for id := int64(worker + 1); id <= keys; id += 8 {
				loaded, changed := make(chan struct{}), make(chan struct{})
				loading, changing := some, some
				if id%4 == 0 {
					loading = sync.OnceFunc(func() { close(loaded); <-changed })
					changing = func() { <-loaded }
				}
				one := &table{rows: map[int64]album{}, slow: loading}
				one.set(id, "first")
				tables[id-1] = one
				var pair sync.WaitGroup
				pair.Go(func() { read(one, id) })
				pair.Go(func() {
					defer close(changed)
					changing()
					one.set(id, "second")
					invalidate(id)
				})
				pair.Wait()
			}
		})
	}
	wg.Wait()
	for id := int64(1); id <= keys; id++ {
		if read(tables[id-1], id) != "second" {
			stale++
		}
	}
	return stale
}

func TestFillsRaceWithInvalidations(t *testing.T) {
	t.Parallel()
	t.Run("with leases", func(t *testing.T) {
		t.Parallel()
		// Two processes without L1: what one reads at the end is what Redis holds.
		f := setup(t, options{config: func(c *fieldcache.Config) { c.LocalBytes = 0 }})
		stale := race(t, func(table *table, id int64) string {
			return titleOf(t, (&fixture{Cache: f.Cache, t: t, table: table}).get("Album", "", "", id))
		}, func(id int64) {
			if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: id}); err != nil {
				t.Error(err)
			}
		})
		want(t, "stale keys", stale, 0)
		f.until("a lease is lost, or nothing raced", func() bool { return f.count("Album lost") > 0 })
	})
	t.Run("with leases and L1", func(t *testing.T) {
		t.Parallel()
		f := setup(t, options{})
		stale := race(t, func(table *table, id int64) string {
			return titleOf(t, (&fixture{Cache: f.Cache, t: t, table: table}).get("Album", "", "", id))
		}, func(id int64) {
			if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: id}); err != nil {
				t.Error(err)
			}
		})
		want(t, "stale keys", stale, 0)
	})
	t.Run("without, so that this test can fail", func(t *testing.T) {
		t.Parallel()
		client := sharedRedis(t).client(t)
		prefix := namespace(t) + ":"
		stale := race(t, func(table *table, id int64) string {
			key := prefix + fmt.Sprint(id)
			value, err := client.Get(t.Context(), key).Result()
			if err == redis.Nil {
				values, _ := table.load(t.Context(), []int64{id})
				value = values[0].(*album).Title
				client.Set(t.Context(), key, value, time.Minute)
			}
			return value
		}, func(id int64) { client.Del(t.Context(), prefix+fmt.Sprint(id)) })
		if stale == 0 {
			t.Error("no stale key even without leases: the test shows nothing")
		}
		t.Logf("%d of 300 keys stale without leases", stale)
	})
}

// TestStampede has many goroutines in two processes ask for one key at once.
func TestStampede(t *testing.T) {
	t.Parallel()
	for name, warm := range map[string]bool{"cold": false, "expired": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := &clock{}
			a := setup(t, options{clock: clock})
			b := setup(t, options{clock: clock, table: a.table})
			if warm {
				a.title(1)
				a.until("it is filled", func() bool { return a.count("Album filled") == 1 })
				b.title(1)
				clock.advance(67 * time.Second)
				a.ready()
				b.ready()
				a.table.loads.Store(0)
			}
			release := make(chan struct{})
			a.table.slow = sync.OnceFunc(func() { time.Sleep(20 * time.Millisecond) })
			var wg sync.WaitGroup
			for i := range 5000 {
				wg.Go(func() {
					<-release
					f := a
					if i%2 == 1 {
						f = b
					}
					if got := f.title(1); got != "first" {
						t.Errorf("got %q", got)
					}
				})
			}
			close(release)
			wg.Wait()
			if n := a.table.loads.Load(); n < 1 || n > 2 {
				t.Errorf("%d loads", n)
			}
		})
	}
}

func TestWhoWaitsTooLongIsTheSecondToLoad(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	now := time.Now()
	patient := func(c *fieldcache.Config) {
		c.LeaseWait = 50 * time.Millisecond
		c.Clock = func() time.Time { return now.Add(time.Duration(ahead.Load())) } // or a slow machine waits too long for a second
	}
	a := setup(t, options{config: patient})
	b := setup(t, options{table: a.table, config: patient})
	first := a.Session("").Round()
	defer first.Close()
	batch := first.Add(a.Space("Album"), "", []int64{1}, nil)
	if !first.Next(t.Context()) {
		t.Fatal("nothing to load")
	}
	// a holds the lease and does not load. b waits, loads, and fills although the lease is a's.
	second := make(chan string)
	go func() { second <- b.title(1) }()
	b.until("b waits", func() bool { return b.count("called read") > 1 })
	ahead.Add(int64(60 * time.Millisecond))
	want(t, "b", <-second, "first")
	b.until("b has filled", func() bool { return b.count("Album filled") == 1 })
	want(t, "loads", a.table.loads.Load(), 1)
	batch.Put(0, &album{ID: 1, Title: "first"}, nil)
	for first.Next(t.Context()) {
		t.Error("there is more to load")
	}
	a.until("a finds its lease gone", func() bool { return a.count("Album lost") == 1 })
}

func TestAfterThatEverybodyLoads(t *testing.T) {
	t.Parallel()
	setLease := func(c *fieldcache.Config) { c.LeaseWait = 20 * time.Millisecond }
	f := setup(t, options{config: setLease})
	// A lease with a second loader, both of which have died.
	key := namespace(t) + ":s1:Album:1"
	client := sharedRedis(t).client(t)
	client.Set(t.Context(), key, "L"+strings.Repeat("x", 16), time.Minute)
	want(t, "the value", f.title(1), "first")
	want(t, "what lies there", client.Get(t.Context(), key).Val(), "L"+strings.Repeat("x", 16))
}

// TestSingleFlight: without Redis there are no leases, and still one response loads for all.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	nowhere := redis.NewClient(&redis.Options{Network: "unix", Addr: t.TempDir() + "/none", ContextTimeoutEnabled: true})
	t.Cleanup(func() { nowhere.Close() })
	now := time.Now()
	stopped := func(c *fieldcache.Config) { c.Clock = func() time.Time { return now } } // a slow machine is not a long flight
	f := setup(t, options{client: nowhere, cold: true, config: stopped})
	first := f.Session("").Round()
	defer first.Close()
	batch := first.Add(f.Space("Album"), "", []int64{1}, nil)
	if !first.Next(t.Context()) {
		t.Fatal("nothing to load")
	}
	second := make(chan *fieldcache.Batch)
	go func() { second <- f.get("Album", "", "", 1) }()
	f.until("the second waits for the first", func() bool { return f.IsJoined("Album", 1) })
	batch.Put(0, &album{ID: 1, Title: "of the first"}, nil)
	for first.Next(t.Context()) {
		t.Error("there is more to load")
	}
	got := <-second
	want(t, "the second", titleOf(t, got), "of the first")
	want(t, "its counts", got.Counts, fieldcache.Counts{Joined: 1})
	want(t, "loads", f.table.loads.Load(), 0)
}

// TestNobodyBoardsALongFlightUnheard: a process that hears no invalidations, such as one that was frozen
// while it loaded, does not give what it has loaded to those who ask much later.
func TestNobodyBoardsALongFlightUnheard(t *testing.T) {
	t.Parallel()
	nowhere := redis.NewClient(&redis.Options{Network: "unix", Addr: t.TempDir() + "/none", ContextTimeoutEnabled: true})
	t.Cleanup(func() { nowhere.Close() })
	f := setup(t, options{client: nowhere, cold: true})
	first := f.Session("").Round()
	defer first.Close()
	batch := first.Add(f.Space("Album"), "", []int64{1}, nil)
	if !first.Next(t.Context()) {
		t.Fatal("nothing to load")
	}
	f.table.set(1, "second") // which nobody can tell it
	f.clock.advance(fieldcache.PatientTiming().Trust + time.Millisecond)
	second := make(chan *fieldcache.Batch)
	go func() { second <- f.get("Album", "", "", 1) }()
	select {
	case got := <-second:
		want(t, "who asks later", titleOf(t, got), "second")
	case <-time.After(patience):
		t.Error("it waits for what was read long ago")
	}
	batch.Put(0, &album{ID: 1, Title: "first"}, nil)
	for first.Next(t.Context()) {
		t.Error("there is more to load")
	}
	if t.Failed() {
		<-second
	}
}

// TestNobodyBoardsWhatWasInvalidated: a load that began before an invalidation is not good enough for
// who asks after it.
func TestNobodyBoardsWhatWasInvalidated(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	first := f.Session("").Round()
	defer first.Close()
	batch := first.Add(f.Space("Album"), "", []int64{1}, nil)
	if !first.Next(t.Context()) {
		t.Fatal("nothing to load")
	}
	f.table.set(1, "second")
	if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
		t.Fatal(err)
	}
	want(t, "who asks later", f.title(1), "second")
	batch.Put(0, &album{ID: 1, Title: "first"}, nil)
	for first.Next(t.Context()) {
		t.Error("there is more to load")
	}
	want(t, "then", f.title(1), "second")
}
