package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// traceHeader asks for extensions.backline.
const traceHeader = "Backline-Trace"

// attached is the extension that gives each response its loaders, and adds their trace to it where
// the client asks for that and may have it.
type attached struct {
	attach func(ctx context.Context, trace bool) context.Context // may be nil
	trace  func(ctx context.Context) any                         // nil: nobody may have it
}

func (attached) ExtensionName() string                   { return "Attached" }
func (attached) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse implements graphql.ResponseInterceptor.
func (a attached) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	oc := graphql.GetOperationContext(ctx)
	if oc.Operation == nil { // the answer to a document that does not run
		return next(ctx)
	}
	wanted := a.trace != nil && oc.Headers.Get(traceHeader) == "1"
	if a.attach != nil {
		ctx = a.attach(ctx, wanted)
	}
	resp := next(ctx)
	if resp != nil && wanted {
		if resp.Extensions == nil {
			resp.Extensions = map[string]any{}
		}
		resp.Extensions["backline"] = a.trace(ctx)
	}
	return resp
}
