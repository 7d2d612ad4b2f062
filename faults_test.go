package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/redisurl"
	"backline/store"
)

// TestRedisAway takes Redis away in every way that it can be away. Whatever the way: no answer is an
// error, what is written is seen, the breaker opens so that nobody waits, and when Redis is back what it
// had kept is not believed.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	toxic := func(text string) func(b *bed) { return func(b *bed) { b.toxic(text) } }
	healthy := func(b *bed) { b.proxy.Toxics.ResetToxics(b.t.Context()) }
	for name, fault := range map[string]struct {
		down       bool // at the start
		away, back func(b *bed)
	}{
		"down at the start": {down: true, away: func(*bed) {}, back: func(b *bed) { b.redis.start(b.t) }},
		"killed":            {away: func(b *bed) { b.redis.kill() }, back: func(b *bed) { b.redis.start(b.t) }},
		"stopped": {
			away: func(b *bed) { b.redis.signal(syscall.SIGSTOP) },
			back: func(b *bed) { b.redis.signal(syscall.SIGCONT) },
		},
		"500 ms late":       {away: toxic(`{"type":"latency","attributes":{"latency":500}}`), back: healthy},
		"connections reset": {away: toxic(`{"type":"reset_peer","attributes":{"timeout":0}}`), back: healthy},
		"half open":         {away: toxic(`{"type":"timeout","attributes":{"timeout":0}}`), back: healthy},
		"deaf":              {away: toxic(`{"type":"timeout","stream":"upstream","attributes":{"timeout":0}}`), back: healthy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := makeBed(t, fault.down)
			b.settle()
			if !fault.down {
				b.works()
				b.kept()
			}
			b.took = nil
			for range 20 {
				b.read()
			}
			t.Logf("with Redis: %s", b.times())
			const vain = `backline_cache_call_duration_seconds_count{call="read",outcome="error"}`
			before := b.metric(vain)
			fault.away(b)
			for range 3 {
				b.write()
				b.settle()
			}
			b.until("the breaker is open", func() bool { b.read(); return b.metric("backline_cache_redis_available ") == 0 })
			t.Logf("until the breaker was open: %s", b.times())
			const reads = `backline_cache_call_duration_seconds_count{call="read"`
			calls := b.metric(reads)
			for range 100 {
				b.read()
			}
			t.Logf("then: %s", b.times())
			// Those under way when the breaker opened end now: of refreshes, of which four run at once.
			if n := b.metric(reads) - calls; n > 4 {
				t.Errorf("%v calls to a Redis that is away: requests wait for nothing", n)
			}
			// Five in a row open the breaker; refreshes, of which four run at once, may be under way then.
			if failed, opened := b.metric(vain)-before, b.metric(`backline_cache_redis_changes_total{to="away"}`); failed > (5+4)*max(opened, 1) {
				t.Errorf("%v requests waited for Redis in vain until the breaker opened %v times", failed, opened)
			}
			b.until("the process has nothing", func() bool {
				status, body := b.get(b.url + "/health/ready?verbose")
				if status != 200 || !strings.Contains(body, `"status":"UP"`) || !strings.Contains(body, `"redis":"DOWN"`) {
					t.Fatalf("ready says %d %s", status, body)
				}
				return strings.Contains(body, `"redis":"DOWN","local":false`)
			})
			fault.back(b)
			b.floor = 0 // what lies in Redis is as old as the change feed is late
			b.works()
			b.settle()
			b.write()
			b.settle()
			b.kept()
			for range 20 {
				b.read()
			}
		})
	}
}

