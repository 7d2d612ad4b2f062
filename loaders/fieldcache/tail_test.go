package fieldcache_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"backline/loaders/fieldcache"
)

// TestLossesEmptyL1 damages the stream in all ways, and sees that L1 is not served beyond that.
func TestLossesEmptyL1(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(t *testing.T, client *redis.Client, ns string)
		reason string
	}{
		"a gap": {func(t *testing.T, c *redis.Client, ns string) {
			n, _ := c.HGet(t.Context(), "{"+ns+"}:state", "n").Int64()
			c.HSet(t.Context(), "{"+ns+"}:state", "n", n+2)
			c.XAdd(t.Context(), &redis.XAddArgs{Stream: "{" + ns + "}:stream", Values: []any{"n", n + 2, "what", "Album 5\n"}})
		}, "flushed: entries of the stream are missing"},
		"a trim": {func(t *testing.T, c *redis.Client, ns string) {
			n, _ := c.HGet(t.Context(), "{"+ns+"}:state", "n").Int64()
			c.HSet(t.Context(), "{"+ns+"}:state", "n", n+1) // given out, and never to be seen
		}, "flushed: entries of the stream are missing"},
		"an older number": {func(t *testing.T, c *redis.Client, ns string) {
			c.HSet(t.Context(), "{"+ns+"}:state", "n", "5")
		}, "flushed: the stream began anew"},
		"no number": {func(t *testing.T, c *redis.Client, ns string) {
			c.Del(t.Context(), "{"+ns+"}:state")
		}, "flushed: the stream began anew"},
		"nonsense": {func(t *testing.T, c *redis.Client, ns string) {
			c.XAdd(t.Context(), &redis.XAddArgs{Stream: "{" + ns + "}:stream", Values: []any{"what", "Album 5\n"}})
		}, "flushed: an entry of the stream is malformed"},
		"a reconnect": {func(t *testing.T, c *redis.Client, _ string) {
			list, err := c.ClientList(t.Context()).Result()
			if err != nil || list == "" {
				t.Fatal(err)
			}
			c.Do(t.Context(), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
		}, "flushed: the connection was lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := ownRedis(t)
			f := setup(t, options{client: s.client(t)})
			f.title(1)
			f.until("it is filled", func() bool { return f.count("Album filled") == 1 })
			want(t, "before", f.get("Album", "", "", 1).Counts, fieldcache.Counts{Local: 1})
			c.damage(t, s.client(t), namespace(t))
			f.until("it is noticed", func() bool { return f.count(c.reason) >= 1 })
			f.ready()
			if got := f.get("Album", "", "", 1).Counts; got.Local != 0 {
				t.Errorf("served from before: %+v", got)
			}
			want(t, "then", f.title(1), "first")
		})
	}
}

// TestARedisThatKnowsLess is a failover that lost what was last written to the stream: values that
// were deleted may be back.
func TestARedisThatKnowsLess(t *testing.T) {
	t.Parallel()
	s := ownRedis(t)
	client := s.client(t)
	a := setup(t, options{client: s.client(t)})
	a.title(1)
	a.until("it is filled", func() bool { return a.count("Album filled") == 1 })
	key := namespace(t) + ":s1:Album:1"
	old := client.Get(t.Context(), key).Val()
	number := client.HGet(t.Context(), "{"+namespace(t)+"}:state", "n").Val()
	a.table.set(1, "second")
	if err := a.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
		t.Fatal(err)
	}
	client.Set(t.Context(), key, old, 0)
	client.HSet(t.Context(), "{"+namespace(t)+"}:state", "n", number)
	a.until("the value that is back is not served", func() bool { return a.count("flushed: the stream began anew") > 0 && a.ServesLocally() })
	want(t, "in this process", a.title(1), "second")
	want(t, "elsewhere", setup(t, options{client: s.client(t), table: a.table}).title(1), "second")
}

// TestManyInvalidations are more than an entry takes, more than one answer brings.
func TestManyInvalidations(t *testing.T) {
	t.Parallel()
	a := setup(t, options{})
	b := setup(t, options{table: a.table})
	refs := make([]fieldcache.Ref, 0, 3000)
	for id := range int64(1500) {
		refs = append(refs, fieldcache.Ref{Space: "Album", ID: id + 1}, fieldcache.Ref{Space: "Album", ID: id + 1})
	}
	for id := int64(1); id <= 100; id++ {
		b.title(id)
		b.table.set(id, "second")
	}
	if err := a.Invalidate(t.Context(), refs...); err != nil {
		t.Fatal(err)
	}
	b.until("b has heard of all", func() bool { return b.count("Album invalidated") == 1500 })
	for id := int64(1); id <= 100; id++ {
		want(t, "then", b.title(id), "second")
	}
}

// TestSilence: without a word for a while L1 does not serve, whatever the connection says.
func TestSilence(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	for range 100 { // a word may come between the two
		f.ready()
		f.clock.advance(fieldcache.PatientTiming().Trust + time.Millisecond)
		if !f.ServesLocally() {
			return
		}
	}
	t.Error("it went on serving")
}
