package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestStartFourShardsAndStartAgain(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Shards, o.Redis = 4, true
	c := start(t, o)
	urls := c.PostgresURLs()
	if len(urls) != 4 {
		t.Fatalf("%d URLs", len(urls))
	}
	for n, url := range urls {
		execute(t, url, "CREATE TABLE mark (n int)")
		execute(t, url, "INSERT INTO mark SELECT "+string(rune('0'+n)))
	}
	ports := c.state.Ports
	stop(t, c)
	if c.Err() != nil {
		t.Errorf("an orderly end is an error: %v", c.Err())
	}

	// The ports of the last run are wanted again, for saved connections.
	var mu sync.Mutex
	var preferred []int
	o.pickPort = func(port int) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		preferred = append(preferred, port)
		return freePort(port)
	}
	again := start(t, o)
	for n, url := range again.PostgresURLs() {
		if got := query[int](t, url, "SELECT n FROM mark"); got != n {
			t.Errorf("shard %d holds the data of %d", n, got)
		}
	}
	for _, port := range ports {
		if !slices.Contains(preferred, port) {
			t.Errorf("port %d of the last run is not preferred among %v", port, preferred)
		}
	}
	if again.state.Password != c.state.Password {
		t.Error("the password changed")
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	kept := options(t)
	ephemeral := Options{Shards: 1, Ephemeral: true, places: testPlaces()}
	always := map[string]string{
		"wal_level": "logical", "max_prepared_transactions": "20", "jit": "off", "TimeZone": "UTC",
		"listen_addresses": "127.0.0.1", "server_encoding": "UTF8", "lc_collate": "C",
	}
	for name, tt := range map[string]struct {
		options Options
		want    map[string]string
	}{
		"kept":      {kept, map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}},
		"ephemeral": {ephemeral, map[string]string{"fsync": "off", "synchronous_commit": "off", "autovacuum": "off", "dynamic_shared_memory_type": "mmap"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := start(t, tt.options).PostgresURLs()[0]
			for _, settings := range []map[string]string{always, tt.want} {
				for setting, want := range settings {
					if got := query[string](t, url, "SHOW "+setting); got != want {
						t.Errorf("%s is %q, want %q", setting, got, want)
					}
				}
			}
			if got := query[string](t, url, "SELECT lower('ÀÉÎÕÜ')"); got != "àéîõü" {
				t.Errorf("lower knows only ASCII: %q", got)
			}
		})
	}
}

