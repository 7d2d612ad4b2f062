package breadth

import (
	"context"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Dispatcher is what a wave needs of the loaders. They count the resolvers that are running, and
// dispatch when each of them has returned or waits in a loader.
type Dispatcher interface {
	Enter(n int) // n resolvers start
	Leave()      // one of them has returned
}

type noDispatcher struct{}

func (noDispatcher) Enter(int) {}
func (noDispatcher) Leave()    {}

// run is one execution of a plan. Its arrays are used again by later ones. Calls are not: an
// interceptor that gives up waiting for a resolver leaves it with its call.
type run struct {
	*execution

	plan    *Plan
	columns []Column          // by FieldPlan.slot
	calls   []Call            // by FieldPlan.slot
	levels  []Objects         // by Selection.id
	above   []context.Context // by Selection.id: that of the field above
	pending []int32           // by Selection.id: fields above that have not completed

	next, wave []*FieldPlan
	group      sync.WaitGroup
	turns      turns
	yielder    Yielder // nil: the dispatcher is none
	failed     bool    // some column has errors

	found *finding // subtrees; nil: none are kept
}

// begin prepares the run for an execution.
func (r *run) begin(ctx context.Context, e *executable, oc *graphql.OperationContext, p *Plan, d Dispatcher) {
	r.execution, r.plan = &execution{ctx: ctx, oc: oc, dispatcher: d, lead: e.lead}, p
	r.yielder, _ = d.(Yielder)
	r.columns = grow(r.columns, p.slots)
	r.calls = make([]Call, p.slots)
	r.levels = grow(r.levels, len(p.parents))
	r.above = grow(r.above, len(p.parents))
	r.pending = append(r.pending[:0], p.parents...)
}

// end drops everything that a request left in the run.
func (r *run) end() {
	clear(r.columns)
	clear(r.levels)
	clear(r.above)
	clear(r.next[:cap(r.next)])
	clear(r.wave[:cap(r.wave)])
	*r = run{
		columns: r.columns[:0], levels: r.levels[:0], above: r.above[:0],
		pending: r.pending, next: r.next[:0], wave: r.wave[:0],
	}
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// open starts a level: what its rows hold is read at once, resolvers join the next wave.
func (r *run) open(sel *Selection) {
	for _, f := range sel.deep {
		if f.subtree > 0 && r.found.found(f) != "" {
			continue
		}
		if f.def.Wave {
			r.next = append(r.next, f)
			continue
		}
		r.resolve(f)
		r.complete(f)
	}
}

// waves runs resolvers until none is left (ExecuteCollectedFields, a level of the response at a
// time).
func (r *run) waves() {
	if r.yielder != nil {
		r.yielder.OnWait(r.yield)
		defer r.yielder.OnWait(nil)
	}
	defer r.group.Wait() // also when a resolver ends this goroutine: nothing may outlive the run
	for len(r.next) > 0 {
		r.beginWave()
		r.dispatcher.Enter(len(r.wave))
		r.resolveWave()
		r.group.Wait()
		for _, f := range r.wave {
			r.complete(f)
		}
	}
}

// resolveWave resolves the fields of a wave: those that take turns on this goroutine, if there are any.
func (r *run) resolveWave() {
	last := len(r.wave) - 1
	if last == 0 {
		r.resolve(r.wave[0])
		return
	}
	takesTurns := r.yielder != nil && slices.ContainsFunc(r.wave, func(f *FieldPlan) bool { return f.def.inTurn })
	for i, f := range r.wave {
		if takesTurns && f.def.inTurn || !takesTurns && i == last {
			continue
		}
		r.group.Go(func() { r.resolve(f) })
	}
	if takesTurns {
		r.beginTurns()
		r.takeTurns()
		return
	}
	r.resolve(r.wave[last])
}

// resolve calls one field for all objects of its level (ExecuteField).
func (r *run) resolve(f *FieldPlan) {
	level := &r.levels[f.level]
	c := &r.calls[f.slot]
	*c = Call{
		Objs: level.Objs, N: level.N,
		in: r.execution, plan: f, ctx: r.above[f.level], inWave: f.def.Wave,
	}
	column := &r.columns[f.slot]
	column.Err = errExited
	defer c.leave()
	defer func() {
		if p := recover(); p != nil {
			*column = Column{Err: r.recovered(c.context(), p)}
		}
	}()
	if f.def.Wave && f.typ.Root {
		*column = c.resolveRootField()
	} else {
		*column = c.resolveField()
	}
	column.required = c.field != nil && c.field.NonNull
}

// complete opens the levels below a column.
func (r *run) complete(f *FieldPlan) {
	c := &r.columns[f.slot]
	r.failed = r.failed || c.hasErrors()
	for i := range c.kids {
		k := &c.kids[i]
		if k.N == 0 {
			continue
		}
		if k.sel = f.sub(k.Type); k.sel == nil {
			continue
		}
		if k.sel.plain && c.mayRepeat() && k.sel.typ.Alike != nil {
			var distinct int
			k.alike, distinct = k.sel.typ.Alike(k.Objs)
			k.copies, c.repeats = make([]segment, distinct), k.alike != nil
		}
		level := &r.levels[k.sel.id]
		if level.N == 0 {
			*level = *k
			r.above[k.sel.id] = r.calls[f.slot].ctx
			continue
		}
		k.base = int32(level.N)
		level.Objs = k.sel.typ.Concat(level.Objs, k.Objs)
		level.N += k.N
	}
	for _, sub := range f.subs {
		r.arrive(sub)
	}
}

// arrive counts the fields above a level that have completed, and opens it after the last one.
func (r *run) arrive(sel *Selection) {
	if r.pending[sel.id]--; r.pending[sel.id] > 0 {
		return
	}
	if r.levels[sel.id].N > 0 {
		r.open(sel)
		return
	}
	if sel.joins { // no objects here: levels below must not wait for them
		for _, f := range sel.deep {
			if f.joins {
				for _, sub := range f.subs {
					r.arrive(sub)
				}
			}
		}
	}
}

// execute is ExecuteRootSelectionSet. The root fields of a mutation run one after the other, each
// with everything below it.
func (r *run) execute() {
	root := r.plan.root
	r.levels[root.id].N = 1
	r.above[root.id] = graphql.WithFieldContext(r.ctx, &graphql.FieldContext{Object: root.typ.Name})
	if r.plan.kind != ast.Mutation {
		r.open(root)
		r.waves()
		return
	}
	for _, f := range root.deep {
		r.next = append(r.next, f)
		r.waves()
	}
}
