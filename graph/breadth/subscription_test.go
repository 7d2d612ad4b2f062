package breadth_test

import (
	"context"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

func events(t *testing.T, query string) []breadthtest.Answer {
	t.Helper()
	_, ex := setup(t)
	all, err := breadthtest.Run(t.Context(), ex, breadthtest.Operation{Query: query})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryEventIsAnExecution(t *testing.T) {
	t.Parallel()
	all := events(t, `subscription { who: people(count: 4) { id must(fail: SOME) { id } } }`)
	var got []string
	for _, a := range all {
		got = append(got, a.Data)
		got = append(got, told(a)...)
	}
	want := []string{
		`{"who":null}`, "who.must: person.must failed for 2",
		`{"who":null}`,
		`{"who":null}`, "who.must: person.must failed for 4",
		`{"who":null}`, "who.must: person.must failed for 5",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestEventsWithoutAValue(t *testing.T) {
	t.Parallel()
	all := events(t, `subscription { mustPeople(count: 2) { email joined level } }`)
	if len(all) != 2 || all[0].Data == "null" {
		t.Error(all)
	}
	for _, query := range []string{
		`subscription { people(fail: ERROR) { id } }`,
		`subscription { people(count: 99999999999) { id } }`,
		`subscription { people @skip(if: true) { id } }`,
	} {
		all := events(t, query)
		if len(all) != 1 || len(all[0].Errors) != 1 || all[0].Data != "" {
			t.Errorf("%s: %v", query, all)
		}
	}
}

// Each event has the dispatcher of its own response.
func TestEveryEventHasItsDispatcher(t *testing.T) {
	t.Parallel()
	type key struct{}
	es := breadthtest.NewWorld(20).Schema()
	var seen []int
	ex := breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), func(ctx context.Context) breadth.Dispatcher {
		seen = append(seen, ctx.Value(key{}).(int))
		return nil
	}))
	n := 0
	ex.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		n++
		return next(context.WithValue(ctx, key{}, n))
	})
	if _, err := breadthtest.Run(t.Context(), ex, breadthtest.Operation{Query: `subscription { numbers(count: 3) }`}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, []int{1, 2, 3}) {
		t.Error(seen)
	}
}
