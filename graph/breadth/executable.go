package breadth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// executable is gqlgen's executable schema with Exec replaced.
type executable struct {
	graphql.ExecutableSchema
	tables     *Schema
	dispatcher func(ctx context.Context) Dispatcher
	plans      *cache
	runs       sync.Pool

	prepare  func(s Selected) any
	foretell func(ctx context.Context, prepared any)
	lead     func(ctx context.Context, above, below string, ofAbove, ofBelow map[string]any) // nil: nobody is told
	subtrees Subtrees
	inTurn   func(coordinate string) bool // nil: every resolver of a wave has a goroutine
}

// Selected names the fields that an operation selects of each object type, wherever in it.
type Selected map[string][]string

// An Option changes what New gives.
type Option func(e *executable)

// Foretell lets loaders know what an operation selects before its first wave, so that they read
// nothing else. prepare is called once for a plan, and tell with its result for each execution, which
// ctx belongs to. Operations that are left to gqlgen are not foretold.
func Foretell[T any](prepare func(s Selected) T, tell func(ctx context.Context, prepared T)) Option {
	return func(e *executable) {
		e.prepare = func(s Selected) any { return prepare(s) }
		e.foretell = func(ctx context.Context, prepared any) {
			if p, ok := prepared.(T); ok {
				tell(ctx, p)
			}
		}
	}
}

// New gives an executable schema that executes breadth first. es is what gqlgen's
// NewExecutableSchema returned, tables what BreadthTables gave for it, and dispatcher finds the
// loaders of a response in its context (nil: none need telling).
//
// Operations with @defer, or with directives that have code of their own, go to es itself; so do all
// subscriptions of a schema that gives its events contexts (gqlgen's subscription_context_field).
func New(es graphql.ExecutableSchema, tables *Schema, dispatcher func(ctx context.Context) Dispatcher, options ...Option) graphql.ExecutableSchema {
	if err := tables.link(es.Schema()); err != nil {
		panic(fmt.Sprintf("breadth: tables of another schema: %v", err))
	}
	if dispatcher == nil {
		dispatcher = func(context.Context) Dispatcher { return noDispatcher{} }
	}
	e := &executable{ExecutableSchema: es, tables: tables, dispatcher: dispatcher, plans: newCache()}
	for _, o := range options {
		o(e)
	}
	e.plans.prepare = e.prepare
	e.linkTurns()
	if events, ok := es.(graphql.ExecutableSchemaWithEventContext); ok {
		return &withEventContext{executable: e, events: events}
	}
	return e
}

// withEventContext is for schemas whose events carry contexts: gqlgen's executor asks for this
// interface.
type withEventContext struct {
	*executable
	events graphql.ExecutableSchemaWithEventContext
}

func (e *withEventContext) ExecWithEventContext(ctx context.Context) graphql.ResponseHandlerWithContext {
	return e.events.ExecWithEventContext(ctx)
}

// Exec is ExecuteRequest of the specification, from the operation on.
func (e *executable) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	plan, err := e.plans.plan(e.tables, e.Schema(), oc.Doc, oc.Operation, oc.Variables)
	switch {
	case errors.Is(err, errDelegate):
		return e.ExecutableSchema.Exec(ctx)
	case err == nil && plan.kind == ast.Subscription:
		return e.subscribe(ctx, oc, plan)
	}
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		if err != nil {
			graphql.AddError(ctx, requestError(err))
			return &graphql.Response{}
		}
		return &graphql.Response{Data: e.execute(ctx, oc, plan)}
	}
}

// execute runs a query or a mutation, and gives its data.
func (e *executable) execute(ctx context.Context, oc *graphql.OperationContext, plan *Plan) []byte {
	t := transportOf(ctx)
	if plan.subtrees == nil {
		r := e.start(ctx, oc, plan)
		defer e.finish(r)
		r.execute()
		r.measure(t.Meter)
		return respond(r, t.Buffer)
	}
	found := e.find(ctx, plan, oc.Variables)
	if found != nil && found.missed == 0 && plan.isAllSubtrees {
		if t.Meter != nil {
			t.Meter.Level(plan.root.typ.Name, plan.root.nodes, 1)
			found.measure(plan, t.Meter)
		}
		return write(plan, t.Buffer, func(b []byte, _ int) []byte { return found.splice(b, plan) })
	}
	defer func() { found.end(nil, nil) }() // whatever happens
	r := e.start(ctx, oc, plan)
	defer e.finish(r)
	r.found = found
	r.execute()
	r.measure(t.Meter)
	return respond(r, t.Buffer)
}

func (e *executable) start(ctx context.Context, oc *graphql.OperationContext, plan *Plan) *run {
	d := e.dispatcher(ctx)
	if d == nil {
		d = noDispatcher{}
	}
	if e.foretell != nil {
		e.foretell(ctx, plan.prepared)
	}
	if e.tables.context != nil {
		ctx = e.tables.context(ctx)
	}
	r, ok := e.runs.Get().(*run)
	if !ok {
		r = new(run)
	}
	r.begin(ctx, e, oc, plan, d)
	return r
}

func (e *executable) finish(r *run) {
	r.end()
	e.runs.Put(r)
}

// respond writes the answer of a run.
func respond(r *run, transport *Buffer) []byte { return write(r.plan, transport, r.write) }

// write writes an answer into the transport's buffer if there is one. It is not more than most bytes, or
// of no use.
func write(plan *Plan, transport *Buffer, answer func(b []byte, most int) []byte) []byte {
	if transport != nil {
		transport.Plan = plan
		transport.B = answer(append(transport.B[:0], Prefix...), transport.most())
		return transport.B[len(Prefix):]
	}
	buf := GetBuffer()
	defer buf.Release()
	buf.B = answer(buf.B[:0], math.MaxInt)
	return bytes.Clone(buf.B)
}

// CodeTooLarge is the code of ErrTooLarge.
const CodeTooLarge = "OPERATION_TOO_LARGE"

func requestError(err error) *gqlerror.Error {
	if errors.Is(err, ErrTooLarge) {
		return &gqlerror.Error{Err: err, Message: err.Error(), Extensions: map[string]any{"code": CodeTooLarge}}
	}
	return &gqlerror.Error{Err: err, Message: err.Error()}
}
