package gateway

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"
)

// extensions are those of gqlgen that the server was given, joined once; the first stands outermost. A
// point where none stands is nil, and costs a request nothing.
type extensions struct {
	parameters []graphql.OperationParameterMutator
	contexts   []graphql.OperationContextMutator
	operation  graphql.OperationMiddleware
	response   graphql.ResponseMiddleware
	rootField  graphql.RootFieldMiddleware // never nil: gqlgen's generated code calls it
	field      graphql.FieldMiddleware     // as above
}

// newExtensions joins them. The error is what one of them has against the schema.
func newExtensions(schema graphql.ExecutableSchema, list []graphql.HandlerExtension) (*extensions, error) {
	e := &extensions{}
	for _, x := range list {
		if err := x.Validate(schema); err != nil {
			return nil, fmt.Errorf("extend the gateway by %s: %w", x.ExtensionName(), err)
		}
		if m, ok := x.(graphql.OperationParameterMutator); ok {
			e.parameters = append(e.parameters, m)
		}
		if m, ok := x.(graphql.OperationContextMutator); ok {
			e.contexts = append(e.contexts, m)
		}
	}
	for _, x := range slices.Backward(list) {
		if i, ok := x.(graphql.OperationInterceptor); ok {
			e.operation = around(i.InterceptOperation, e.operation)
		}
		if i, ok := x.(graphql.ResponseInterceptor); ok {
			e.response = around(i.InterceptResponse, e.response)
		}
		if i, ok := x.(graphql.RootFieldInterceptor); ok {
			e.rootField = around(i.InterceptRootField, e.rootField)
		}
		if i, ok := x.(graphql.FieldInterceptor); ok {
			e.field = aroundField(i, e.field)
		}
	}
	if e.rootField == nil {
		e.rootField = func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) }
	}
	if e.field == nil {
		e.field = func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }
	}
	return e, nil
}

// around puts an interceptor around those inside of it, if there are any.
func around[N ~func(ctx context.Context) R, R any](outer, inner func(ctx context.Context, next N) R) func(ctx context.Context, next N) R {
	if inner == nil {
		return outer
	}
	return func(ctx context.Context, next N) R {
		return outer(ctx, func(ctx context.Context) R { return inner(ctx, next) })
	}
}

func aroundField(outer graphql.FieldInterceptor, inner graphql.FieldMiddleware) graphql.FieldMiddleware {
	if inner == nil {
		return outer.InterceptField
	}
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		return outer.InterceptField(ctx, func(ctx context.Context) (any, error) { return inner(ctx, next) })
	}
}
