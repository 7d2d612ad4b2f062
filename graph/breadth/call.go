package breadth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// Call is one resolution of a field for all objects of its level (ResolveFieldValue). Generated
// code hands it to one of the functions below, which say how the resolver wants to be called.
type Call struct {
	Objs any            // the level's []P; nil for a root type
	N    int            // how many
	Args map[string]any // coerced

	run    *run
	plan   *FieldPlan
	ctx    context.Context // as the resolver saw it: that of the fields below
	field  *graphql.FieldContext
	inWave bool // counted by the dispatcher
}

// ErrNull stands for a null in place of a value whose Go type has none.
var ErrNull = errors.New("null")

// errExited stands for a resolver that ended its goroutine instead of returning.
var errExited = errors.New("resolver did not return")

// Batch calls a batch resolver: one result for each object, errors for single objects through
// graphql.BatchErrors. What it gives is usable results, zero where there is an error.
func Batch[T any](c *Call, name string, resolve func(ctx context.Context) ([]T, error)) ([]T, []error) {
	v, err := around(c, resolve)
	if err == nil && len(v) == c.N {
		return v, nil
	}
	if err == errSkipped {
		return make([]T, c.N), nil
	}
	per, isPer := err.(graphql.BatchErrors)
	switch {
	case err != nil && !isPer:
		return make([]T, c.N), repeat(err, c.N)
	case len(v) != c.N:
		return make([]T, c.N), repeat(fmt.Errorf("batch resolver %s returned %d results for %d parents", name, len(v), c.N), c.N)
	case len(per.Errors()) != c.N:
		return make([]T, c.N), repeat(fmt.Errorf("batch resolver %s returned %d errors for %d parents", name, len(per.Errors()), c.N), c.N)
	}
	return settle(v, per.Errors())
}

// settle drops the results that have an error.
func settle[T any](v []T, errs []error) ([]T, []error) {
	var zero T
	failed := false
	out := v
	for i, err := range errs {
		if err == nil {
			continue
		}
		if !failed { // the resolver may keep its slices
			failed = true
			out = append([]T(nil), v...)
		}
		out[i] = zero
	}
	if !failed {
		return v, nil
	}
	return out, errs
}

// Single calls the resolver of a root field, which has one parent.
func Single[T any](c *Call, resolve func(ctx context.Context) (T, error)) ([]T, []error) {
	v, err := around(c, resolve)
	if err != nil && err != errSkipped {
		return make([]T, 1), []error{err}
	}
	return []T{v}, nil
}

// Each calls a resolver that takes one object, or a model's method that takes a context, side by
// side for all objects: such resolvers may wait for each other's loads.
func Each[P, T any](c *Call, objs []P, resolve func(ctx context.Context, obj P) (T, error)) ([]T, []error) {
	var errs []error
	v, err := around(c, func(ctx context.Context) ([]T, error) {
		v := make([]T, len(objs))
		if len(objs) == 0 {
			return v, nil
		}
		each := make([]error, len(objs))
		one := func(i int) {
			each[i] = errExited
			defer func() {
				if p := recover(); p != nil {
					each[i] = c.run.recovered(ctx, p)
				}
			}()
			v[i], each[i] = resolve(ctx, objs[i])
		}
		if len(objs) == 1 {
			one(0)
		} else {
			c.sideBySide(len(objs), one)
		}
		v, errs = settle(v, each)
		return v, nil
	})
	if err == errSkipped {
		return make([]T, c.N), nil
	}
	if err == nil && len(v) != c.N {
		err = fmt.Errorf("a directive gave %d results for %d parents", len(v), c.N)
	}
	if err != nil {
		return make([]T, c.N), repeat(err, c.N)
	}
	return v, errs
}

// sideBySide runs n functions at once. The dispatcher counts them in place of the call itself,
// which only waits.
func (c *Call) sideBySide(n int, f func(i int)) {
	d := c.run.dispatcher
	var wg sync.WaitGroup
	wg.Add(n)
	d.Enter(n)
	for i := range n {
		go func() {
			defer wg.Done()
			defer d.Leave()
			f(i)
		}()
	}
	c.leave()
	wg.Wait()
}

// leave tells the dispatcher that this call loads nothing any more.
func (c *Call) leave() {
	if c.inWave {
		c.inWave = false
		c.run.dispatcher.Leave()
	}
}

// Collect reads a value that the objects hold. A method that panics damages its own object only.
func Collect[P, T any](c *Call, objs []P, get func(obj P) (T, error)) ([]T, []error) {
	var errs []error
	collect := func(context.Context) ([]T, error) {
		v := make([]T, len(objs))
		fail := func(i int, err error) {
			if errs == nil {
				errs = make([]error, len(objs))
			}
			errs[i] = err
		}
		for i := 0; i < len(objs); {
			i = collectFrom(c, objs, i, v, get, fail)
		}
		return v, nil
	}
	v, err := around(c, collect)
	if err == errSkipped {
		return make([]T, c.N), nil
	}
	if err == nil && len(v) != c.N {
		err = fmt.Errorf("a directive gave %d results for %d parents", len(v), c.N)
	}
	if err != nil {
		return make([]T, c.N), repeat(err, c.N)
	}
	return v, errs
}

// collectFrom reads from object i on, and gives the number of the object to go on with.
func collectFrom[P, T any](c *Call, objs []P, i int, v []T, get func(obj P) (T, error), fail func(int, error)) (next int) {
	defer func() {
		if p := recover(); p != nil {
			fail(i, c.run.recovered(c.context(), p))
			next = i + 1
		}
	}()
	for ; i < len(objs); i++ {
		got, err := get(objs[i])
		if err != nil {
			fail(i, err)
			continue
		}
		v[i] = got
	}
	return i
}

// resolveField coerces the arguments and resolves the field.
func (c *Call) resolveField() Column {
	f := c.plan
	switch {
	case !f.fixed:
		args, err := coerceArgumentValues(c.run.ctx, f, c.run.oc.Variables)
		if err != nil {
			return Column{Err: &argumentError{err}}
		}
		c.Args = args
	case len(f.args) > 0:
		c.Args = maps.Clone(f.args) // interceptors may change them
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
	m := c.run.oc.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
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

// Delegate lets gqlgen execute a root field with everything below it: introspection.
func Delegate(c *Call, execute func(ctx context.Context, oc *graphql.OperationContext, field graphql.CollectedField) graphql.Marshaler) Column {
	ctx := graphql.WithFieldContext(c.run.ctx, &graphql.FieldContext{Object: c.plan.typ.Name})
	return written(c.plan, execute(ctx, c.run.oc, c.plan.collected()))
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
	res, err := c.run.oc.ResolverMiddleware(c.context(), chain)
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

func repeat(err error, n int) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}
