package breadth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

// calls counts resolver calls by coordinate.
type calls struct {
	mu     sync.Mutex
	byName map[string]int
}

func (c *calls) count(ctx context.Context, next graphql.Resolver) (any, error) {
	fc := graphql.GetFieldContext(ctx)
	c.mu.Lock()
	if c.byName == nil {
		c.byName = map[string]int{}
	}
	c.byName[fc.Object+"."+fc.Field.Name]++
	c.mu.Unlock()
	return next(ctx)
}

func TestFieldsAreResolvedOncePerLevel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query string
		want        map[string]int
	}{
		{
			name:  "across all lists",
			query: `{ people(first: 8) { friends { friends { best { id } } } } }`,
			want:  map[string]int{"Query.people": 1, "Person.friends": 2, "Person.best": 1},
		},
		{
			name:  "across all concrete types",
			query: `{ things(first: 8) { ... on Owned { owner { best { best { id } } } } } }`,
			want:  map[string]int{"Query.things": 1, "Robot.owner": 1, "Plant.owner": 1, "Person.best": 2},
		},
		{
			name:  "across the types of lists in lists",
			query: `{ people(first: 4) { crowd { ... on Person { best { id } } ... on Owned { owner { must { id } } } } } }`,
			want:  map[string]int{"Query.people": 1, "Person.crowd": 1, "Person.best": 1, "Robot.owner": 1, "Plant.owner": 1, "Person.must": 1},
		},
		{
			name:  "where one type's own fragment adds to the selection, types part",
			query: `{ things(first: 8) { ... on Owned { owner { best { id } } } ... on Plant { owner { rank } } } }`,
			want:  map[string]int{"Query.things": 1, "Robot.owner": 1, "Plant.owner": 1, "Person.best": 2, "Person.rank": 1},
		},
		{
			name:  "one object at a time, counted once",
			query: `{ people(first: 8) { alone { inContext } } }`,
			want:  map[string]int{"Query.people": 1, "Person.alone": 1, "Person.inContext": 1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, ex := setup(t)
			var got calls
			ex.AroundFields(got.count)
			answer(t, ex, c.query, nil)
			if fmt.Sprint(got.byName) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got.byName, c.want)
			}
		})
	}
}

// loader is what a Dispatcher tells: it dispatches when every resolver that runs waits in load.
type loader struct {
	mu         sync.Mutex
	running    int
	waiting    []chan struct{}
	dispatched []int // waiting resolvers of each dispatch
	negative   bool
}

func (l *loader) Enter(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running += n
}

func (l *loader) Leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	l.negative = l.negative || l.running < 0
	l.dispatch()
}

func (l *loader) dispatch() {
	if l.running > 0 || len(l.waiting) == 0 {
		return
	}
	l.dispatched = append(l.dispatched, len(l.waiting))
	l.running = len(l.waiting)
	for _, w := range l.waiting {
		close(w)
	}
	l.waiting = nil
}

func (l *loader) load() {
	l.mu.Lock()
	done := make(chan struct{})
	l.waiting = append(l.waiting, done)
	l.running--
	l.dispatch()
	l.mu.Unlock()
	<-done
}

func TestDispatcherLearnsOfEveryResolver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query string
		want        []int
	}{
		{"one resolver", `{ people { best { id } } }`, []int{1}},
		{"resolvers side by side", `{ people { best { id } must { id } rank name } }`, []int{3}},
		{"waves", `{ people { best { must { id } rank } must { rank } } }`, []int{2, 3}},
		{"a panic beside", `{ people { best { id } rivals(fail: PANIC) { id } rank } }`, []int{2}},
		{"one object at a time", `{ people(first: 5) { alone { id } best { id } } }`, []int{6}},
		{"one object", `{ person(id: "2") { alone { id } best { id } } }`, []int{2}},
		{"nobody loads", `{ people { words } }`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := &loader{}
			w := breadthtest.NewWorld(20)
			w.Before = func(context.Context, string) error { l.load(); return nil }
			es := w.Schema()
			ex := breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), func(context.Context) breadth.Dispatcher { return l }))
			answer(t, ex, c.query, nil)
			if !slices.Equal(l.dispatched, c.want) {
				t.Errorf("dispatched %v, want %v", l.dispatched, c.want)
			}
			if l.running != 0 || l.negative {
				t.Errorf("%d resolvers still run; below zero: %t", l.running, l.negative)
			}
		})
	}
}

