package breadth_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

// TestLead: loaders are told where the rows of a field lead to before its resolver is called, once for
// all of its objects, with the arguments of both; and of nothing else.
func TestLead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query string
		vars        map[string]any
		want        []string
	}{
		{"a list below a list", `{ people(first: 4) { friends(first: 3) { friends { id } } } }`, nil, []string{
			"tell Person.friends 3 > Person.friends 2", "Person.friends", "Person.friends",
		}},
		{"variables", `query ($a: Int!, $b: Int!) { people(first: 4) { friends(first: $a) { x: friends(first: $b) { id } } } }`, map[string]any{"a": 5, "b": 1}, []string{
			"tell Person.friends 5 > Person.friends 1", "Person.friends", "Person.friends",
		}},
		{"switches", `query ($on: Boolean!) { people(first: 4) { friends { a: friends(first: 3) @include(if: $on) { id } b: friends(first: 4) @skip(if: $on) { id } } } }`, map[string]any{"on": true}, []string{
			"tell Person.friends 2 > Person.friends 3", "Person.friends", "Person.friends",
		}},
		{"several", `{ people(first: 4) { friends { a: friends(first: 3) { id } b: friends(first: 4) { id } } } }`, nil, []string{
			"tell Person.friends 2 > Person.friends 3", "tell Person.friends 2 > Person.friends 4", "Person.friends", "Person.friends", "Person.friends",
		}},
		{"a resolver between the two", `{ people(first: 4) { friends { best { friends { id } } } } }`, nil, []string{"Person.friends", "Person.friends"}},
		{"directives that might not let a resolver be called", `{ people(first: 4) { friends { secretFriends { id } } } }`, nil, []string{"Person.friends"}},
		{"no list below", `{ people(first: 4) { friends { id } } }`, nil, []string{"Person.friends"}},
	} {
		var mu sync.Mutex
		var got []string
		note := func(format string, args ...any) {
			mu.Lock()
			got = append(got, fmt.Sprintf(format, args...))
			mu.Unlock()
		}
		es := breadthtest.NewWorld(20).Schema()
		ex := breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), nil, breadth.Lead(
			func(above, below string) bool {
				return above == "Person.friends" && strings.HasPrefix(below, "Person.") && strings.HasSuffix(strings.ToLower(below), "friends")
			},
			func(_ context.Context, above, below string, ofAbove, ofBelow map[string]any) {
				note("tell %s %v > %s %v", above, ofAbove["first"], below, ofBelow["first"])
			},
		)))
		ex.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
			if fc := graphql.GetFieldContext(ctx); fc.Field.Name == "friends" {
				note("%s.%s", fc.Object, fc.Field.Name)
			}
			return next(ctx)
		})
		if a := answer(t, ex, c.query, c.vars); len(a.Errors) > 0 {
			t.Errorf("%s: %v", c.name, told(a))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}
