package breadth

import "github.com/vektah/gqlparser/v2/ast"

// Meter is told what an execution did, once no wave is left. A transport puts one into the context of
// a response (Transport) and reads it after the response. It serves one response, and one goroutine.
// What gqlgen's executor runs, such as introspection, no meter is told of.
type Meter interface {
	// Level counts n objects of a type at one place of the response, nulls apart, and the fields that
	// they have: of those merged into one, the first. The fields must not be changed.
	Level(typ string, fields []*ast.Field, n int)
}

// measure tells a meter, if there is one.
func (r *run) measure(m Meter) {
	if m == nil {
		return
	}
	for _, sel := range r.plan.selections {
		if n := r.levels[sel.id].N; n > 0 {
			m.Level(sel.typ.Name, sel.nodes, n)
		}
	}
	if r.found != nil {
		r.found.measure(r.plan, m)
	}
}
