package breadth_test

import (
	"fmt"
	"testing"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

func TestTry(t *testing.T) {
	w := &breadthtest.World{Size: 20}
	es := w.Schema()
	ref := breadthtest.NewExecutor(es)
	br := breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), nil))
	for _, q := range []string{
		`{ people { id name age email balance tip score friends { id friends(fail: SOME) { name } } } }`,
		`{ people(first: 7) { id name age email balance tip score friends { id friends(fail: SOME) { name must(fail: SOME) {id} } } } }`,
		`{ things(first: 8) { __typename ... on Node { id } ... on Owned { owner { best { id } name } } ... on Person { crowd { ... on Place { name owner { id } } } } } }`,
		`{ people { visits { edges { cursor node { name } } pageInfo { hasNextPage endCursor } totalCount } } }`,
		`mutation { a: push { entries later } b: push(value: 3) { entries later who { id } } }`,
		`subscription { people(count: 4) { id must(fail: SOME) { id } } }`,
		`{ person(id: "2") { query { people { secret loud risky } } } __schema { queryType { name } } }`,
	} {
		op := breadthtest.Operation{Query: q}
		ctx := breadthtest.WithSession(t.Context())
		a, err := breadthtest.Run(ctx, ref, op)
		ctx = breadthtest.WithSession(t.Context())
		b, err2 := breadthtest.Run(ctx, br, op)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for i := range a {
			if a[i].Data != b[i].Data {
				t.Errorf("%s\n%s\n%s", q, a[i].Data, b[i].Data)
			}
			if len(a[i].Errors) != len(b[i].Errors) {
				t.Error(a[i].Errors, b[i].Errors)
			}
			fmt.Println(a[i].Errors)
			fmt.Println(b[i].Errors)
		}
	}
}
