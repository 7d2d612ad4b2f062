package breadth_test

import (
	"testing"
	"time"

	"backline/graph/breadth/breadthtest"
)

func TestRandomOperations(t *testing.T) {
	t.Parallel()
	pair := breadthtest.Exotic(nil)
	end := time.Now().Add(20 * time.Second)
	failed := 0
	seed := uint64(0)
	for ; time.Now().Before(end) && failed < 3; seed++ {
		if err := pair.Check(t.Context(), pair.Random(seed)); err != nil {
			t.Errorf("seed %d: %v", seed, err)
			failed++
		}
	}
	t.Logf("%d operations", seed)
}
