package breadthtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Operation is what a client sends.
type Operation struct {
	Query     string
	Variables map[string]any
}

// Answer is one response.
type Answer struct {
	Data   string
	Errors gqlerror.List
}

// Run executes an operation as a server does and gives all its responses.
func Run(ctx context.Context, ex *executor.Executor, op Operation) ([]Answer, error) {
	ctx = graphql.StartOperationTrace(ctx)
	now := graphql.Now()
	oc, errs := ex.CreateOperationContext(ctx, &graphql.RawParams{
		Query: op.Query, Variables: op.Variables, ReadTime: graphql.TraceTiming{Start: now, End: now},
	})
	if errs != nil {
		return nil, errs
	}
	next, ctx := ex.DispatchOperation(ctx, oc)
	var all []Answer
	for len(all) < 100 {
		r := next(ctx)
		if r == nil {
			return all, nil
		}
		all = append(all, Answer{Data: string(r.Data), Errors: r.Errors})
	}
	return all, errors.New("the responses do not end")
}

// NewExecutor wraps a schema as the handler of a server would.
func NewExecutor(es graphql.ExecutableSchema) *executor.Executor {
	ex := executor.New(es)
	ex.SetRecoverFunc(func(_ context.Context, p any) error { return fmt.Errorf("recovered: %v", p) })
	return ex
}
