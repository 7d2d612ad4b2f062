package overlap

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// conflict is why two fields cannot be merged.
type conflict struct {
	reason string
	at     [2]*ast.Position
}

// find looks for two fields of a group that cannot be merged, as they stand: what they select is
// another level.
func (c *checker) find(fields []field) (conflict, bool) {
	first := fields[0]
	disagree := false
	var typed *ast.Field
	for _, f := range fields {
		if f.Definition != nil {
			if typed == nil {
				typed = f.Field
			} else if c.shapesConflict(typed.Definition.Type, f.Definition.Type) {
				return c.between(typed, f.Field, fmt.Sprintf("they return conflicting types %q and %q",
					typed.Definition.Type.String(), f.Definition.Type.String())), true
			}
		}
		disagree = disagree || !c.calls.same(f.Field, first.Field)
	}
	if !disagree {
		return conflict{}, false
	}
	return c.findApart(fields)
}

// findApart looks, in a group that does not ask for one thing alone, for two fields that one object
// may have both.
func (c *checker) findApart(fields []field) (conflict, bool) {
	byWay := make(map[way]*ast.Field, len(fields))
	order := make([]way, 0, len(fields))
	for _, f := range fields {
		w := c.ways.through(f, len(c.path))
		there, ok := byWay[w]
		if !ok {
			byWay[w] = f.Field
			order = append(order, w)
		} else if !c.calls.same(there, f.Field) {
			return c.differ(there, f.Field), true
		}
	}
	for i, w := range order {
		a := byWay[w]
		for _, v := range order[:i] {
			if c.pairs++; c.pairs > maxPairs {
				c.giveUp(a.Position)
				return conflict{}, false
			}
			if b := byWay[v]; !c.calls.same(a, b) && c.ways.meet(w, v) {
				return c.differ(b, a), true
			}
		}
	}
	return conflict{}, false
}

func (c *checker) differ(a, b *ast.Field) conflict {
	if a.Name != b.Name {
		return c.between(a, b, fmt.Sprintf("%q and %q are different fields", a.Name, b.Name))
	}
	return c.between(a, b, "they have differing arguments")
}

func (c *checker) between(a, b *ast.Field, reason string) conflict {
	for i := len(c.path) - 1; i > 0; i-- {
		reason = fmt.Sprintf("subfields %q conflict because %s", c.path[i], reason)
	}
	return conflict{reason, [2]*ast.Position{a.Position, b.Position}}
}

// report tells a conflict, and stops when enough are told.
func (c *checker) report(found conflict) {
	c.addError(
		core.Message("Fields %q conflict because %s. Use different aliases on the fields to fetch both if this was intentional.",
			c.path[0], found.reason),
		core.At(found.at[0]), core.At(found.at[1]),
	)
	c.conflicts++
	c.stopped = c.stopped || c.conflicts >= maxConflicts
}

// giveUp refuses a document that takes too long.
func (c *checker) giveUp(at *ast.Position) {
	if !c.stopped {
		c.stopped = true
		c.addError(core.Message("Fields overlap in too many ways to tell whether they can be merged."), core.At(at))
	}
}

// shapesConflict reports whether two types can never stand for one value. What two composite types
// select is compared on its own.
func (c *checker) shapesConflict(a, b *ast.Type) bool {
	for a != b {
		if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
			return true
		}
		if a.Elem == nil {
			x, y := c.schema.Types[a.NamedType], c.schema.Types[b.NamedType]
			return (x.IsLeafType() || y.IsLeafType()) && x.Name != y.Name
		}
		a, b = a.Elem, b.Elem
	}
	return false
}
