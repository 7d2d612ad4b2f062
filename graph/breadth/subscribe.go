package breadth

import (
	"context"
	"io"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// subscribe is Subscribe of the specification. gqlgen opens the source stream and waits for its
// events (CreateSourceEventStream); each event is an execution of its own, breadth first
// (MapSourceToResponseEvent, ExecuteSubscriptionEvent).
func (e *executable) subscribe(ctx context.Context, oc *graphql.OperationContext, plan *Plan) graphql.ResponseHandler {
	fields := plan.root.deep
	if len(fields) != 1 || len(plan.root.steps) != 1 {
		graphql.AddErrorf(ctx, "must subscribe to exactly one stream")
		return graphql.OneShot(nil)
	}
	f := fields[0]
	source := &Call{
		N: 1, plan: f, in: &execution{ctx: ctx, oc: oc},
		ctx: graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: f.typ.Name}),
	}
	var data []byte
	next := f.def.Subscribe(source, func(ctx context.Context, value Column) graphql.Marshaler {
		r := e.start(ctx, oc, plan)
		defer e.finish(r)
		r.event(f, source.Args, value)
		data = respond(r, nil)
		return graphql.Null
	})
	if next == nil {
		return graphql.OneShot(nil)
	}
	return func(ctx context.Context) *graphql.Response {
		m := next(ctx)
		if m == nil {
			return nil
		}
		data = nil
		m.MarshalGQL(io.Discard) // executes the event; the object that gqlgen writes around it is not needed
		return &graphql.Response{Data: data}
	}
}

// Stream opens the source stream of a subscription; generated code knows T and makes the Column.
func Stream[T any](c *Call, open func(ctx context.Context) (any, error), event func(ctx context.Context, value Column) graphql.Marshaler, column func(v []T, errs []error) Column) func(ctx context.Context) graphql.Marshaler {
	f := c.plan
	prepare := func(ctx context.Context, _ graphql.CollectedField) (*graphql.FieldContext, error) {
		fc := f.fieldContext()
		if c.Args = f.args; !f.fixed {
			args, err := coerceArgumentValues(c.in.ctx, f, c.in.oc.Variables)
			if err != nil {
				graphql.AddError(ctx, err)
				return fc, err
			}
			c.Args = args
		}
		fc.Args = c.Args
		return fc, nil
	}
	directives := func(_ context.Context, next graphql.Resolver) graphql.Resolver {
		if f.def.Around == nil {
			return next
		}
		return func(ctx context.Context) (any, error) { return f.def.Around(ctx, nil, next) }
	}
	marshal := func(ctx context.Context, _ ast.SelectionSet, v T) graphql.Marshaler {
		return event(ctx, column([]T{v}, nil))
	}
	return graphql.ResolveFieldStream(c.ctx, c.in.oc, f.collected(), prepare, open, directives, marshal, true, f.gql.NonNull)
}

// event executes the selection below a subscription's root field for one value.
func (r *run) event(f *FieldPlan, args map[string]any, value Column) {
	level := &r.levels[f.level]
	level.N = 1
	c := &r.calls[f.slot]
	*c = Call{
		N: 1, Args: args, in: r.execution, plan: f,
		ctx: graphql.WithFieldContext(r.ctx, &graphql.FieldContext{Object: f.typ.Name}),
	}
	c.context()
	r.columns[f.slot] = value
	r.complete(f)
	r.waves()
}
