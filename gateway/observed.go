package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// observed is the extension that tells the observer of each operation.
type observed struct{ observer Observer }

func (observed) ExtensionName() string                   { return "Observed" }
func (observed) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation implements graphql.OperationInterceptor. A query and a mutation end with their
// first response, a subscription with its last.
func (o observed) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx).Operation
	start := graphql.Now()
	ctx = o.observer.OperationStart(ctx, string(op.Operation), op.Name)
	respond := next(ctx)
	isStream, outcome, ended := op.Operation == ast.Subscription, OutcomeOK, false
	return func(ctx context.Context) *graphql.Response {
		resp := respond(ctx)
		if !ended && (!isStream || resp == nil) {
			ended = true
			if !isStream {
				outcome = outcomeOf(resp)
			}
			o.observer.OperationEnd(ctx, string(op.Operation), op.Name, outcome, graphql.Now().Sub(start))
		}
		return resp
	}
}

func outcomeOf(resp *graphql.Response) string {
	switch {
	case resp == nil || len(resp.Data) == 0 || string(resp.Data) == "null":
		return OutcomeError
	case len(resp.Errors) > 0:
		return OutcomePartial
	default:
		return OutcomeOK
	}
}
