package feed

import (
	"context"
	"slices"
	"testing"
	"time"
)

// stamps is a sink that notes when the first change of each batch was taken.
type stamps struct {
	ignore
	took chan time.Time
}

func (s *stamps) Apply(context.Context, string, Batch) error {
	s.took <- time.Now()
	return nil
}

func (s *stamps) Flush(context.Context, string, string) error { return nil }

// lags commits n rows, one by one, and gives how long after its commit was begun each was applied.
func lags(t testing.TB, n int, change ...func(*Config)) []time.Duration {
	t.Helper()
	s := setup(t, 1)
	sink := &stamps{took: make(chan time.Time, 1)}
	f, _ := start(t, s.list, append(change, func(c *Config) { c.Sink = sink })...)
	reading(t, f)
	c := connect(t, s.URLs[0])
	all := make([]time.Duration, n)
	for i := range all {
		began := time.Now()
		run(t, c, "INSERT INTO parent VALUES ($1)", i)
		all[i] = receive(t, sink.took).Sub(began)
	}
	slices.Sort(all)
	return all
}

// TestLag: no timer is on the way of a change, since all of them are an hour here. It prints how long
// changes take; the benchmark is for judging that on an idle machine.
func TestLag(t *testing.T) {
	t.Parallel()
	const n = 200
	all := lags(t, n, func(c *Config) {
		c.timing.poll, c.timing.heartbeat, c.timing.silence = time.Hour, time.Hour, time.Hour
		c.timing.retry, c.timing.maxRetry, c.timing.unavailable = time.Hour, time.Hour, time.Hour
	})
	t.Logf("from the beginning of the INSERT until it was applied: p50 %v, p99 %v, max %v", all[n/2], all[n*99/100], all[n-1])
}

// BenchmarkLag is the time from sending an INSERT until its change was applied.
//
//	go test ./store/feed -run '^$' -bench Lag -benchtime 2000x
func BenchmarkLag(b *testing.B) {
	all := lags(b, b.N)
	b.ReportMetric(float64(all[b.N/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(all[b.N*99/100].Microseconds()), "p99-µs")
}

// BenchmarkThroughput is what one reader takes of a transaction with many rows.
func BenchmarkThroughput(b *testing.B) {
	s := setup(b, 1)
	sink := &counter{}
	f, _ := start(b, s.list, func(c *Config) { c.Sink = sink })
	reading(b, f)
	c := connect(b, s.URLs[0])
	b.ReportAllocs()
	for b.Loop() {
		want := sink.changes.Load() + 10_000
		run(b, c, "WITH x AS (INSERT INTO child SELECT n, 'x', 1, 1 FROM generate_series(1, 10000) n ON CONFLICT (id) DO UPDATE SET size = child.size + 1) SELECT")
		for sink.changes.Load() < want {
			time.Sleep(100 * time.Microsecond) //nolint:forbidigo // a benchmark
		}
	}
	b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
