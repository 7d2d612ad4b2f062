package breadth_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

// keeper keeps every subtree that it is given, forever.
type keeper struct {
	never string // a field that it does not keep, "" for none

	mu          sync.Mutex
	kept        map[string]breadth.Subtree
	found, made int
	open        int
}

func newKeeper() *keeper { return &keeper{kept: map[string]breadth.Subtree{}} }

func (k *keeper) Keeps(coordinate string) bool { return coordinate != k.never }

func (k *keeper) Find(_ context.Context, all []breadth.Subtree) breadth.Making {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range all {
		if s, ok := k.kept[all[i].Field+" "+all[i].Key]; ok {
			all[i].JSON, all[i].Counts = s.JSON, s.Counts
			k.found++
		}
	}
	k.open++
	return k
}

func (k *keeper) End(all []breadth.Subtree) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open--
	for _, s := range all {
		if s.Written != nil {
			k.made++
			k.kept[s.Field+" "+s.Key] = breadth.Subtree{JSON: string(s.Written), Counts: string(s.WrittenCounts)}
		}
	}
}

// keeping is an executor over a world whose subtrees a keeper keeps.
func keeping(t *testing.T, k *keeper) (*breadthtest.World, *executor.Executor) {
	t.Helper()
	w := breadthtest.NewWorld(20)
	es := w.Schema()
	return w, breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), nil, breadth.KeepSubtrees(k, "")))
}

// TestKeptIsWhatWouldHaveBeen runs random operations, each twice, against gqlgen's own executor. All of
// them share what is kept: two that should not would show.
func TestKeptIsWhatWouldHaveBeen(t *testing.T) {
	t.Parallel()
	pair, k := breadthtest.Exotic(nil), newKeeper()
	_, pair.Other = keeping(t, k)
	for n := range uint64(1500) {
		for range 2 {
			if err := pair.Check(t.Context(), pair.Random(n)); err != nil {
				t.Fatalf("seed %d: %v", n, err)
			}
		}
	}
	t.Logf("%d found, %d made, %d kept", k.found, k.made, len(k.kept))
	if k.found < 500 {
		t.Errorf("%d found, %d made, %d kept", k.found, k.made, len(k.kept))
	}
}

