package fieldcache_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"backline/loaders/fieldcache"
)

// withSubtrees is a cache that keeps those of Query.album.
func withSubtrees(t testing.TB, o options) *fixture {
	t.Helper()
	config := o.config
	o.config = func(c *fieldcache.Config) {
		c.Subtrees = []string{"Query.album"}
		if config != nil {
			config(c)
		}
	}
	f := setup(t, o)
	f.until("subtrees are kept", f.KeepsSubtrees)
	return f
}

// ask takes the subtree of an album, or makes it out of the title. How it came shows where it was.
func (f *fixture) ask(id int64, late bool) (json, from string) {
	f.t.Helper()
	s, key := f.Session(""), fmt.Sprint(id)
	if found := s.LocalSubtree("Query.album", key); found != nil {
		return found.JSON(), fieldcache.FromLocal
	}
	wanted := []fieldcache.Wanted{{Field: "Query.album", Key: key}}
	search := s.FindSubtrees(f.t.Context(), wanted)
	defer search.End()
	if w := wanted[0]; w.Found != nil {
		return w.Found.JSON(), w.From
	}
	values, _ := f.table.load(f.t.Context(), []int64{id})
	json = "null"
	if values[0] != nil {
		json = `"` + values[0].(*album).Title + `"`
	}
	if late {
		search.Late()
	}
	var reads fieldcache.Reads
	reads.Add(f.Space("Album"), id)
	search.Keep(0, []byte("counts"), []byte(json), &reads)
	return json, ""
}

func (f *fixture) wantAsked(id int64, json, from string) {
	f.t.Helper()
	gotJSON, gotFrom := f.ask(id, false)
	want(f.t, fmt.Sprintf("subtree %d", id), gotJSON+" from "+gotFrom, json+" from "+from)
}

func (f *fixture) filled(n int) {
	f.t.Helper()
	f.until("subtrees are in Redis", func() bool { return f.count("Query.album#bytes filled") >= n })
}

func TestSubtreesAreKept(t *testing.T) {
	t.Parallel()
	a := withSubtrees(t, options{})
	b := withSubtrees(t, options{table: a.table})
	c := withSubtrees(t, options{table: a.table, config: func(c *fieldcache.Config) { c.LocalBytes = 0 }})
	a.wantAsked(1, `"first"`, "")
	a.filled(1)
	a.wantAsked(1, `"first"`, fieldcache.FromLocal)
	b.wantAsked(1, `"first"`, fieldcache.FromRedis)
	b.wantAsked(1, `"first"`, fieldcache.FromLocal)
	c.wantAsked(1, `"first"`, fieldcache.FromRedis)
	c.wantAsked(1, `"first"`, fieldcache.FromRedis)
	want(t, "loads", a.table.loads.Load(), 1)
	for _, name := range []string{"Query.album#bytes local", "Query.album#bytes misses"} {
		want(t, name, a.count(name), 1)
	}
	if s := a.Session("").LocalSubtree("Query.album", "1"); s.Counts() != "counts" {
		t.Errorf("counts %q", s.Counts())
	}
	a.table.set(1, "second")
	if err := a.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
		t.Fatal(err)
	}
	a.wantAsked(1, `"second"`, "")
	for _, f := range []*fixture{b, c} {
		f.until("the change is heard", func() bool { json, _ := f.ask(1, false); return json == `"second"` })
	}
	want(t, "loads by whoever asked", a.table.loads.Load() < 5, true)
}

