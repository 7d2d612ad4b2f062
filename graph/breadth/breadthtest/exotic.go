package breadthtest

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest/exec"
)

// Exotic is the pair of executors over the test schema.
func Exotic(dispatcher func(ctx context.Context) breadth.Dispatcher) *Pair {
	es := NewWorld(20).Schema()
	p := NewPair(es, breadth.New(es, exec.BreadthTables(es), dispatcher), &Generator{
		Schema: es.Schema(),
		Avoid:  func(coordinate string) bool { return avoided[coordinate] },
		Value:  exoticValue,
	})
	p.Prepare = WithSession
	return p
}

func exoticValue(r *rand.Rand, coordinate string, def *ast.Definition) (any, bool) {
	switch def.Name {
	case "Failure": // mostly none, so that there is something to see further down
		if r.IntN(100) < 60 {
			return enumName("NONE"), true
		}
	case "ID":
		return pick(r, []string{"", "r", "p"}) + fmt.Sprint(1+r.IntN(22)), true
	case "Int":
		if r.IntN(100) < 90 {
			return int64(r.IntN(5)), true
		}
	case "Long":
		return pick(r, []int64{0, -1, 1 << 60}), true
	}
	return nil, false
}