// TestWhatTellsSubtreesApart: one is kept for all operations that ask for the same, and no others.
func TestWhatTellsSubtreesApart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second         string
		firstVars, secondVars map[string]any
		shared                bool
	}{
		"the same":                   {first: `{ person(id: "2") { name } }`, second: `query Other { person(id: "2") { name } }`, shared: true},
		"another alias of the field": {first: `{ person(id: "2") { name } }`, second: `{ p: person(id: "2") { name } }`, shared: true},
		"beside other fields":        {first: `{ person(id: "2") { name } }`, second: `{ phase person(id: "2") { name } }`, shared: true},
		"through a fragment":         {first: `{ person(id: "2") { id name } }`, second: `{ ...F } fragment F on Query { person(id: "2") { ... on Person { id } name } }`, shared: true},
		"another alias below":        {first: `{ person(id: "2") { name } }`, second: `{ person(id: "2") { n: name } }`},
		"another order":              {first: `{ person(id: "2") { id name } }`, second: `{ person(id: "2") { name id } }`},
		"a type name":                {first: `{ person(id: "2") { name } }`, second: `{ person(id: "2") { name __typename } }`},
		"another argument":           {first: `{ person(id: "2") { name } }`, second: `{ person(id: "3") { name } }`},
		"another argument below":     {first: `{ person(id: "2") { title } }`, second: `{ person(id: "2") { title(upper: true) } }`},
		"the same variable": {
			first: `query ($id: ID!) { person(id: $id) { name } }`, second: `query ($x: ID!) { person(id: $x) { name } }`,
			firstVars: map[string]any{"id": "2"}, secondVars: map[string]any{"x": "2"}, shared: true,
		},
		"another value": {
			first: `query ($id: ID!) { person(id: $id) { name } }`, second: `query ($id: ID!) { person(id: $id) { name } }`,
			firstVars: map[string]any{"id": "2"}, secondVars: map[string]any{"id": "3"},
		},
		"an absent value": {
			first: `query ($n: Int) { echo(int: $n) }`, second: `query ($n: Int) { echo(int: $n) }`,
			firstVars: map[string]any{"n": nil}, secondVars: map[string]any{},
		},
		"variables exchanged": {
			first: `query ($a: Int, $b: String) { echo(int: $a, string: $b) }`, second: `query ($a: String, $b: Int) { echo(int: $b, string: $a) }`,
			firstVars: map[string]any{"a": 1, "b": "1"}, secondVars: map[string]any{"a": "1", "b": 1}, shared: true,
		},
		"a condition that holds not": {
			first: `query ($b: Boolean!) { person(id: "2") { id name @include(if: $b) } }`, second: `query ($b: Boolean!) { person(id: "2") { id name @include(if: $b) } }`,
			firstVars: map[string]any{"b": true}, secondVars: map[string]any{"b": false},
		},
		"a condition that holds": {
			first: `query ($b: Boolean!) { person(id: "2") { id name @skip(if: $b) } }`, second: `{ person(id: "2") { id name } }`,
			firstVars: map[string]any{"b": false}, shared: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKeeper()
			_, ex := keeping(t, k)
			_, plain := setup(t)
			answer(t, ex, c.first, c.firstVars)
			if k.made == 0 {
				t.Fatal("the first is not kept")
			}
			got := answer(t, ex, c.second, c.secondVars)
			if want := answer(t, plain, c.second, c.secondVars); got.Data != want.Data {
				t.Errorf("got %s, want %s", got.Data, want.Data)
			}
			if (k.found == 1) != c.shared {
				t.Errorf("%d found", k.found)
			}
		})
	}
}

// TestWhatIsNeverKept: what fails, what asks who is there, what does not only read, and what the keeper
// does not know.
func TestWhatIsNeverKept(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		`{ mustPerson(fail: ERROR) { id } }`,
		`{ boom }`,
		`{ person(id: "2") { name } boom }`, // one error: what is beside it may be kept the next time
		`{ people(first: 2) { id best { risky } } boom }`,
		`{ __schema { queryType { name } } }`,
		`{ __type(name: "Person") { name } }`,
		`mutation { push { entries } }`,
		`{ __typename }`,
	} {
		k := newKeeper()
		_, ex := keeping(t, k)
		answer(t, ex, query, nil)
		if k.made > 0 || k.open != 0 {
			t.Errorf("%s: %d made, %d open", query, k.made, k.open)
		}
	}
	k := newKeeper()
	k.never = "Person.best"
	_, ex := keeping(t, k)
	answer(t, ex, `{ a: person(id: "2") { best { name } } b: person(id: "2") { name } }`, nil)
	if k.made != 1 || k.found != 0 {
		t.Errorf("%d made, %d found", k.made, k.found)
	}
}

// TestDirectivesAreAsked: a field with a run-time directive is executed for everybody anew.
func TestDirectivesAreAsked(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	w := breadthtest.NewWorld(20)
	es := w.Schema()
	tables := exec.BreadthTables(es)
	guarded := ""
	for name, def := range es.Schema().Types {
		for _, f := range def.Fields {
			if def.Kind == ast.Object && f.Directives.ForName("guard") != nil && name == "Person" {
				guarded = f.Name
			}
		}
	}
	if guarded == "" {
		t.Fatal("no field of a person is guarded")
	}
	ex := breadthtest.NewExecutor(breadth.New(es, tables, nil, breadth.KeepSubtrees(k, "")))
	answer(t, ex, `{ person(id: "2") { id `+guarded+` } }`, nil)
	if k.made > 0 {
		t.Errorf("%s is kept", guarded)
	}
}

