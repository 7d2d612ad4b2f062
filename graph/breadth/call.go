package breadth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/99designs/gqlgen/graphql"
)

// execution is what all calls of one execution share.
type execution struct {
	ctx        context.Context
	oc         *graphql.OperationContext
	dispatcher Dispatcher
	lead       func(ctx context.Context, above, below string, ofAbove, ofBelow map[string]any)
}

// recovered turns a panic into an error, as the server's recover function wishes. Where it happened
// is added when the error is reported.
func (e *execution) recovered(ctx context.Context, p any) error {
	if e.oc.RecoverFunc == nil {
		return graphql.DefaultRecover(ctx, p)
	}
	if err := e.oc.RecoverFunc(ctx, p); err != nil {
		return err
	}
	return fmt.Errorf("panic: %v", p)
}

// Call is one resolution of a field for all objects of its level (ResolveFieldValue). Generated
// code hands it to one of the functions in resolve.go, which call the resolver as it wants to be called.
type Call struct {
	Objs any            // the level's []P; nil for a root type
	N    int            // how many
	Args map[string]any // coerced

	in     *execution
	plan   *FieldPlan
	ctx    context.Context // as the resolver saw it: that of the fields below
	field  *graphql.FieldContext
	inWave bool // counted by the dispatcher
}

// ErrNull stands for a null in place of a value whose Go type has none.
var ErrNull = errors.New("null")

// errExited stands for a resolver that ended its goroutine instead of returning.
var errExited = errors.New("resolver did not return")

// resolveField coerces the arguments and resolves the field.
func (c *Call) resolveField() Column {
	f := c.plan
	switch {
	case !f.fixed:
		args, err := coerceArgumentValues(c.in.ctx, f, c.in.oc.Variables)
		if err != nil {
			return Column{Err: &argumentError{err}}
		}
		c.Args = args
	case len(f.args) > 0:
		c.Args = maps.Clone(f.args) // interceptors may change them
	}
	if len(f.leads) > 0 {
		c.lead()
	}
	if f.waits {
		c.context()
	}
	return f.def.Resolve(c)
}

// resolveRootField does it inside gqlgen's middleware for root fields. That sees the resolver, not
// what is below the field, which comes later.
func (c *Call) resolveRootField() Column {
	f := c.plan
	var column Column
	ctx := graphql.WithRootFieldContext(c.ctx, &graphql.RootFieldContext{Object: f.nodes[0].Name, Field: f.collected()})
	m := c.in.oc.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
		c.ctx = ctx
		column = c.resolveField()
		return resolved{}
	})
	if _, ok := m.(resolved); ok {
		return column
	}
	if m == nil {
		m = graphql.Null
	}
	return written(f, m)
}

// resolved stands for the value of a root field, which is written later.
type resolved struct{}

func (resolved) MarshalGQL(io.Writer) {}

// written is a Column of one value that a gqlgen marshaler writes, at once and once only.
func written(f *FieldPlan, m graphql.Marshaler) Column {
	text := Marshal(nil, m)
	return Column{Append: func(b []byte, _ int, s *Sink) []byte {
		at := len(b)
		b = append(b, text...)
		if f.gql.NonNull {
			return s.NoNull(b, at)
		}
		return b
	}}
}

// errSkipped: a directive or an interceptor gave nil in place of results.
var errSkipped = errors.New("skipped")

// around puts gqlgen's field middleware and the field's run-time directives around a resolver. They
// see one call, whose result R are those of all objects: a []T, or a T for a root field.
func around[R any](c *Call, resolve func(ctx context.Context) (R, error)) (R, error) {
	if !c.plan.def.Wave { // what rows hold is no business of the middleware's
		return resolve(c.ctx)
	}
	next := func(ctx context.Context) (any, error) {
		c.ctx = ctx // the fields below inherit it
		return resolve(ctx)
	}
	chain := next
	if directives := c.plan.def.Around; directives != nil {
		chain = func(ctx context.Context) (any, error) { return directives(ctx, c.Objs, next) }
	}
	res, err := c.in.oc.ResolverMiddleware(c.context(), chain)
	v, ok := res.(R)
	switch {
	case ok, err != nil:
		return v, err
	case res == nil:
		return v, errSkipped
	}
	return v, fmt.Errorf("unexpected type %T from directive, should be %T", res, v)
}

// context is the resolver's: it knows the field, though not which of its objects.
func (c *Call) context() context.Context {
	if c.field == nil {
		c.field = c.plan.fieldContext()
		c.field.Args = c.Args
		c.ctx = graphql.WithFieldContext(c.ctx, c.field)
		if c.plan.def.Wave && len(c.plan.ahead) > 0 {
			c.ctx = &withAhead{c.ctx, c.plan}
		}
	}
	return c.ctx
}

// leave tells the dispatcher that this call loads nothing any more.
func (c *Call) leave() {
	if c.inWave {
		c.inWave = false
		c.in.dispatcher.Leave()
	}
}
