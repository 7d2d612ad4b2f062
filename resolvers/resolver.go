// Package resolvers answers the fields of the schema. The bodies of relations, lists and lookups
// follow from directives and are generated; the others are written here, in the file of the same
// name as the schema's. A resolver gets all objects of its level at once and hands their keys to a
// loader: it never sees a database.
package resolvers

import (
	"context"

	gqlgen "github.com/99designs/gqlgen/graphql"

	"backline/graph"
	"backline/graph/breadth"
	"backline/loaders"
	"backline/store"
)

// Resolver is the root of all resolvers. Give it fields for what handwritten resolvers need.
type Resolver struct {
	// Auditor is told what fields viewers were denied, and which a scope opened to them. It may be nil.
	Auditor loaders.Auditor
}

// Executor says how operations are executed.
type Executor string

// The executors.
const (
	// Breadth resolves a field once for all objects of its level.
	Breadth Executor = "breadth"
	// Reference is gqlgen's own, field by field: slower by far, and what Breadth is held against.
	Reference Executor = "reference"
)

// Executable is the schema with its resolvers, ready to run. Options are for Breadth.
func Executable(r *Resolver, e Executor, options ...breadth.Option) gqlgen.ExecutableSchema {
	es := graph.NewExecutableSchema(graph.Config{Resolvers: r, Directives: r.directives()})
	if e == Reference {
		return es
	}
	foretell := breadth.Foretell(
		func(s breadth.Selected) *store.Needs { return store.NeedsOf(s) },
		func(ctx context.Context, n *store.Needs) { loaders.For(ctx).Read(n) },
	)
	lead := breadth.Lead(loaders.Leads, func(ctx context.Context, rows, children string, ofRows, ofChildren map[string]any) {
		loaders.For(ctx).Lead(rows, children, ofRows, ofChildren)
	})
	return breadth.New(es, graph.BreadthTables(es),
		func(ctx context.Context) breadth.Dispatcher { return loaders.For(ctx) },
		append(options, foretell, lead, breadth.InTurn((&subtrees{es.Schema()}).Keeps))...)
}
