package seed

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store/embedded"
	"backline/store/shard"
)

// BenchmarkGenerate measures the making and encoding of rows without Postgres.
func BenchmarkGenerate(b *testing.B) {
	d, err := newDemo(DemoOptions{Scale: 1})
	if err != nil {
		b.Fatal(err)
	}
	for table := range tableCount {
		b.Run(table.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := d.write(table, all, newCopyWriter(io.Discard, func(int64) {})); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(max(1, d.rows(table))), "ns/row")
		})
	}
}

// BenchmarkLoad measures a whole seed on four servers with the settings that `go run .` gives them,
// at the scale that BACKLINE_TEST_BENCH_SCALE names (1 if it is not set). Run it with -benchtime 1x.
func BenchmarkLoad(b *testing.B) {
	scale := 1.0
	if s := os.Getenv("BACKLINE_TEST_BENCH_SCALE"); s != "" {
		if _, err := fmt.Sscan(s, &scale); err != nil {
			b.Fatal(err)
		}
	}
	ctx := context.Background()
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		target, stop := fourServers(b, dir)
		b.StartTimer()
		began := time.Now()
		report, err := Demo(ctx, target, DemoOptions{Scale: scale}, bar(os.Stderr, "demo catalogue", time.Now))
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(report.Rows())/time.Since(began).Seconds(), "rows/s")
		stop()
		b.StartTimer()
	}
}

func fourServers(b *testing.B, dir string) (Target, func()) {
	ctx := context.Background()
	cluster, err := embedded.Start(ctx, embedded.Options{Dir: dir, Shards: 4})
	if err != nil {
		b.Fatal(err)
	}
	top, err := shard.Even(4)
	if err != nil {
		b.Fatal(err)
	}
	target := Target{Topology: top}
	for _, url := range cluster.PostgresURLs() {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			b.Fatal(err)
		}
		if err := migrate(ctx, config); err != nil {
			b.Fatal(err)
		}
		pool, err := pgxpool.New(ctx, url)
		if err != nil {
			b.Fatal(err)
		}
		target.Pools = append(target.Pools, pool)
	}
	return target, func() {
		for _, pool := range target.Pools {
			pool.Close()
		}
		if err := cluster.Stop(ctx); err != nil {
			b.Error(err)
		}
	}
}
