package breadth_test

import (
	"context"
	"testing"
	"time"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
)

// Random operations over the test schema, each executed by gqlgen's own executor and by this one. The
// command in test/differential does the same for as long as one likes.
func TestRandomOperations(t *testing.T) {
	t.Parallel()
	pair := breadthtest.Exotic(nil)
	end := time.Now().Add(3 * time.Second)
	n, failed := uint64(0), 0
	for ; time.Now().Before(end) && failed < 3; n++ {
		if err := pair.Check(t.Context(), pair.Random(n)); err != nil {
			t.Errorf("seed %d: %v", n, err)
			failed++
		}
	}
	t.Logf("%d operations", n)
}

// The same with loaders that must be told of every resolver, lest the execution hang.
func TestRandomOperationsWithLoaders(t *testing.T) {
	t.Parallel()
	var l *loader
	pair := breadthtest.Exotic(func(context.Context) breadth.Dispatcher { l = &loader{}; return l })
	for n := range uint64(500) {
		if err := pair.Check(t.Context(), pair.Random(n)); err != nil {
			t.Fatalf("seed %d: %v", n, err)
		}
		if l != nil && (l.running != 0 || l.negative) {
			t.Fatalf("seed %d: %d resolvers still run", n, l.running)
		}
	}
}
