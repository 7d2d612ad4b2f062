package breadthtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// Operation is what a client sends.
type Operation struct {
	Query     string
	Variables map[string]any
}

func (op Operation) String() string {
	vars, err := json.Marshal(op.Variables)
	if err != nil {
		return op.Query
	}
	return fmt.Sprintf("%s\nvariables %s", op.Query, vars)
}

// Answer is one response.
type Answer struct {
	Data   string
	Errors gqlerror.List
}

// Run executes an operation as a server does and gives all its responses. An error means that the
// operation was refused before its execution.
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
	return nil, errors.New("the responses do not end")
}

// NewExecutor wraps a schema as a server's handler does, with introspection.
func NewExecutor(es graphql.ExecutableSchema) *executor.Executor {
	ex := executor.New(es)
	ex.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		graphql.GetOperationContext(ctx).DisableIntrospection = false
		return next(ctx)
	})
	ex.SetRecoverFunc(func(_ context.Context, p any) error { return fmt.Errorf("recovered: %v", p) })
	return ex
}

// Pair holds two executors of one schema against each other.
type Pair struct {
	Reference, Other *executor.Executor
	Generator        *Generator
	// Prepare makes the context of an execution; nil: as it is. PrepareOther, if it is there, does so for
	// the other side.
	Prepare, PrepareOther func(ctx context.Context) context.Context
}

// NewPair compares a schema executed by gqlgen with the same one executed otherwise.
func NewPair(reference, other graphql.ExecutableSchema, g *Generator) *Pair {
	return &Pair{Reference: NewExecutor(reference), Other: NewExecutor(other), Generator: g}
}

// Random makes the operation that follows from a seed: mostly queries.
func (p *Pair) Random(seed uint64) Operation {
	r := rand.New(rand.NewPCG(seed, 1))
	kind := ast.Query
	switch roll := r.IntN(100); {
	case roll < 8 && p.Generator.Schema.Mutation != nil:
		kind = ast.Mutation
	case roll < 16 && p.Generator.Schema.Subscription != nil:
		kind = ast.Subscription
	}
	return p.Generator.Operation(r, kind)
}

// Check executes an operation on both sides. The error shows what differs.
func (p *Pair) Check(ctx context.Context, op Operation) error {
	prepareOther := p.PrepareOther
	if prepareOther == nil {
		prepareOther = p.Prepare
	}
	reference, refErr := run(ctx, p.Prepare, p.Reference, op)
	other, otherErr := run(ctx, prepareOther, p.Other, op)
	if (refErr == nil) != (otherErr == nil) {
		return fmt.Errorf("%v\nreference refuses: %v\nother refuses: %v", op, refErr, otherErr)
	}
	if len(reference) != len(other) {
		return fmt.Errorf("%v\nreference gives %d responses\nother gives %d", op, len(reference), len(other))
	}
	for i := range reference {
		if err := compare(op, reference[i], other[i]); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, prepare func(ctx context.Context) context.Context, ex *executor.Executor, op Operation) ([]Answer, error) {
	if prepare != nil {
		ctx = prepare(ctx)
	}
	return Run(ctx, ex, op)
}

func compare(op Operation, reference, other Answer) error {
	doc, err := parser.ParseQuery(&ast.Source{Input: op.Query})
	if err != nil {
		return err
	}
	ref, oth := simplify(reference), simplify(other)
	for _, d := range Differences {
		d.apply(doc.Operations[0].Operation, &ref, &oth)
	}
	if ref.data != oth.data {
		return fmt.Errorf("%v\nthe data differ:\nreference %s\nother     %s\nreference's errors:\n%s", op, ref.data, oth.data, strings.Join(ref.lines(), "\n"))
	}
	missing, extra := diff(ref.lines(), oth.lines())
	if len(missing)+len(extra) > 0 {
		return fmt.Errorf("%v\nthe errors differ:\nonly in the reference:\n%s\nonly in the other:\n%s", op, strings.Join(missing, "\n"), strings.Join(extra, "\n"))
	}
	return nil
}

func simplify(a Answer) plainAnswer {
	p := plainAnswer{data: a.Data}
	for _, e := range a.Errors {
		var at []string
		for _, l := range e.Locations {
			at = append(at, l.String())
		}
		p.errors = append(p.errors, plainError{message: e.Message, path: slices.Clone(e.Path), at: strings.Join(at, " ")})
	}
	return p
}

func (a plainAnswer) lines() []string {
	var lines []string
	for _, e := range a.errors {
		lines = append(lines, fmt.Sprintf("%s: %s %s", e.path, e.message, e.at))
	}
	slices.Sort(lines)
	return lines
}

// diff compares sorted lines.
func diff(a, b []string) (onlyA, onlyB []string) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			a, b = a[1:], b[1:]
		case a[0] < b[0]:
			onlyA, a = append(onlyA, a[0]), a[1:]
		default:
			onlyB, b = append(onlyB, b[0]), b[1:]
		}
	}
	return append(onlyA, a...), append(onlyB, b...)
}
