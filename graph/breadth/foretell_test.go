package breadth_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

// TestForetell: loaders hear what the operation selects, made once for each plan, before any resolver
// runs.
func TestForetell(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var prepared []breadth.Selected
	var told []breadth.Selected
	w := breadthtest.NewWorld(20)
	es := w.Schema()
	ex := breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), nil, breadth.Foretell(
		func(s breadth.Selected) *breadth.Selected {
			mu.Lock()
			defer mu.Unlock()
			prepared = append(prepared, s)
			return &s
		},
		func(_ context.Context, s *breadth.Selected) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, *s)
		},
	)))
	ex.SetQueryCache(graphql.MapCache[*ast.QueryDocument]{})
	const query = `query ($more: Boolean!) {
		person(id: "2") { __typename id best { a: name b: name ...F } }
		things(first: 4) { ... on Robot { id @include(if: $more) } }
	}
	fragment F on Person { name id @skip(if: true) }`
	for _, more := range []bool{true, true, false} {
		answer(t, ex, query, map[string]any{"more": more})
	}
	if len(prepared) != 2 || len(told) != 3 {
		t.Fatalf("prepared %d times, told %d times", len(prepared), len(told))
	}
	for i, want := range []map[string][]string{
		{"Query": {"person", "things"}, "Person": {"__typename", "best", "id", "name"}, "Robot": {"id"}, "Plant": {}, "Place": {}},
		{"Query": {"person", "things"}, "Person": {"__typename", "best", "id", "name"}, "Robot": {}, "Plant": {}, "Place": {}},
	} {
		for typ, fields := range want {
			if got, ok := prepared[i][typ]; ok != (typ != "") || !slices.Equal(got, fields) {
				t.Errorf("plan %d: %s has %v, want %v", i, typ, got, fields)
			}
		}
		if len(prepared[i]) != len(want) {
			t.Errorf("plan %d has the types %v", i, slices.Sorted(maps.Keys(prepared[i])))
		}
	}
	for i, at := range []int{0, 0, 1} {
		if !maps.EqualFunc(told[i], prepared[at], slices.Equal[[]string]) {
			t.Errorf("execution %d was told of another plan", i)
		}
	}
}
