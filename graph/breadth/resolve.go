package breadth

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
)

// Generated code resolves a field by one of the functions below, which say how its resolver wants to
// be called.

// Batch calls a batch resolver: one result for each object, errors for single objects through
// graphql.BatchErrors. It gives usable results, zero where there is an error, and the errors, nil if
// there are none.
func Batch[T any](c *Call, name string, resolve func(ctx context.Context) ([]T, error)) ([]T, []error) {
	v, err := around(c, resolve)
	var each []error
	per, isPer := err.(graphql.BatchErrors)
	if isPer {
		each, err = per.Errors(), nil
	}
	switch {
	case err == errSkipped:
		return make([]T, c.N), nil
	case err != nil:
		return make([]T, c.N), repeat(err, c.N)
	case len(v) != c.N:
		return make([]T, c.N), repeat(fmt.Errorf("batch resolver %s returned %d results for %d parents", name, len(v), c.N), c.N)
	case !isPer:
		return v, nil
	case len(each) != c.N:
		return make([]T, c.N), repeat(fmt.Errorf("batch resolver %s returned %d errors for %d parents", name, len(each), c.N), c.N)
	}
	return withoutFailed(v, each), each
}

// withoutFailed drops results that have an error. The resolver may keep its slice.
func withoutFailed[T any](v []T, errs []error) []T {
	usable := slices.Clone(v)
	for i, err := range errs {
		if err != nil {
			var zero T
			usable[i] = zero
		}
	}
	return usable
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
	return Batch(c, c.plan.coordinate, func(ctx context.Context) ([]T, error) {
		v, errs := make([]T, len(objs)), make(graphql.BatchErrorList, len(objs))
		one := func(i int) {
			errs[i] = errExited
			defer func() {
				if p := recover(); p != nil {
					errs[i] = c.in.recovered(ctx, p)
				}
			}()
			v[i], errs[i] = resolve(ctx, objs[i])
		}
		if len(objs) == 1 {
			one(0)
		} else {
			c.sideBySide(len(objs), one)
		}
		if slices.ContainsFunc(errs, isError) {
			return v, errs
		}
		return v, nil
	})
}

func isError(err error) bool { return err != nil }

// sideBySide runs n functions at once. The dispatcher counts them in place of the call itself,
// which only waits.
func (c *Call) sideBySide(n int, f func(i int)) {
	d := c.in.dispatcher
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

// Collect reads a value that the objects hold. A method that panics damages its own object only.
func Collect[P, T any](c *Call, objs []P, get func(obj P) (T, error)) ([]T, []error) {
	return Batch(c, c.plan.coordinate, func(context.Context) ([]T, error) {
		v := make([]T, len(objs))
		var errs graphql.BatchErrorList
		fail := func(i int, err error) {
			if errs == nil {
				errs = make(graphql.BatchErrorList, len(objs))
			}
			errs[i] = err
		}
		for i := 0; i < len(objs); {
			i = collectFrom(c, objs, i, v, get, fail)
		}
		if errs != nil {
			return v, errs
		}
		return v, nil
	})
}

// collectFrom reads from object i on, and gives the number of the object to go on with.
func collectFrom[P, T any](c *Call, objs []P, i int, v []T, get func(obj P) (T, error), fail func(int, error)) (next int) {
	defer func() {
		if p := recover(); p != nil {
			fail(i, c.in.recovered(c.context(), p))
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

// Delegate lets gqlgen execute a root field with everything below it: introspection.
func Delegate(c *Call, execute func(ctx context.Context, oc *graphql.OperationContext, field graphql.CollectedField) graphql.Marshaler) Column {
	return written(c.plan, execute(c.ctx, c.in.oc, c.plan.collected()))
}

func repeat(err error, n int) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}