// TestEveryNameCounts: the id, its space, and everything; and nothing else.
func TestEveryNameCounts(t *testing.T) {
	t.Parallel()
	f := withSubtrees(t, options{})
	for ref, isNamed := range map[fieldcache.Ref]bool{
		{Space: "Album", ID: 1}: true, {Space: "Album"}: true, {}: true,
		{Space: "Album", ID: 2}: false, {Space: "Artist.albums", ID: 1}: false, {Space: "Artist.albums"}: false, {Space: "unknown"}: false,
	} {
		f.ask(1, false)
		f.until("it is kept", func() bool { _, from := f.ask(1, false); return from == fieldcache.FromLocal })
		heard := f.Heard()
		if err := fieldcache.NewInvalidator(sharedRedis(t).client(t), namespace(t), "s1").Invalidate(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
		f.until("it is heard", func() bool { return f.Heard() > heard })
		if _, from := f.ask(1, false); (from == "") != isNamed {
			t.Errorf("%v: from %q", ref, from)
		}
	}
}

// TestWhatIsNotKept is what somebody else must not see, or would not be told of.
func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	f := withSubtrees(t, options{})
	for name, keep := range map[string]func(s *fieldcache.Search){
		"private": func(s *fieldcache.Search) {
			var r fieldcache.Reads
			r.Add(f.Space("Album"), 1)
			r.Add(f.Space("Query.me"), 1)
			s.Keep(0, nil, []byte("1"), &r)
		},
		"kept nowhere": func(s *fieldcache.Search) {
			var r fieldcache.Reads
			r.Add(f.Space("Album"), 1)
			r.Add(nil, 1)
			s.Keep(0, nil, []byte("1"), &r)
		},
		"unknown": func(s *fieldcache.Search) {
			var r fieldcache.Reads
			r.Add(f.Space("Album"), 1)
			r.Unknown()
			s.Keep(0, nil, []byte("1"), &r)
		},
		"nothing read": func(s *fieldcache.Search) { s.Keep(0, nil, []byte("1"), &fieldcache.Reads{}) },
		"too large": func(s *fieldcache.Search) {
			var r fieldcache.Reads
			r.Add(f.Space("Album"), 1)
			s.Keep(0, nil, make([]byte, fieldcache.MaxSubtree), &r)
		},
		"too many rows": func(s *fieldcache.Search) {
			var r fieldcache.Reads
			for id := range int64(fieldcache.MaxSubtreeRefs + 1) {
				r.Add(f.Space("Album"), id+1)
			}
			s.Keep(0, nil, []byte("1"), &r)
		},
		"given up": func(*fieldcache.Search) {},
	} {
		for range 2 {
			wanted := []fieldcache.Wanted{{Field: "Query.album", Key: name}}
			s := f.Session("").FindSubtrees(t.Context(), wanted)
			if wanted[0].Found != nil {
				t.Errorf("%s: found %q", name, wanted[0].Found.JSON())
			}
			keep(s)
			s.End()
		}
	}
	want(t, "filled", f.count("Query.album#bytes filled"), 0)
	want(t, "under way", f.SubtreesUnderWay(), 0)
	for _, field := range []string{"Query.other", "Album"} {
		wanted := []fieldcache.Wanted{{Field: field, Key: "1"}}
		s := f.Session("").FindSubtrees(t.Context(), wanted)
		if s.Makes() || wanted[0].Found != nil || f.Session("").LocalSubtree(field, "1") != nil {
			t.Errorf("%s is kept", field)
		}
		s.End()
	}
}

// TestSubtreesExpire: with the shortest time of what they are made of, and where there is nothing soon.
func TestSubtreesExpire(t *testing.T) {
	t.Parallel()
	f := withSubtrees(t, options{})
	f.ask(1, false)
	f.ask(1000, false) // there is none
	f.filled(2)
	f.clock.advance(15 * time.Second)
	f.until("it is heard again", f.KeepsSubtrees)
	f.wantAsked(1, `"first"`, fieldcache.FromLocal)
	f.wantAsked(1000, "null", "")
	f.clock.advance(55 * time.Second)
	f.until("it is heard again", f.KeepsSubtrees)
	f.wantAsked(1, `"first"`, "")
}

// TestSubtreesRaceWithInvalidations: a subtree that was read before a change, and is kept after it was
// said, is given to nobody. The variant that notes afterwards what had been said shows that the test can
// fail.
func TestSubtreesRaceWithInvalidations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ late, local bool }{
		"in Redis": {false, false}, "in the process": {false, true}, "noted too late, so that this test can fail": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withSubtrees(t, options{config: func(config *fieldcache.Config) {
				if !c.local {
					config.LocalBytes = 0
				}
			}})
			inval := fieldcache.NewInvalidator(sharedRedis(t).client(t), namespace(t), "s1")
			stale := race(t, func(table *table, id int64) string {
				g := *f
				g.table = table
				json, _ := g.ask(id, c.late)
				return strings.Trim(json, `"`)
			}, func(id int64) {
				if err := inval.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: id}); err != nil {
					t.Error(err)
				}
				// What is said is heard before anybody looks what has become of it.
				said, err := sharedRedis(t).client(t).HGet(t.Context(), "{"+namespace(t)+"}:state", "n").Uint64()
				if err != nil {
					t.Error(err)
				}
				f.until("it is heard", func() bool { return f.Heard() >= said })
			})
			if (stale > 0) != c.late {
				t.Errorf("%d of 300 subtrees are stale", stale)
			}
		})
	}
}

// TestLossesOutdateSubtrees damages the stream, and sees that nothing from before is given out: neither of
// the process nor of Redis.
func TestLossesOutdateSubtrees(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, c *redis.Client, ns string){
		"a gap": func(t *testing.T, c *redis.Client, ns string) {
			n, _ := c.HGet(t.Context(), "{"+ns+"}:state", "n").Int64()
			c.HSet(t.Context(), "{"+ns+"}:state", "n", n+2)
			c.XAdd(t.Context(), &redis.XAddArgs{Stream: "{" + ns + "}:stream", Values: []any{"n", n + 2, "what", "Album 5\n"}})
		},
		"a trim": func(t *testing.T, c *redis.Client, ns string) {
			n, _ := c.HGet(t.Context(), "{"+ns+"}:state", "n").Int64()
			c.HSet(t.Context(), "{"+ns+"}:state", "n", n+1)
		},
		"another Redis that knows less": func(t *testing.T, c *redis.Client, ns string) {
			n, _ := c.HGet(t.Context(), "{"+ns+"}:state", "n").Int64()
			c.HSet(t.Context(), "{"+ns+"}:state", "n", n-1)
		},
		"another Redis that knows nothing": func(t *testing.T, c *redis.Client, ns string) {
			c.Del(t.Context(), "{"+ns+"}:state")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := ownRedis(t)
			f := withSubtrees(t, options{client: s.client(t)})
			if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 9}); err != nil {
				t.Fatal(err)
			}
			f.until("it is heard", func() bool { f.ask(1, false); _, from := f.ask(1, false); return from == fieldcache.FromLocal })
			f.filled(1)
			before := f.Heard()
			f.table.set(1, "second") // and nobody hears of it
			damage(t, s.client(t), namespace(t))
			f.until("it is noticed", func() bool { return f.Heard() > before })
			f.until("the stream is heard again", f.KeepsSubtrees)
			f.wantAsked(1, `"second"`, "")
			b := withSubtrees(t, options{client: s.client(t), table: f.table})
			b.until("another process finds what is new", func() bool { json, _ := b.ask(1, false); return json == `"second"` })
		})
	}
}

