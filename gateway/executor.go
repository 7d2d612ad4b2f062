package gateway

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// executor has operations executed that came through the door. It stands where gqlgen's executor.Executor
// does in other servers, and what extends that one extends it ([Config.Extensions]); but what the gateway
// itself does around an operation and a response is called, one after the other: each interceptor is a few
// allocations for each request.
type executor struct {
	schema     graphql.ExecutableSchema
	extensions *extensions
	observer   Observer // may be nil
	prices     prices
	attached   attached
	causes     causes
}

// operationContext is what gqlgen's generated code and resolvers find of a request's operation. The rest is
// filled in by the door.
func (x *executor) operationContext(req *request) *graphql.OperationContext {
	read := req.params.ReadTime
	return &graphql.OperationContext{
		Headers: req.params.Headers, DisableIntrospection: true, RecoverFunc: recovered,
		ResolverMiddleware: x.extensions.field, RootResolverMiddleware: x.extensions.rootField,
		Stats: graphql.Stats{
			OperationStart: req.began, Read: read,
			Parsing:    graphql.TraceTiming{Start: read.End, End: read.End}, // documents are kept
			Validation: graphql.TraceTiming{Start: read.End},
		},
	}
}

// run executes an operation and gives its one response.
func (x *executor) run(ctx context.Context, req *request) *graphql.Response {
	op := req.oc.Operation
	if x.observer != nil {
		ctx = x.observer.OperationStart(ctx, string(op.Operation), op.Name)
	}
	resp := x.operate(ctx, req)
	if x.observer != nil {
		took := graphql.Now().Sub(req.oc.Stats.Validation.End)
		x.observer.OperationEnd(ctx, string(op.Operation), op.Name, outcomeOf(resp), took)
	}
	if resp == nil {
		return x.refuse(ctx, req, gqlerror.List{unanswered(ctx)})
	}
	return resp
}

// operate is what an operation interceptor sees.
func (x *executor) operate(ctx context.Context, req *request) *graphql.Response {
	if x.extensions.operation == nil {
		return x.respond(ctx, req, x.execute)
	}
	innermost := ctx
	intercepted := x.extensions.operation(ctx, func(ctx context.Context) graphql.ResponseHandler {
		innermost = ctx
		return func(ctx context.Context) *graphql.Response { return x.respond(ctx, req, x.execute) }
	})
	return intercepted(innermost)
}

// respond has a response made, and does what is done for each, that of a refused operation too.
func (x *executor) respond(ctx context.Context, req *request, answer graphql.ResponseHandler) *graphql.Response {
	ctx = graphql.WithResponseContext(ctx, present, recovered)
	x.prices.begin(req)
	ctx = x.attached.attach(ctx, req.oc)
	var resp *graphql.Response
	if x.extensions.response == nil {
		resp = answer(ctx)
	} else {
		resp = x.extensions.response(ctx, answer)
	}
	if resp == nil {
		return nil
	}
	x.attached.tell(ctx, req.oc, resp)
	x.causes.report(ctx, resp.Errors)
	req.settle()
	x.prices.report(req, resp)
	return resp
}

// execute is what a response interceptor sees: the schema executes.
func (x *executor) execute(ctx context.Context) *graphql.Response {
	if ctx.Err() != nil {
		return nil // nobody waits for it any more
	}
	next := x.schema.Exec(ctx)
	if errs := graphql.GetErrors(ctx); errs != nil {
		return &graphql.Response{Errors: errs}
	}
	resp := next(ctx)
	if resp == nil {
		return nil
	}
	resp.Errors = append(resp.Errors, graphql.GetErrors(ctx)...)
	resp.Extensions = graphql.GetExtensions(ctx)
	return resp
}

// refuse is the response to an operation that is not executed.
func (x *executor) refuse(ctx context.Context, req *request, list gqlerror.List) *graphql.Response {
	return x.respond(ctx, req, func(ctx context.Context) *graphql.Response {
		for _, err := range list {
			graphql.AddError(ctx, err)
		}
		return &graphql.Response{Errors: graphql.GetErrors(ctx), Extensions: graphql.GetExtensions(ctx)}
	})
}

// unanswered is why there is no response: the context ended before it began.
func unanswered(ctx context.Context) *gqlerror.Error {
	err := ctx.Err()
	if err == nil {
		err = errors.New("the executor gave no response")
	}
	return &gqlerror.Error{Err: err, Message: err.Error()}
}

// outcomeOf is how an operation ended, for the observer.
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
