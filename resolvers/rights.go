package resolvers

import (
	"context"

	gqlgen "github.com/99designs/gqlgen/graphql"

	"backline/graph"
	"backline/graph/rights"
)

// directives keep fields from viewers who may not see them, before the resolvers run. A field has
// those that stand on it, and those of the type that it returns.
func (r *Resolver) directives() graph.DirectiveRoot {
	return graph.DirectiveRoot{Authenticated: r.authenticated, RequiresScopes: r.requiresScopes}
}

func (r *Resolver) authenticated(ctx context.Context, _ any, next gqlgen.Resolver) (any, error) {
	if err := rights.Of(ctx).Require(nil); err != nil {
		return nil, err
	}
	return next(ctx)
}

func (r *Resolver) requiresScopes(ctx context.Context, _ any, next gqlgen.Resolver, scopes [][]string) (any, error) {
	if err := rights.Of(ctx).Require(scopes); err != nil {
		return nil, err
	}
	return next(ctx)
}
