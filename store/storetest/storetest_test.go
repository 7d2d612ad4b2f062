package storetest_test

import (
	"testing"

	"backline/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func BenchmarkNewCluster(b *testing.B) {
	for _, shards := range []int{1, 2, 4} {
		b.Run("", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				b.StartTimer()
				storetest.NewCluster(b, shards)
			}
		})
	}
}