// TestKeptAnswersRunNothing: no resolver is called, and no dispatcher made.
func TestKeptAnswersRunNothing(t *testing.T) {
	t.Parallel()
	k, w := newKeeper(), breadthtest.NewWorld(20)
	es := w.Schema()
	calls, dispatchers := 0, 0
	w.Before = func(context.Context, string) error { calls++; return nil }
	ex := breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), func(context.Context) breadth.Dispatcher { dispatchers++; return nil }, breadth.KeepSubtrees(k, "")))
	const query = `{ a: people(first: 2) { id best { name } } __typename b: person(id: "3") { name } }`
	want := answer(t, ex, query, nil)
	before := [2]int{calls, dispatchers}
	got := answer(t, ex, query, nil)
	if got.Data != want.Data || before != [2]int{calls, dispatchers} || k.found != 2 {
		t.Errorf("%s, %d calls, %d dispatchers, %d found", got.Data, calls-before[0], dispatchers-before[1], k.found)
	}
	// Beside what was found only the rest runs.
	answer(t, ex, strings.Replace(query, "__typename", "c: person(id: \"4\") { name }", 1), nil)
	if dispatchers != before[1]+1 || k.found != 4 || k.made != 3 {
		t.Errorf("%d dispatchers, %d found, %d made", dispatchers-before[1], k.found, k.made)
	}
}

// levels is a Meter that writes down what it hears.
type levels struct{ told map[string]int }

func (l *levels) Level(typ string, fields []*ast.Field, n int) {
	for _, f := range fields {
		typ += " " + f.Alias
	}
	l.told[typ] += n
}

// TestKeptAnswersCostTheSame: a meter hears of what is found what it would have heard otherwise.
func TestKeptAnswersCostTheSame(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	_, ex := keeping(t, k)
	const query = `{ people(first: 3) { id friends { name best { id } } } things { ... on Person { best { name } } __typename } phase }`
	var told []map[string]int
	for range 3 {
		l := &levels{map[string]int{}}
		answerIn(breadth.WithTransport(t.Context(), breadth.Transport{Meter: l}), t, ex, query, nil)
		told = append(told, l.told)
	}
	if k.found != 6 {
		t.Fatalf("%d found", k.found)
	}
	for i, got := range told[1:] {
		if len(got) != len(told[0]) {
			t.Errorf("%d: %v, want %v", i+1, got, told[0])
		}
		for name, n := range told[0] {
			if got[name] != n {
				t.Errorf("%d: %s %d times, want %d", i+1, name, got[name], n)
			}
		}
	}
}

// TestATooLongAnswerIsNotKept: writing stops where nobody takes what is written.
func TestATooLongAnswerIsNotKept(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	_, ex := keeping(t, k)
	buf := breadth.GetBuffer()
	defer buf.Release()
	buf.Max = 20
	answerRaw(breadth.WithTransport(t.Context(), breadth.Transport{Buffer: buf}), t, ex, `{ people(first: 20) { id name } }`)
	if k.made != 0 || k.open != 0 {
		t.Errorf("%d made, %d open", k.made, k.open)
	}
}

// answerRaw executes an operation whose data may be cut off.
func answerRaw(ctx context.Context, t *testing.T, ex *executor.Executor, query string) {
	t.Helper()
	if _, err := breadthtest.Run(breadthtest.WithSession(ctx), ex, breadthtest.Operation{Query: query}); err != nil {
		t.Fatal(err)
	}
}

// TestAResolverThatReportsAnErrorItself: its value is there, and its error would be lost.
func TestAResolverThatReportsAnErrorItself(t *testing.T) {
	t.Parallel()
	k := newKeeper()
	w, ex := keeping(t, k)
	w.Before = func(ctx context.Context, _ string) error {
		graphql.AddErrorf(ctx, "by the way")
		return nil
	}
	a := answer(t, ex, `{ people(first: 2) { id best { name } } }`, nil)
	if len(a.Errors) == 0 {
		t.Fatal("no resolver reports anything")
	}
	if k.made != 0 {
		t.Error("it is kept")
	}
}
