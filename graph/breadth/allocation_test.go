package breadth_test

import (
	"testing"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

// What is allocated follows from the batches of an answer, not from the objects in them. (gqlgen's own
// executor: 159,000 objects for the larger one.)
func TestAllocationsArePerBatch(t *testing.T) { //nolint:paralleltest // counts the process's allocations
	es := breadthtest.NewWorld(100).Schema()
	bfs := breadth.New(es, exec.BreadthTables(es), nil)
	count := func(n int) int {
		run := prepared(t, bfs, deep, map[string]any{"n": n})
		run()
		return int(testing.AllocsPerRun(100, func() { run() }))
	}
	const bound = 120
	few, many := count(1), count(20)
	t.Logf("%d allocations for 1,000 objects, %d for 15,000", few, many)
	if few > bound || many > bound {
		t.Errorf("%d and %d allocations, at most %d expected", few, many, bound)
	}
}
