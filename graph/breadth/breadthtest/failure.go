package breadthtest

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/graph/breadth/breadthtest/model"
)

// batch is the body of a batch resolver that fails as it is told. number tells a parent's number, 0
// for nil ones: gqlgen's own executor hands the null elements of a list to batch resolvers.
func batch[P, T any](about string, objs []P, fail model.Failure, number func(P) int, value func(n int) T) ([]T, error) {
	out, errs := make([]T, len(objs)), make(graphql.BatchErrorList, len(objs))
	failed := false
	for i, o := range objs {
		n := number(o)
		if n == 0 {
			continue
		}
		if fail == model.FailureNulls && chance(40, about, n) {
			continue
		}
		if errs[i] = failure(fail, about, n); errs[i] != nil {
			failed = true
			continue
		}
		out[i] = value(n)
	}
	switch {
	case fail == model.FailureError:
		return nil, errors.New(about + " failed")
	case fail == model.FailurePanic:
		panic(about + " panics")
	case fail == model.FailureShort:
		return out[:len(out)-1], nil
	case fail == model.FailureLong:
		var zero T
		return append(out, zero), nil
	case failed:
		return out, errs
	}
	return out, nil
}

// failure is the error for one object.
func failure(fail model.Failure, about string, n int) error {
	if fail == model.FailureNone || !chance(40, about, n) {
		return nil
	}
	switch fail {
	case model.FailureSome:
		return fmt.Errorf("%s failed for %d", about, n)
	case model.FailureList:
		return gqlerror.List{gqlerror.Errorf("%s: first", about), gqlerror.Errorf("%s: second", about)}
	case model.FailureWrapped:
		return fmt.Errorf("wrapped: %w", &gqlerror.Error{Message: about + " of " + strconv.Itoa(n), Extensions: map[string]any{"code": "TEST"}})
	}
	return nil
}

// single is the body of a resolver for one object.
func single[T any](about string, n int, fail model.Failure, value func() (T, error)) (T, error) {
	var zero T
	switch fail {
	case model.FailureError:
		return zero, errors.New(about + " failed")
	case model.FailurePanic:
		panic(about + " panics")
	case model.FailureNulls:
		if chance(40, about, n) {
			return zero, nil
		}
	}
	if err := failure(fail, about, n); err != nil {
		return zero, err
	}
	return value()
}
