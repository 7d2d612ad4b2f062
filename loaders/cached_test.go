package loaders_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/store"
	"backline/store/embedded"
	"backline/store/storetest"
)

// cached is a fixture whose loaders keep rows in a Redis of its own.
type cached struct {
	*fixture
	cache *fieldcache.Cache
	ahead atomic.Int64 // how far the cache's clock is
}

func setupCached(t *testing.T, shards int, options ...storetest.Option) *cached {
	t.Helper()
	c := &cached{fixture: setup(t, shards, options...)}
	now := time.Now() // stands still but for ahead: what is kept for moments outlives a slow test
	c.cache = openCache(t, fieldcache.Config{
		LocalBytes: 1 << 20, Clock: func() time.Time { return now.Add(time.Duration(c.ahead.Load())) },
	})
	c.options.Cache = c.cache
	c.ready(t)
	return c
}

// patience bounds every wait. Only a failure reaches it.
const patience = 3 * time.Minute

// openCache is a cache in a Redis of its own.
func openCache(t *testing.T, config fieldcache.Config) *fieldcache.Cache {
	t.Helper()
	servers, err := embedded.Start(t.Context(), embedded.Options{Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Stop(context.Background()) })
	o, err := redis.ParseURL(servers.RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	o.ContextTimeoutEnabled, o.ReadTimeout, o.WriteTimeout = true, patience, patience
	client := redis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	config.Redis, config.Spaces, config.Schema = client, loaders.Spaces(), store.CacheLayout
	config.Budget, config.Timing = patience, fieldcache.PatientTiming()
	cache, err := fieldcache.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	until(t, "the cache is in use", func() bool {
		return cache.IsAvailable() && (config.LocalBytes == 0 || cache.ServesLocally())
	})
	return cache
}

func (c *cached) ready(t *testing.T) {
	t.Helper()
	until(t, "the cache is in use", func() bool { return c.cache.IsAvailable() && c.cache.ServesLocally() })
}

// forgetAll empties the cache, in Redis and in this process.
func (c *cached) forgetAll(t *testing.T) {
	t.Helper()
	if err := c.cache.Invalidate(t.Context(), fieldcache.Ref{}); err != nil {
		t.Fatal(err)
	}
	c.ready(t)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// response loads artists in a response of its own. It gives their names, and how many statements ran.
func (c *cached) response(t *testing.T, needs *store.Needs, ns ...int64) (names string, statements int) {
	t.Helper()
	c.Statements.Reset()
	ctx := loaders.Attach(t.Context(), &c.options, false)
	loaders.For(ctx).Read(needs)
	wave(ctx, func() {
		rows, err := loaders.For(ctx).ArtistByID.LoadAll(ctx, len(ns), func(i int) store.ID { return artistID(t, ns[i]) })
		if err != nil {
			t.Error(err)
			return
		}
		all := make([]string, len(rows))
		for i, row := range rows {
			if row != nil {
				all[i] = row.Name
			}
		}
		names = strings.Join(all, ",")
	})
	return names, c.Statements.Total()
}

func TestCachedRows(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 2)
	const want = "artist 001,,artist 002,artist 001"
	for n, statements := range []int{2, 0, 0} {
		names, ran := c.response(t, nil, 1, 4000, 2, 1)
		if names != want || ran > statements || n == 0 && ran == 0 {
			t.Errorf("response %d: %s with %d statements", n, names, ran)
		}
	}
	// What is kept changes when it is said to have changed.
	c.Exec(t, "UPDATE artist SET name = 'another'")
	if names, ran := c.response(t, nil, 1, 4000, 2, 1); names != want || ran > 0 {
		t.Errorf("before it is said: %s with %d statements", names, ran)
	}
	if err := c.cache.Invalidate(t.Context(), fieldcache.Ref{Space: "Artist", ID: int64(artistID(t, 1))}); err != nil {
		t.Fatal(err)
	}
	if names, ran := c.response(t, nil, 1, 4000, 2, 1); names != "another,,artist 002,another" || ran != 1 {
		t.Errorf("one of them: %s with %d statements", names, ran)
	}
}

// TestCachedRowsAreWhole: what one operation keeps another can use, whichever columns they select.
func TestCachedRowsAreWhole(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 1)
	for _, needs := range []*store.Needs{store.NeedsOf(map[string][]string{"Artist": {"id"}}), nil} {
		if names, _ := c.response(t, needs, 3); names != "artist 003" {
			t.Errorf("got %q", names)
		}
	}
}

// TestStatementsOfAWaveStayTogether: rows that are kept and rows that are not go in one round.
func TestStatementsOfAWaveStayTogether(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 1)
	ctx := loaders.Attach(t.Context(), &c.options, true)
	set := loaders.For(ctx)
	w, err := store.AlbumsByArtistID.Window(store.PageArgs{}, store.AlbumOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	wave(ctx,
		func() {
			if row, err := set.ArtistByID.LoadOne(ctx, artistID(t, 1)); err != nil || row == nil || row.Name != "artist 001" {
				t.Errorf("artist: %v, %v", row, err)
			}
		},
		func() {
			pages, err := set.AlbumsByArtistID.LoadAll(ctx, w, 1, func(int) store.ID { return artistID(t, 1) })
			if err != nil || len(pages[0].Nodes) != albumsEach {
				t.Errorf("albums: %v, %v", pages, err)
			}
		})
	if n := c.Statements.Total(); n != 2 {
		t.Errorf("%d statements", n)
	}
}

// TestStaleRowsOfADeadShard: what is kept of it is served after its time, for as long as was said.
func TestStaleRowsOfADeadShard(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 1)
	if names, _ := c.response(t, nil, 1, 2); names != "artist 001,artist 002" {
		t.Fatalf("got %q", names)
	}
	c.ahead.Add(int64(20 * time.Minute)) // fresh for one, served for ten more, an hour if loading fails
	c.ready(t)
	c.Exec(t, "ALTER TABLE artist RENAME TO gone")
	if names, ran := c.response(t, nil, 1, 2); names != "artist 001,artist 002" || ran != 1 {
		t.Errorf("%s with %d statements", names, ran)
	}
	c.ahead.Add(int64(2 * time.Hour))
	c.ready(t)
	ctx := loaders.Attach(t.Context(), &c.options, false)
	wave(ctx, func() {
		if row, err := loaders.For(ctx).ArtistByID.LoadOne(ctx, artistID(t, 1)); err == nil {
			t.Errorf("served from long ago: %v", row)
		}
	})
}

// TestTraceHasLists: what was asked of no shard has an empty list of statements, and a response without
// batches an empty list of those: clients need not know that Go has no list.
func TestTraceHasLists(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 1)
	c.response(t, nil, 1)
	ctx := loaders.Attach(t.Context(), &c.options, true)
	text := func() string {
		t.Helper()
		b, err := json.Marshal(loaders.TraceOf(ctx))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if got := text(); got != `{"waves":0,"statements":0,"batches":[]}` {
		t.Errorf("without a batch it is %s", got)
	}
	wave(ctx, func() {
		if _, err := loaders.For(ctx).ArtistByID.LoadAll(ctx, 1, func(int) store.ID { return artistID(t, 1) }); err != nil {
			t.Error(err)
		}
	})
	if got := text(); !strings.Contains(got, `"statements":[],"cache":{"local":1}`) {
		t.Errorf("with what the process has it is %s", got)
	}
}