// TestStrangers proves what keeps other users of the machine out.
func TestStrangers(t *testing.T) {
	t.Parallel()
	c := start(t, options(t))
	info, err := os.Stat(filepath.Join(c.Dir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("sockets lie in a directory of mode %v", info.Mode())
	}
	tcp := c.PostgresTCPURLs()[0]
	if got := query[int](t, tcp, "SELECT 1"); got != 1 {
		t.Errorf("got %d", got)
	}
	stranger := strings.Replace(tcp, c.state.Password, "guess", 1)
	if connection, err := pgx.Connect(t.Context(), stranger); err == nil {
		connection.Close(t.Context())
		t.Error("a wrong password was let in by TCP")
	}
}

func TestAwkwardPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a path with spaces", `quote"s and 'apostrophes'`, "comma, and [brackets]*", "ümläut 100%"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Dir = filepath.Join(filepath.Dir(o.Dir), name)
			o.Redis = true
			c := start(t, o)
			execute(t, c.PostgresURLs()[0], "CREATE TABLE kept ()")
			stop(t, c)
			c = start(t, o)
			if got := query[int](t, c.PostgresURLs()[0], "SELECT count(*)::int FROM kept"); got != 0 {
				t.Errorf("got %d", got)
			}
			stop(t, c)
			o.Reset = true
			c = start(t, o)
			if query[bool](t, c.PostgresURLs()[0], "SELECT to_regclass('kept') IS NOT NULL") {
				t.Error("data outlived a reset")
			}
		})
	}
}

func TestLongPathUsesTCP(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Redis = true
	o.Dir = filepath.Join(o.Dir, strings.Repeat("long", 25))
	c := start(t, o)
	for _, url := range append(c.PostgresURLs(), c.RedisURL()) {
		if !strings.Contains(url, "@127.0.0.1:") {
			t.Errorf("%s", url)
		}
	}
	if got := query[int](t, c.PostgresURLs()[0], "SELECT 1"); got != 1 {
		t.Errorf("got %d", got)
	}
}

func TestEphemeralLeavesNothing(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Shards: 2, Redis: true, Ephemeral: true, places: testPlaces()})
	if _, err := os.Stat(c.Dir()); err != nil {
		t.Fatal(err)
	}
	stop(t, c)
	if _, err := os.Stat(c.Dir()); !os.IsNotExist(err) {
		t.Errorf("directory is still there: %v", err)
	}

	o := options(t)
	o.Ephemeral = true
	stop(t, start(t, o))
	if entries, err := os.ReadDir(o.Dir); err != nil || len(entries) > 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

func TestEphemeralDoesNotTouchKeptData(t *testing.T) {
	t.Parallel()
	o := options(t)
	stop(t, start(t, o))
	o.Ephemeral = true
	wantText(t, startError(t, o), o.Dir, "to be kept")
	o.Ephemeral = false
	start(t, o)
}

// TestColdCacheRace starts two clusters on a cache that has no template yet.
func TestColdCacheRace(t *testing.T) {
	t.Parallel()
	cache := tempDir(t)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			p := testPlaces()
			p.caches = []string{cache}
			c, err := Start(t.Context(), Options{Shards: 1, Ephemeral: true, places: p})
			if err != nil {
				t.Error(err)
				return
			}
			stop(t, c)
		})
	}
	group.Wait()
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) != 1 {
		t.Errorf("cache holds %v, %v", entries, err)
	}
}

// TestInterruptedFirstStart repeats a first start that died between two shards.
func TestInterruptedFirstStart(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Shards = 2
	stop(t, start(t, o))
	s, _, err := readState(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	shard := filepath.Join(o.Dir, "shard-1")
	if err := os.Rename(shard, shard+".new"); err != nil {
		t.Fatal(err)
	}

	wantText(t, startError(t, o), "shard-1", "missing", "--reset")

	s.Created = false
	if err := s.write(o.Dir); err != nil {
		t.Fatal(err)
	}
	for _, url := range start(t, o).PostgresURLs() {
		if got := query[int](t, url, "SELECT 1"); got != 1 {
			t.Errorf("got %d", got)
		}
	}
}

func TestResetRemovesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Shards = 2
	stop(t, start(t, o))
	foreign := filepath.Join(o.Dir, "notes.txt")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.Shards, o.Reset = 1, true
	start(t, o)
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, "shard-1")); !os.IsNotExist(err) {
		t.Errorf("shard-1 is still there: %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		"-1 shards":         {Dir: "x", Shards: -1},
		"neither shards":    {Dir: "x"},
		"no data directory": {Shards: 1},
	} {
		wantText(t, startError(t, o), want)
	}
}

// BenchmarkStart measures what tests (cold) and developers (warm) wait for.
func BenchmarkStart(b *testing.B) {
	run := func(b *testing.B, o Options) {
		for b.Loop() {
			c, err := Start(b.Context(), o)
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := c.Stop(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	}
	b.Run("cold", func(b *testing.B) {
		o := Options{Shards: 4, Redis: true, Ephemeral: true, places: testPlaces()}
		first, err := Start(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		_ = first.Stop(b.Context())
		run(b, o)
	})
	b.Run("warm", func(b *testing.B) {
		dir, err := openTempDir()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { os.RemoveAll(dir) })
		o := Options{Dir: dir, Shards: 4, Redis: true, places: testPlaces()}
		first, err := Start(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		_ = first.Stop(b.Context())
		run(b, o)
	})
}

// TestCancelledStart gives up in the middle of initdb, as Ctrl-C does.
func TestCancelledStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := options(t)
	cache := tempDir(t)
	o.places.caches = []string{cache}
	o.Progress = func(message string) {
		if strings.Contains(message, "initdb") {
			cancel()
		}
	}
	if c, err := Start(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, %v", c, err)
	}
	if entries, err := os.ReadDir(cache); err != nil || len(entries) > 0 {
		t.Errorf("left in the cache: %v, %v", entries, err)
	}
	o.Progress = nil
	start(t, o)
}
