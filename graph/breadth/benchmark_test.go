package breadth_test

import (
	"context"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

// deep has the shape of a catalogue page: a list, its lists, their lists, and two single objects
// below each of those; 2,650 objects, 8,000 fields.
const deep = `query($n: Int!) { people(first: 50) {
	id name
	friends(first: 5) { id name active
		friends(first: $n) { id name height steps best { name } must { name } } } } }`

// point is one object by its id, and one next to it.
const point = `query($id: ID!) { person(id: $id) { id name height best { id name } } }`

func BenchmarkDeep(b *testing.B)  { compare(b, deep, map[string]any{"n": 3}) }
func BenchmarkPoint(b *testing.B) { compare(b, point, map[string]any{"id": "5"}) }

// compare runs an operation on both executors.
func compare(b *testing.B, query string, vars map[string]any) {
	es := breadthtest.NewWorld(100).Schema()
	for _, bench := range []struct {
		name string
		es   graphql.ExecutableSchema
	}{
		{"breadth", breadth.New(es, exec.BreadthTables(es), nil)},
		{"gqlgen", es},
	} {
		b.Run(bench.name, func(b *testing.B) {
			run := prepared(b, bench.es, query, vars)
			b.ReportAllocs()
			b.SetBytes(int64(run()))
			for b.Loop() {
				run()
			}
		})
	}
}

// prepared gives a function that executes an operation whose document is cached, with a pooled
// buffer, and tells the length of the answer.
func prepared(t testing.TB, es graphql.ExecutableSchema, query string, vars map[string]any) func() int {
	ex := executor.New(es)
	ctx := graphql.StartOperationTrace(breadthtest.WithSession(context.Background()))
	oc, errs := ex.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: vars})
	if errs != nil {
		t.Fatal(errs)
	}
	return func() int {
		buf := breadth.GetBuffer()
		defer buf.Release()
		next, ctx := ex.DispatchOperation(breadth.WithTransport(ctx, breadth.Transport{Buffer: buf}), oc)
		r := next(ctx)
		if len(r.Errors) > 0 {
			t.Fatal(r.Errors)
		}
		return len(r.Data)
	}
}