// TestALateListener: what was said between a fill and the moment from which a process listens is not known
// to it, so the subtree is not for it; one that is filled since then is.
func TestALateListener(t *testing.T) {
	t.Parallel()
	a := withSubtrees(t, options{})
	a.ask(1, false)
	a.filled(1)
	heard := a.Heard()
	if err := fieldcache.NewInvalidator(sharedRedis(t).client(t), namespace(t), "s1").Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 2}); err != nil {
		t.Fatal(err)
	}
	a.until("it is heard", func() bool { return a.Heard() > heard })
	a.wantAsked(1, `"first"`, fieldcache.FromLocal) // it heard that something else was named
	b := withSubtrees(t, options{table: a.table})
	b.wantAsked(1, `"first"`, "")
	b.filled(1)
	c := withSubtrees(t, options{table: a.table})
	c.wantAsked(1, `"first"`, fieldcache.FromRedis)
}

// TestNumbersAreNotGivenOutTwice: a Redis that lost its last words goes on beyond them.
func TestNumbersAreNotGivenOutTwice(t *testing.T) {
	t.Parallel()
	s := ownRedis(t)
	client := s.client(t)
	f := withSubtrees(t, options{client: s.client(t)})
	for id := range int64(5) {
		if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: id + 1}); err != nil {
			t.Fatal(err)
		}
	}
	state := "{" + namespace(t) + "}:state"
	n, err := client.HGet(t.Context(), state, "n").Uint64()
	if err != nil {
		t.Fatal(err)
	}
	f.until("all is heard", func() bool { return f.Heard() == n })
	client.HSet(t.Context(), state, "n", n-3)
	f.until("the process hears beyond", func() bool { return f.Heard() > n+fieldcache.Beyond })
}

// TestOneMakesASubtree: others of the process wait for it, and go on by themselves if nothing comes of it.
func TestOneMakesASubtree(t *testing.T) {
	t.Parallel()
	for name, keeps := range map[string]bool{"kept": true, "given up": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withSubtrees(t, options{})
			wanted := []fieldcache.Wanted{{Field: "Query.album", Key: "1"}}
			leader := f.Session("").FindSubtrees(t.Context(), wanted)
			var found, made atomic.Int64
			var group sync.WaitGroup
			for range 20 {
				group.Go(func() {
					mine := []fieldcache.Wanted{{Field: "Query.album", Key: "1"}}
					s := f.Session("").FindSubtrees(t.Context(), mine)
					defer s.End()
					if mine[0].Found != nil {
						found.Add(1)
					} else {
						made.Add(1)
					}
				})
			}
			want(t, "under way", f.SubtreesUnderWay(), 1)
			if keeps {
				var reads fieldcache.Reads
				reads.Add(f.Space("Album"), 1)
				leader.Keep(0, nil, []byte(`"first"`), &reads)
			}
			leader.End()
			group.Wait()
			want(t, "responses", found.Load()+made.Load(), 20)
			if !keeps {
				want(t, "found", found.Load(), 0)
			}
			want(t, "under way", f.SubtreesUnderWay(), 0)
		})
	}
}

// TestDamagedSubtrees: what cannot be read is a miss, and replaced.
func TestDamagedSubtrees(t *testing.T) {
	t.Parallel()
	client := sharedRedis(t).client(t)
	f := withSubtrees(t, options{config: func(c *fieldcache.Config) { c.LocalBytes = 0 }})
	f.ask(1, false)
	f.filled(1)
	keys, err := client.Keys(t.Context(), namespace(t)+":s1:Query.album#bytes:*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	good := client.Get(t.Context(), keys[0]).Val()
	flipped := []byte(good)
	flipped[len(flipped)-2] ^= 1
	for n, bad := range []string{"x", good[:20], good[:len(good)-1], good + "x", string(flipped), "\x82" + good[1:]} {
		client.Set(t.Context(), keys[0], bad, time.Minute)
		f.wantAsked(1, `"first"`, "")
		want(t, "discarded", f.count("Query.album#bytes discarded"), n+1)
		f.filled(n + 2)
		f.wantAsked(1, `"first"`, fieldcache.FromRedis)
	}
}
