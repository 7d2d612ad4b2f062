package overlap

import "github.com/vektah/gqlparser/v2/ast"

// way is the object types that a field's ancestors belong to, each with its level: one step of it,
// which knows the one before. A field of an interface may belong to any object, and is no step.
type way int32

// nowhere is the way without a step.
const nowhere way = 0

type step struct {
	before way
	level  int32
	object *ast.Definition
}

// ways numbers the ways of a document, so that equal ones are the same number.
type ways struct {
	steps   []step // by way
	numbers map[step]way
}

func newWays() *ways { return &ways{steps: make([]step, 1), numbers: map[step]way{}} }

// through is the way from a field of some level to what it selects.
func (w *ways) through(f field, level int) way {
	if f.ObjectDefinition.Kind != ast.Object || f.Definition == nil {
		return f.way
	}
	s := step{f.way, int32(level), f.ObjectDefinition} //nolint:gosec // the parser does not nest that deep
	number, ok := w.numbers[s]
	if !ok {
		number = way(len(w.steps)) //nolint:gosec // far below: there is one for each field at most
		w.steps = append(w.steps, s)
		w.numbers[s] = number
	}
	return number
}

// meet reports whether one object of the response can have come both ways.
func (w *ways) meet(a, b way) bool {
	for a != b && a != nowhere && b != nowhere {
		x, y := w.steps[a], w.steps[b]
		switch {
		case x.level > y.level:
			a = x.before
		case x.level < y.level:
			b = y.before
		case x.object.Name != y.object.Name:
			return false
		default:
			a, b = x.before, y.before
		}
	}
	return true
}
