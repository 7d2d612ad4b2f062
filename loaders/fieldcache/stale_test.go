package fieldcache_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"backline/loaders/fieldcache"
)

func TestStaleWhileRevalidate(t *testing.T) {
	t.Parallel()
	a := setup(t, options{policy: fieldcache.Policy{TTL: time.Minute, StaleWhileRevalidate: 10 * time.Minute}})
	b := setup(t, options{
		policy: fieldcache.Policy{TTL: time.Minute, StaleWhileRevalidate: 10 * time.Minute},
		table:  a.table, clock: a.clock, config: func(c *fieldcache.Config) { c.LocalBytes = 0 },
	})
	a.title(1)
	a.until("it is filled", func() bool { return a.count("Album filled") == 1 })
	a.table.set(1, "second")
	a.clock.advance(67 * time.Second)
	a.ready()
	want(t, "served at once", a.title(1), "first")
	want(t, "stale", a.count("Album stale"), 1)
	a.until("it is loaded anew", func() bool { return a.count("Album refreshed") == 1 && a.count("Album filled") == 2 })
	want(t, "then", a.title(1), "second")
	want(t, "loads", a.table.loads.Load(), 2)

	// From Redis, with one refresh for both processes.
	a.table.set(1, "third")
	a.clock.advance(67 * time.Second)
	b.until("b sees what is new", func() bool { return b.title(1) == "third" })
	want(t, "stale in b", b.count("Album stale") > 0, true)
	b.until("it is counted", func() bool { return b.count("Album refreshed") == 1 })
}

func TestOneRefreshAtATimeFleetWide(t *testing.T) {
	t.Parallel()
	policy := fieldcache.Policy{TTL: time.Minute, StaleWhileRevalidate: 10 * time.Minute}
	a := setup(t, options{policy: policy})
	b := setup(t, options{policy: policy, table: a.table, clock: a.clock})
	a.title(1)
	a.until("it is filled", func() bool { return a.count("Album filled") == 1 })
	b.title(1)
	a.clock.advance(67 * time.Second)
	a.ready()
	b.ready()
	entered, leave := make(chan struct{}, 8), make(chan struct{})
	a.table.mu.Lock()
	a.table.slow = func() { entered <- struct{}{}; <-leave }
	a.table.mu.Unlock()
	a.title(1) // stale: refreshed in the background, which hangs
	<-entered
	reads := b.count("called read")
	b.title(1)
	b.until("b has looked whether it should", func() bool { return b.count("called lease") >= 1 || b.count("called read") > reads+3 })
	close(leave)
	a.until("a has refreshed", func() bool { return a.count("Album refreshed") == 1 })
	want(t, "loads", a.table.loads.Load(), 2)
}

func TestRefreshDoesNotOverwriteAnInvalidation(t *testing.T) {
	t.Parallel()
	policy := fieldcache.Policy{TTL: time.Minute, StaleWhileRevalidate: 10 * time.Minute}
	f := setup(t, options{policy: policy})
	f.title(1)
	f.until("it is filled", func() bool { return f.count("Album filled") == 1 })
	f.clock.advance(67 * time.Second)
	f.ready()
	entered, leave := make(chan struct{}, 8), make(chan struct{})
	var hang atomic.Bool
	hang.Store(true)
	f.table.mu.Lock()
	f.table.slow = func() {
		if hang.CompareAndSwap(true, false) {
			entered <- struct{}{}
			<-leave
		}
	}
	f.table.mu.Unlock()
	f.title(1)
	<-entered // the refresh has read what is about to change
	f.table.set(1, "second")
	if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
		t.Fatal(err)
	}
	want(t, "after the invalidation", f.title(1), "second")
	close(leave)
	f.until("the refresh finds its value gone", func() bool { return f.count("Album lost") == 1 })
	want(t, "in this process", f.title(1), "second")
	other := setup(t, options{policy: policy, clock: f.clock, table: newTable(0)})
	want(t, "in Redis", other.title(1), "second")
}

func TestStaleIfError(t *testing.T) {
	t.Parallel()
	policy := fieldcache.Policy{TTL: time.Minute, StaleIfError: 10 * time.Minute}
	a := setup(t, options{policy: policy})
	b := setup(t, options{policy: policy, table: a.table, clock: a.clock})
	a.title(1)
	a.until("it is filled", func() bool { return a.count("Album filled") == 1 })
	a.table.set(1, "second")
	a.table.fail(errors.New("down"))
	a.clock.advance(67 * time.Second)
	a.ready()
	want(t, "of this process", a.title(1), "first")
	want(t, "of Redis", b.title(1), "first")
	want(t, "rescued", a.count("Album rescued")+b.count("Album rescued"), 2)
	a.table.fail(nil)
	a.until("the claims are given back", func() bool { return a.count("called fill")+b.count("called fill") == 3 })
	want(t, "when it is back", a.title(1), "second")
	a.table.fail(errors.New("down"))
	a.clock.advance(12 * time.Minute)
	a.ready()
	if got := a.get("Album", "", "", 1); got.Errs == nil {
		t.Errorf("a value from long ago was served: %v", got.Values[0])
	}
}

func TestEarlyRefresh(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	// A load that takes half the TTL, as the clock has it: then XFetch starts long before the end.
	f.table.slow = func() { f.clock.advance(30 * time.Second) }
	f.title(1)
	f.table.slow = nil
	f.until("it is filled", func() bool { return f.count("Album filled") == 1 })
	f.clock.advance(10 * time.Second)
	f.ready()
	f.until("it is loaded anew before its end", func() bool {
		f.title(1)
		return f.count("Album refreshed") == 1
	})
	want(t, "misses", f.count("Album misses"), 1)
	want(t, "stale", f.count("Album stale"), 0)
}

// TestPanicsAreFailures: what is loaded ahead of time runs beside all responses, where a panic would end
// the process.
func TestPanicsAreFailures(t *testing.T) {
	t.Parallel()
	f := setup(t, options{policy: fieldcache.Policy{TTL: time.Minute, StaleWhileRevalidate: 10 * time.Minute}})
	f.title(1)
	f.until("it is filled", func() bool { return f.count("Album filled") == 1 })
	f.clock.advance(67 * time.Second)
	f.ready()
	f.table.mu.Lock()
	f.table.slow = func() { panic("what was written by hand is wrong") }
	f.table.mu.Unlock()
	want(t, "served at once", f.title(1), "first")
	f.until("it has failed", func() bool { return f.count("Album refreshes failed") == 1 })
}