// TestRedisForgets: what Redis loses, or has no room for, or what somebody else has put there, changes no
// answer.
func TestRedisForgets(t *testing.T) {
	t.Parallel()
	fill := func(b *bed) {
		c := b.redis.client(b.t)
		for i := range 600 { // 6 MB
			c.Set(b.t.Context(), "filler:"+strconv.Itoa(i), strings.Repeat("x", 10_000), 0)
		}
	}
	for name, fault := range map[string]struct {
		args  []string
		do    func(b *bed)
		shows string // a metric that is above 0 afterwards, if need be when it is done once more
	}{
		"FLUSHALL": {
			do:    func(b *bed) { b.redis.client(b.t).FlushAll(b.t.Context()) },
			shows: `backline_cache_local_flushes_total{reason="the stream began anew"}`,
		},
		"2 MB, and nothing is evicted": {args: []string{"--maxmemory", "2mb", "--maxmemory-policy", "noeviction"}, do: fill},
		"2 MB, and all is evicted":     {args: []string{"--maxmemory", "2mb", "--maxmemory-policy", "allkeys-lru"}, do: fill},
		"random bytes in values": {
			do: func(b *bed) {
				c := b.redis.client(b.t)
				rewrite(b, func(key, _ string) string {
					garbage := make([]byte, 1+rand.IntN(200))
					for i := range garbage {
						garbage[i] = byte(rand.UintN(256))
					}
					return string(garbage)
				})
				c.Del(b.t.Context(), "{backline:cache}:state") // or nobody looks there: all is in the process
			},
			shows: `backline_cache_discarded_total{space="Artist"}`,
		},
		"values of an older format": {
			do: func(b *bed) {
				rewrite(b, func(_, value string) string { return "\x01" + value[1:] })
				b.redis.client(b.t).Del(b.t.Context(), "{backline:cache}:state")
			},
			shows: `backline_cache_discarded_total{space="Artist"}`,
		},
		"an empty Redis takes over": {
			do: func(b *bed) {
				other := newRedisServer(b.t)
				other.startAnywhere(b.t)
				if err := b.proxy.Update(proxyOf(b, other.addr)); err != nil {
					b.t.Fatal(err)
				}
			},
			shows: "backline_cache_local_flushes_total",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := makeBed(t, false, fault.args...)
			b.settle()
			b.works()
			b.kept()
			fault.do(b)
			// What is done to values shows where they are read: not if they were in no place, or only in the
			// process; and a stream that is just being lost for another reason is not told to begin anew.
			again := time.Now().Add(time.Second)
			b.until("the metrics show it", func() bool {
				if fault.shows == "" || b.metric(fault.shows) > 0 {
					return true
				}
				if b.read(); time.Now().After(again) {
					b.works()
					b.kept()
					fault.do(b)
					again = time.Now().Add(time.Second)
				}
				return false
			})
			for range 5 {
				b.writeHeard()
				b.settle()
				for range 10 {
					b.read()
				}
			}
			b.works()
		})
	}
}

// rewrite puts other values in the place of those that are kept of artists.
func rewrite(b *bed, other func(key, value string) string) {
	b.t.Helper()
	c := b.redis.client(b.t)
	keys, err := c.Keys(b.t.Context(), "backline:cache:*:Artist:*").Result()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, key := range keys {
		value := c.Get(b.t.Context(), key).Val()
		if strings.HasSuffix(key, ":_g") || value == "" || value[0] == 'L' {
			continue
		}
		c.Set(b.t.Context(), key, other(key, value), time.Hour)
	}
}

// TestStoreWhileRedisIsAway: what the cache kept from the store does not reach it all at once.
func TestStoreWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	const seats = 8
	b := makeBed(t, false)
	b.settle()
	b.redis.kill()
	b.until("the breaker is open", func() bool { b.read(); return b.metric("backline_cache_redis_available ") == 0 })
	b.until("the process has nothing", func() bool { return b.metric("backline_cache_local_available ") == 0 })
	tx, err := b.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE artist"); err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	for _, id := range b.ids {
		asking.Go(func() { b.query(fmt.Sprintf("{ artist(id: %q) { name } }", id)) }) // too late for some, perhaps
	}
	b.until("some wait for a seat", func() bool { return b.metric("backline_cache_store_waiting ") > 0 })
	for range 10 {
		var inside int
		if err := tx.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'artist'::regclass").Scan(&inside); err != nil {
			t.Fatal(err)
		}
		if inside > seats {
			t.Errorf("%d statements at once", inside)
		}
	}
	if n := b.metric("backline_cache_store_loading "); n > seats {
		t.Errorf("%v rounds ask the store at once", n)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	asking.Wait()
	b.read()
}

// TestTwoLayoutsSideBySide: while a deployment rolls, the values of the release before lie beside those of
// this one, and what changes is forgotten in both.
func TestTwoLayoutsSideBySide(t *testing.T) {
	t.Parallel()
	b := makeBed(t, false)
	client, err := redisurl.Open("redis://" + b.redis.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	before, err := fieldcache.New(fieldcache.Config{
		Redis: client, Spaces: loaders.Spaces(), Schema: "before", LocalBytes: 1 << 20, Budget: patience, Timing: fieldcache.PatientTiming(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(before.Close)
	b.until("the release before is ready", func() bool { return before.IsAvailable() && before.ServesLocally() })
	b.settle()
	node, err := store.ParseNodeID(b.ids[0])
	if err != nil {
		t.Fatal(err)
	}
	// The release before reads through its own cache.
	look := func() (name string, missed int) {
		r := before.Session("").Round()
		defer r.Close()
		batch := r.Add(before.Space("Artist"), "", []int64{int64(node.ID)}, nil)
		for r.Next(t.Context()) {
			var row store.Artist
			if err := b.db.QueryRow(t.Context(), "SELECT name FROM artist WHERE id = $1", int64(node.ID)).Scan(&row.Name); err != nil {
				t.Fatal(err)
			}
			batch.Put(0, &row, nil)
		}
		return batch.Values[0].(*store.Artist).Name, batch.Counts.Missed
	}
	for range 3 {
		b.until("it is kept by the release before", func() bool { _, missed := look(); return missed == 0 })
		b.kept()
		b.write()
		b.settle()
		want := "v" + strconv.Itoa(b.version)
		b.until("the release before has heard of it", func() bool { name, _ := look(); return name == want })
	}
}
