package resolvers

import (
	"context"
	"reflect"

	gqlgen "github.com/99designs/gqlgen/graphql"

	"backline/graph"
	"backline/graph/rights"
	"backline/store"
)

// directives keep fields from viewers who may not see them, before the resolvers run. A field has
// those that stand on it, and those of the type that it returns.
func (r *Resolver) directives() graph.DirectiveRoot {
	return graph.DirectiveRoot{Authenticated: r.authenticated, RequiresScopes: r.requiresScopes}
}

func (r *Resolver) authenticated(ctx context.Context, objs any, next gqlgen.Resolver) (any, error) {
	if err := rights.Of(ctx).Require(nil); err != nil {
		r.denied(ctx, objs)
		return nil, err
	}
	return next(ctx)
}

func (r *Resolver) requiresScopes(ctx context.Context, objs any, next gqlgen.Resolver, scopes [][]string) (any, error) {
	if err := rights.Of(ctx).Require(scopes); err != nil {
		r.denied(ctx, objs)
		return nil, err
	}
	if r.Auditor != nil {
		n, id := objects(objs)
		r.Auditor.Privileged(ctx, coordinate(ctx), n, id)
	}
	return next(ctx)
}

func (r *Resolver) denied(ctx context.Context, objs any) {
	if r.Auditor != nil {
		n, id := objects(objs)
		r.Auditor.Denied(ctx, coordinate(ctx), n, id)
	}
}

// coordinate names the field being resolved: "Employee.birthDate".
func coordinate(ctx context.Context) string {
	fc := gqlgen.GetFieldContext(ctx)
	return fc.Object + "." + fc.Field.Name
}

// objects are those whose field is asked for: all of a level, or the one of gqlgen's own executor. Only
// gated fields come here, and few objects are looked at.
func objects(objs any) (n int, id func(i int) string) {
	if one, ok := objs.(store.Node); ok {
		return 1, func(int) string { return one.NodeID().String() }
	}
	all := reflect.ValueOf(objs)
	if all.Kind() != reflect.Slice || !all.Type().Elem().Implements(reflect.TypeFor[store.Node]()) {
		return 0, nil // the root, or rows of no table
	}
	return all.Len(), func(i int) string { return all.Index(i).Interface().(store.Node).NodeID().String() }
}

// viewerAs is the id of the viewer's own row of a kind, 0 if they have none.
func viewerAs(ctx context.Context, k store.Kind) store.ID {
	id, err := store.ParseNodeID(rights.Of(ctx).ID)
	if err != nil || id.Kind != k {
		return 0
	}
	return id.ID
}
