package breadth_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/99designs/gqlgen/graphql/executor"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

// yielder is a loader that tells before a resolver waits.
type yielder struct {
	loader
	yield func()
}

func (l *yielder) OnWait(f func()) {
	l.mu.Lock()
	l.yield = f
	l.mu.Unlock()
}

func (l *yielder) load() {
	l.mu.Lock()
	if l.yield != nil {
		l.yield()
	}
	l.mu.Unlock()
	l.loader.load()
}

// inTurn is an executor whose resolvers take turns, but for one field.
func inTurn(w *breadthtest.World, l *yielder, but string) *executor.Executor {
	es := w.Schema()
	return breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es),
		func(context.Context) breadth.Dispatcher { return l },
		breadth.InTurn(func(coordinate string) bool { return coordinate != but })))
}

// TestTurnsEndWhereAResolverWaits: then the others run all the same, and all are dispatched together.
func TestTurnsEndWhereAResolverWaits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query, but string
		want             []int
	}{
		{"one resolver", `{ people { best { id } } }`, "", []int{1}},
		{"side by side", `{ people { best { id } must { id } rank name } }`, "", []int{3}},
		{"one has a goroutine of its own", `{ people { best { id } must { id } rank name } }`, "Person.must", []int{3}},
		{"waves", `{ people { best { must { id } rank } must { rank } } }`, "", []int{2, 3}},
		{"a panic beside", `{ people { best { id } rivals(fail: PANIC) { id } rank } }`, "", []int{2}},
		{"one object at a time", `{ people(first: 5) { alone { id } best { id } } }`, "", []int{6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, w := &yielder{}, breadthtest.NewWorld(20)
			w.Before = func(context.Context, string) error { l.load(); return nil }
			answer(t, inTurn(w, l, c.but), c.query, nil)
			if !slices.Equal(l.dispatched, c.want) {
				t.Errorf("dispatched %v, want %v", l.dispatched, c.want)
			}
			if l.running != 0 || l.negative || l.yield != nil {
				t.Errorf("%d resolvers still run; below zero: %t", l.running, l.negative)
			}
		})
	}
}

// TestTurns: resolvers that do not wait run one after the other, those that are no business of the loaders
// beside them.
func TestTurns(t *testing.T) {
	t.Parallel()
	w := breadthtest.NewWorld(20)
	var running, most, calls atomic.Int32
	var beside sync.WaitGroup
	beside.Add(2)
	w.Before = func(_ context.Context, resolver string) error {
		if resolver == "must" || calls.Load() == 0 {
			beside.Done()
			beside.Wait() // for the other
		}
		calls.Add(1)
		if resolver == "must" {
			return nil
		}
		most.Store(max(most.Load(), running.Add(1)))
		runtime.Gosched()
		running.Add(-1)
		return nil
	}
	a := answer(t, inTurn(w, &yielder{}, "Person.must"), `{ people { best { id } must { id } rank } }`, nil)
	if len(a.Errors) > 0 || calls.Load() != 3 || most.Load() != 1 {
		t.Errorf("%d resolvers ran, %d at a time; %v", calls.Load(), most.Load(), a.Errors)
	}
}

// TestAResolverThatEndsItsGoroutine leaves the others of its wave their turns.
func TestAResolverThatEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	l, w := &yielder{}, breadthtest.NewWorld(20)
	var calls atomic.Int32
	w.Before = func(_ context.Context, resolver string) error {
		calls.Add(1)
		if resolver == "best" {
			runtime.Goexit()
		}
		l.load()
		return nil
	}
	ex := inTurn(w, l, "")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		answer(t, ex, `{ people { best { id } must { id } rank } }`, nil)
	}()
	<-ended
	if calls.Load() != 3 || !slices.Equal(l.dispatched, []int{2}) {
		t.Errorf("%d resolvers ran, dispatched %v", calls.Load(), l.dispatched)
	}
}
