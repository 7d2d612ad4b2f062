package telemetry_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/telemetry"
)

// code is an error with a code, as the store has them.
type code string

func (c code) Error() string { return "coded" }
func (c code) Code() string  { return string(c) }

func TestMetrics(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	ctx := t.Context()
	tel.OperationEnd(ctx, "query", "Artists", "ok", 3*time.Millisecond)
	tel.OperationEnd(ctx, "query", "", "partial", time.Second)
	tel.OperationEnd(ctx, "query", strings.Repeat("n", 65), "error", 0)
	tel.Error("NOT_FOUND")
	tel.Denied("Customer")
	tel.Denied("Customer")
	tel.BatchEnd(ctx, "AlbumsByArtistID", 50, 2*time.Millisecond, nil)
	tel.BatchEnd(ctx, "AlbumsByArtistID", 3, 2*time.Millisecond, errBroken)
	for _, err := range []error{nil, errBroken, fmt.Errorf("run: %w", context.Canceled), context.DeadlineExceeded, code("TIMEOUT"), code("UNAVAILABLE")} {
		tel.StatementEnd(ctx, "2", "AlbumsByArtistID", 10, 2*time.Millisecond, err)
	}
	tel.ObservePools(func() []telemetry.Pool {
		return []telemetry.Pool{{Shard: "2", Role: "primary", Max: 8, Total: 5, InUse: 2, Idle: 2, Acquired: 100, Waited: 7, Abandoned: 1, WaitTime: 1500 * time.Millisecond}}
	})
	got := scrape(t, tel)
	for _, want := range []string{
		`backline_build_info{go="go1.`,
		`version="1.2.3"} 1`,
		`backline_operation_duration_seconds_count{name="Artists",outcome="ok",type="query"} 1`,
		`backline_operation_duration_seconds_bucket{name="Artists",outcome="ok",type="query",le="0.0025"} 0`,
		`backline_operation_duration_seconds_bucket{name="Artists",outcome="ok",type="query",le="0.005"} 1`,
		`backline_operation_duration_seconds_count{name="anonymous",outcome="partial",type="query"} 1`,
		`backline_operation_duration_seconds_count{name="other",outcome="error",type="query"} 1`,
		`backline_errors_total{code="NOT_FOUND"} 1`,
		`backline_denials_total{coordinate="Customer"} 2`,
		`backline_batch_keys_sum{loader="AlbumsByArtistID"} 53`,
		`backline_batch_duration_seconds_count{loader="AlbumsByArtistID",outcome="ok"} 1`,
		`backline_batch_duration_seconds_count{loader="AlbumsByArtistID",outcome="error"} 1`,
		`backline_statement_rows_total{shard="2"} 60`,
		`backline_statement_duration_seconds_count{outcome="ok",shard="2"} 1`,
		`backline_statement_duration_seconds_count{outcome="error",shard="2"} 2`,
		`backline_statement_duration_seconds_count{outcome="cancelled",shard="2"} 1`,
		`backline_statement_duration_seconds_count{outcome="timeout",shard="2"} 2`,
		`backline_pool_connections_max{role="primary",shard="2"} 8`,
		`backline_pool_connections{role="primary",shard="2",state="in_use"} 2`,
		`backline_pool_connections{role="primary",shard="2",state="idle"} 2`,
		`backline_pool_connections{role="primary",shard="2",state="opening"} 1`,
		`backline_pool_acquired_total{role="primary",shard="2"} 100`,
		`backline_pool_waited_total{role="primary",shard="2"} 7`,
		`backline_pool_abandoned_total{role="primary",shard="2"} 1`,
		`backline_pool_wait_seconds_total{role="primary",shard="2"} 1.5`,
		"go_goroutines ",
		"process_open_fds ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
	if t.Failed() {
		for line := range strings.Lines(got) {
			if strings.HasPrefix(line, "backline_") && !strings.Contains(line, "_bucket") {
				t.Log(line)
			}
		}
	}
}

func TestCacheMetrics(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	cache := tel.FieldCache()
	cache.Looked("Album", 5, 4, 3, 2, 1)
	cache.Looked("Album", 5, 0, 0, 0, 0)
	cache.Filled("Album", 3, 900, 1)
	cache.Refreshed("Album", 2, 1)
	cache.Discarded("Album", 1)
	cache.StaleIfError("Album", 4)
	cache.Invalidated("Album", 6)
	cache.Invalidated("", 1)
	cache.Flushed("the connection was lost")
	cache.Called("read", 200*time.Microsecond, false)
	cache.Called("lease", time.Second, true)
	cache.Dropped("fill", 7)
	cache.Available(false)
	cache.Available(true)
	tel.ObserveCache(func() telemetry.CacheState {
		return telemetry.CacheState{Redis: true, Limited: true, LocalBytes: 4096, Loading: 8, Waiting: 3}
	})
	tel.FeedState("2", "reading", nil)
	tel.FeedApplied("2", 10, 3*time.Millisecond)
	tel.FeedFlushed("2", "the feed begins")
	tel.FeedLag("2", 1, 0)
	tel.ObserveFeeds(func() []telemetry.Feed {
		return []telemetry.Feed{
			{Shard: "2", State: "reading", Heard: true, LagBytes: 100, Lag: 30 * time.Millisecond, KeptBytes: 5000, SafeBytes: -1},
			{Shard: "3", State: "unavailable", SafeBytes: 70},
		}
	})
	got := scrape(t, tel)
	for _, want := range []string{
		`backline_cache_lookups_total{result="local",space="Album"} 10`,
		`backline_cache_lookups_total{result="redis",space="Album"} 4`,
		`backline_cache_lookups_total{result="stale",space="Album"} 3`,
		`backline_cache_lookups_total{result="joined",space="Album"} 2`,
		`backline_cache_lookups_total{result="miss",space="Album"} 1`,
		`backline_cache_fills_total{space="Album"} 3`,
		`backline_cache_filled_bytes_total{space="Album"} 900`,
		`backline_cache_leases_lost_total{space="Album"} 1`,
		`backline_cache_refreshes_total{outcome="ok",space="Album"} 2`,
		`backline_cache_refreshes_total{outcome="error",space="Album"} 1`,
		`backline_cache_discarded_total{space="Album"} 1`,
		`backline_cache_stale_if_error_total{space="Album"} 4`,
		`backline_cache_invalidations_total{space="Album"} 6`,
		`backline_cache_invalidations_total{space="*"} 1`,
		`backline_cache_local_flushes_total{reason="the connection was lost"} 1`,
		`backline_cache_call_duration_seconds_count{call="read",outcome="ok"} 1`,
		`backline_cache_call_duration_seconds_count{call="lease",outcome="error"} 1`,
		`backline_cache_dropped_total{work="fill"} 7`,
		`backline_cache_redis_changes_total{to="away"} 1`,
		`backline_cache_redis_changes_total{to="back"} 1`,
		"backline_cache_redis_available 1", "backline_cache_local_available 0", "backline_cache_limited 1",
		"backline_cache_local_bytes 4096", "backline_cache_store_loading 8", "backline_cache_store_waiting 3",
		`backline_feed_changes_total{shard="2"} 10`,
		`backline_feed_delay_seconds_count{shard="2"} 1`,
		`backline_feed_flushes_total{reason="the feed begins",shard="2"} 1`,
		`backline_feed_state{shard="2",state="reading"} 1`,
		`backline_feed_heard{shard="2"} 1`, `backline_feed_heard{shard="3"} 0`,
		`backline_feed_lag_bytes{shard="2"} 100`, `backline_feed_lag_seconds{shard="2"} 0.03`,
		`backline_feed_wal_kept_bytes{shard="2"} 5000`,
		`backline_feed_wal_safe_bytes{shard="2"} +Inf`, `backline_feed_wal_safe_bytes{shard="3"} 70`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
}

// Clients choose operation names and can provoke codes; the number of series stays bounded.
func TestCardinality(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 1000 {
				tel.OperationEnd(t.Context(), "query", fmt.Sprintf("Q%d_%d", worker, i), "ok", 0)
				tel.Error(fmt.Sprintf("C%d_%d", worker, i))
			}
		})
	}
	wg.Wait()
	got := scrape(t, tel)
	if n := strings.Count(got, "backline_operation_duration_seconds_count{"); n != 201 {
		t.Errorf("%d operations are told apart", n)
	}
	if n := strings.Count(got, "backline_errors_total{"); n != 101 {
		t.Errorf("%d codes are told apart", n)
	}
	if want := `backline_operation_duration_seconds_count{name="other",outcome="ok",type="query"} 3800`; !strings.Contains(got, want) {
		t.Errorf("no %s", want)
	}
}

