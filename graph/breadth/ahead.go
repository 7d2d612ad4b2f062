package breadth

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
)

// maxAhead bounds the look-ahead of one field.
const maxAhead = 16

// Ahead lists resolver fields that the operation selects below the field being resolved, so that a
// resolver can load their objects along with its own: `album`, `album.artist` below that, or
// `nodes.artist` through objects that the rows hold. Fields with arguments are not among them, and no more than 16 are told. It is a hint:
// the list is empty where nothing is known.
func Ahead(ctx context.Context) []string {
	f, _ := ctx.Value(aheadKey{}).(*FieldPlan)
	fc := graphql.GetFieldContext(ctx)
	if f == nil || fc == nil || fc.Field.Field != f.nodes[0] || fc.Object != f.typ.Name { // a field's above
		return nil
	}
	return f.ahead
}

type aheadKey struct{}

// withAhead is the context of a resolver.
type withAhead struct {
	context.Context
	plan *FieldPlan
}

func (c *withAhead) Value(key any) any {
	if key == (aheadKey{}) {
		return c.plan
	}
	return c.Context.Value(key)
}

// lookAhead collects the names below a field.
func lookAhead(subs []*Selection) []string {
	var names []string
	add := func(name string) {
		if len(names) < maxAhead && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, s := range subs {
		if s.typ.Root {
			continue
		}
		for _, f := range s.deep {
			switch {
			case !f.def.Wave:
				for _, name := range f.ahead {
					add(f.nodes[0].Name + "." + name)
				}
			case f.def.Args == nil:
				add(f.nodes[0].Name)
				for _, name := range f.ahead {
					add(f.nodes[0].Name + "." + name)
				}
			}
		}
	}
	return names
}