func TestResolversOfAWaveRunSideBySide(t *testing.T) {
	t.Parallel()
	w, ex := setup(t)
	var group sync.WaitGroup
	group.Add(3)
	w.Before = func(context.Context, string) error {
		group.Done()
		group.Wait() // for the others
		return nil
	}
	a := answer(t, ex, `{ people { best { id } must { id } rank } }`, nil)
	if len(a.Errors) > 0 {
		t.Error(a.Errors)
	}
}

func TestFailuresDamageTheirOwnFieldsOnly(t *testing.T) {
	t.Parallel()
	const query = `{ people(first: 2) { id best { id } rank } }`
	const rest = `{"people":[{"id":"1","best":null,"rank":1},{"id":"2","best":null,"rank":null}]}`
	for _, c := range []struct {
		name   string
		before func(ctx context.Context, resolver string) error
		want   string
	}{
		{"an error", func(context.Context, string) error { return errors.New("no") }, "no"},
		{"a panic", func(context.Context, string) error { panic("oh") }, "recovered: oh"},
		{"a deadline", func(ctx context.Context, _ string) error {
			ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			<-ctx.Done()
			return ctx.Err()
		}, "context deadline exceeded"},
		{"a cancelled context", func(ctx context.Context, _ string) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx.Err()
		}, "context canceled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, ex := setup(t)
			w.Before = func(ctx context.Context, resolver string) error {
				if resolver == "best" {
					return c.before(ctx, resolver)
				}
				return nil
			}
			a := answer(t, ex, query, nil)
			if a.Data != rest {
				t.Error(a.Data)
			}
			want := []string{"people[0].best: " + c.want, "people[1].best: " + c.want}
			if got := told(a); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// A batch of single objects fails object by object.
func TestSingleObjectsFailAlone(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	a := answer(t, ex, `{ maybePeople { risky best { best { alone { inContextMust } } } } person(id: "6") { risky } }`, nil)
	want := []string{"maybePeople[2].best.best.alone.inContextMust: recovered: inContextMust panics for 4", "person.risky: recovered: risky panics"}
	if got := told(a); !slices.Equal(got, want) || a.Data != `{"maybePeople":[{"risky":null,"best":{"best":{"alone":{"inContextMust":"fine"}}}},null,{"risky":"went well","best":{"best":{"alone":null}}}],"person":{"risky":null}}` {
		t.Errorf("%s %q", a.Data, got)
	}
}

// An interceptor may give up on a resolver, which then goes on beside later executions.
func TestAbandonedResolvers(t *testing.T) {
	t.Parallel()
	w, ex := setup(t)
	release := make(chan struct{})
	w.Before = func(_ context.Context, resolver string) error {
		if resolver == "best" {
			<-release
		}
		return nil
	}
	var abandoned sync.WaitGroup
	ex.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		if graphql.GetFieldContext(ctx).Field.Name != "best" {
			return next(ctx)
		}
		abandoned.Go(func() {
			res, err := next(ctx)
			if fmt.Sprintf("%T", res) != "[]*model.Person" || err != nil {
				t.Errorf("%T, %v", res, err)
			}
		})
		return nil, errors.New("took too long")
	})
	for range 3 {
		a := answer(t, ex, `{ people(first: 2) { id best { id } } }`, nil)
		if want := []string{"people[0].best: took too long", "people[1].best: took too long"}; !slices.Equal(told(a), want) {
			t.Error(told(a))
		}
	}
	close(release)
	abandoned.Wait()
}
