package fieldcache_test

import (
	"errors"
	"testing"
	"time"

	"backline/loaders/fieldcache"
)

// TestLimit: while changes are not heard, what is older than the limit is read anew, wherever it lies and
// whoever filled it, and is good for nothing but when that fails.
func TestLimit(t *testing.T) {
	t.Parallel()
	policy := fieldcache.Policy{TTL: time.Hour, StaleWhileRevalidate: time.Hour, StaleIfError: 2 * time.Hour}
	a := setup(t, options{policy: policy})
	b := setup(t, options{policy: policy, table: a.table, clock: a.clock, config: func(c *fieldcache.Config) { c.LocalBytes = 0 }})
	want(t, "filled", a.title(1), "first")
	a.until("it is filled", func() bool { return a.count("Album filled") == 1 })
	a.table.set(1, "second")
	for _, f := range []*fixture{a, b} {
		f.Limit(5 * time.Second)
		want(t, "young", f.title(1), "first")
	}
	a.clock.advance(6 * time.Second)
	a.ready()
	a.table.fail(errors.New("away"))
	for _, f := range []*fixture{a, b} {
		want(t, "old, where loading fails", f.title(1), "first")
	}
	a.table.fail(nil)
	want(t, "old, in the process", a.title(1), "second")
	a.until("it is filled", func() bool { return a.count("Album filled") == 2 })
	a.table.set(1, "third")
	a.clock.advance(6 * time.Second)
	a.ready()
	want(t, "old, in Redis", b.title(1), "third")
	want(t, "still old, in the process", a.title(1), "third")

	// What was filled meanwhile is good again once all that was missed has been heard.
	b.until("it is filled", func() bool { return b.count("Album filled") > 0 })
	a.Limit(0)
	b.Limit(0)
	a.table.set(1, "fourth")
	a.clock.advance(time.Minute)
	a.ready()
	for _, f := range []*fixture{a, b} {
		want(t, "no limit", f.title(1), "third")
		want(t, "limited", f.IsLimited(), false)
	}
}
