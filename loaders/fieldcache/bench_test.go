package fieldcache_test

import (
	"testing"

	"backline/loaders/fieldcache"
)

// BenchmarkLookup is a round of 100 keys that are all there.
func BenchmarkLookup(b *testing.B) {
	ids := make([]int64, 100)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	filled := setup(b, options{})
	filled.get("Album", "", "", ids...)
	filled.until("all is filled", func() bool { return filled.count("Album filled") == 100 })
	for name, bytes := range map[string]uint64{"local": 16 << 20, "redis": 0} {
		b.Run(name, func(b *testing.B) {
			f := setup(b, options{namespace: namespace(filled.t), config: func(c *fieldcache.Config) {
				c.LocalBytes, c.Observer = bytes, nil
			}})
			f.get("Album", "", "", ids...)
			f.table.loads.Store(0)
			b.ReportAllocs()
			for b.Loop() {
				f.get("Album", "", "", ids...)
			}
			if n := f.table.loads.Load(); n > 0 {
				b.Errorf("%d loads", n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/key")
		})
	}
	b.Run("MGET alone", func(b *testing.B) {
		client := sharedRedis(b).client(b)
		keys := make([]string, len(ids))
		for i, id := range ids {
			keys[i] = namespace(filled.t) + ":s1:Album:" + base36(id)
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := client.MGet(b.Context(), keys...).Err(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parallel local", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				filled.get("Album", "", "", ids...)
			}
		})
	})
}
