package fieldcache_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// Whoever asks while all calls wait for Redis goes with the next one, and each gets its own values.
func TestResponsesShareCalls(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	client := sharedRedis(t).client(t)
	key := func(i int) string { return namespace(t) + ":joint:" + fmt.Sprint(i) }
	for i := range 25 {
		if err := client.Set(t.Context(), key(i), fmt.Sprint("value ", i), time.Minute).Err(); err != nil {
			t.Fatal(err)
		}
	}
	before := f.count("called read")
	release := f.HoldCalls()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			values, ok := f.ReadJointly(t.Context(), time.Minute, key(i), key(100), key(i+5))
			if !ok || len(values) != 3 || values[0] != fmt.Sprint("value ", i) || values[1] != "" || values[2] != fmt.Sprint("value ", i+5) {
				t.Errorf("%d: got %q, %v", i, values, ok)
			}
		})
	}
	f.until("all wait", func() bool { _, waiting := f.CallsUnderWay(); return waiting == 20 })
	release()
	all.Wait()
	under, _ := f.CallsUnderWay()
	want(t, "calls under way", under, 0)
	want(t, "calls for 60 keys, of which one reads 32 at most", f.count("called read")-before, 2)
}

// Whoever cannot wait any longer goes without, and holds nobody up: not even if the next call was to be theirs.
func TestNobodyWaitsForCallsTooLong(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	release := f.HoldCalls()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx    context.Context
		budget time.Duration
	}{{t.Context(), time.Millisecond}, {gone, time.Minute}} {
		if values, ok := f.ReadJointly(c.ctx, c.budget, "a"); ok {
			t.Errorf("read %q in no time", values)
		}
	}
	_, waiting := f.CallsUnderWay()
	want(t, "those who wait", waiting, 0)
	release()
	under, _ := f.CallsUnderWay()
	want(t, "calls under way", under, 0)
	var all sync.WaitGroup
	for i := range 2000 {
		all.Go(func() {
			ctx := t.Context()
			if i%7 == 0 {
				ctx = gone
			}
			f.ReadJointly(ctx, time.Duration(i%50)*time.Microsecond, "a")
		})
	}
	all.Wait()
	if under, waiting := f.CallsUnderWay(); under != 0 || waiting != 0 {
		t.Errorf("%d calls under way and %d wait, for nobody", under, waiting)
	}
	f.until("what had no time is not held against Redis any more", func() bool {
		_, ok := f.ReadJointly(t.Context(), time.Minute, "a")
		return ok
	})
}
