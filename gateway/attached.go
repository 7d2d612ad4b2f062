package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// traceHeader asks for extensions.backline.
const traceHeader = "Backline-Trace"

// attached gives each response its loaders, and adds their trace to it where the client asks for that and
// may have it.
type attached struct {
	open  func(ctx context.Context, trace bool) context.Context // may be nil
	trace func(ctx context.Context) any                         // nil: nobody may have it
}

// isTraced says whether a response shows its trace. The answer to a document that does not run has no
// operation, and no loaders.
func (a attached) isTraced(oc *graphql.OperationContext) bool {
	return a.trace != nil && oc.Operation != nil && oc.Headers.Get(traceHeader) == "1"
}

// attach gives the context of a response.
func (a attached) attach(ctx context.Context, oc *graphql.OperationContext) context.Context {
	if a.open == nil || oc.Operation == nil {
		return ctx
	}
	return a.open(ctx, a.isTraced(oc))
}

// tell adds the trace of a response to it.
func (a attached) tell(ctx context.Context, oc *graphql.OperationContext, resp *graphql.Response) {
	if !a.isTraced(oc) {
		return
	}
	if resp.Extensions == nil {
		resp.Extensions = map[string]any{}
	}
	resp.Extensions["backline"] = a.trace(ctx)
}
