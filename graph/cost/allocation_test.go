//go:build !race

package cost_test

import (
	"testing"

	"backline/graph/cost"
)

// Under the race detector a sync.Pool forgets things on purpose.
func TestEstimateDoesNotAllocate(t *testing.T) { //nolint:paralleltest // counts the process's allocations
	p := store(t)
	query, vars := large()
	price := p.compile(t, query)
	var e cost.Estimate
	if n := testing.AllocsPerRun(100, func() { e = price.Estimate(vars) }); n > 0.5 {
		t.Errorf("%v allocations", n)
	}
	if e.Total == 0 {
		t.Error("costs nothing")
	}
}