// Observers are on every query's way: without tracing they allocate nothing.
func TestObserversDoNotAllocate(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	tel, _ := setup(t)
	ctx := t.Context()
	allocs := testing.AllocsPerRun(100, func() {
		op := tel.OperationStart(ctx, "query", "Artists")
		batch := tel.BatchStart(op, "AlbumsByArtistID", 50)
		statement := tel.StatementStart(batch, "2", "AlbumsByArtistID")
		tel.StatementEnd(statement, "2", "AlbumsByArtistID", 10, time.Millisecond, nil)
		tel.BatchEnd(batch, "AlbumsByArtistID", 50, time.Millisecond, nil)
		tel.BatchLooked(op, "AlbumByID", 1, 2, 3, 4, 5)
		tel.FieldCache().Looked("Album", 1, 2, 3, 4, 5)
		tel.FieldCache().Called("read", time.Millisecond, false)
		tel.OperationEnd(op, "query", "Artists", "ok", time.Millisecond)
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkObservers(b *testing.B) {
	tel, err := telemetry.New(b.Context(), telemetry.Options{Out: b.Output()})
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		tel.StatementEnd(tel.StatementStart(ctx, "2", "Albums"), "2", "Albums", 10, time.Millisecond, nil)
		tel.BatchEnd(tel.BatchStart(ctx, "Albums", 50), "Albums", 50, time.Millisecond, nil)
		tel.OperationEnd(tel.OperationStart(ctx, "query", "Q"), "query", "Q", "ok", time.Millisecond)
	}
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	for path, want := range map[string]string{
		"/debug/pprof/":                  "heap",
		"/debug/pprof/goroutine?debug=1": "goroutine profile:",
		"/debug/pprof/cmdline":           "telemetry",
	} {
		w := httptest.NewRecorder()
		tel.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %d %.100s", path, w.Code, w.Body.String())
		}
	}
}
