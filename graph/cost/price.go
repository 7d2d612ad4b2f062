package cost

import (
	"fmt"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// Price is what an operation may cost, compiled: what is left open are the values of its variables.
// It is immutable and safe for use by several goroutines.
type Price struct {
	table    *Table
	op       *ast.OperationDefinition
	switches switches

	root   alternative
	levels [][]entry // from number 1; those below come first
	sizes  []size    // from number 1
	preset []int64   // the sizes, where no variable is given
	open   []int     // numbers of the sizes that variables decide, or that are not as required
}

const (
	nothing = 0 // the level that costs nothing
	one     = 0 // the size of what is no list
)

// entry is one field at one place of the response, for one object type.
type entry struct {
	key      string
	field    *field
	when     []condition // one of them must hold; nil: always
	own      Points      // weight and arguments
	expenses []expense   // arguments that variables decide
	size     int
	bound    int           // the size that its slicing arguments give, its own or that of lists below
	types    []alternative // what it may return; nil: leaves
}

// alternative is an object type that may stand at a place, and what is selected on it.
type alternative struct {
	object *object
	level  int
}

func (a alternative) isNoMoreThan(b alternative) bool {
	return a.level == b.level && a.object.weight <= b.object.weight
}

func (a alternative) cost(levels []Points) Points { return add(a.object.weight, levels[a.level]) }

// isFree reports whether an entry costs nothing whatever the variables are.
func (e *entry) isFree() bool {
	if e.own > 0 || e.expenses != nil || e.field.leaf > 0 || e.field.slicing != nil && e.field.slicing.require {
		return false
	}
	for _, a := range e.types {
		if a.object.weight > 0 || a.level != nothing {
			return false
		}
	}
	return true
}

// Estimate is a bound on what an operation costs with certain variables.
type Estimate struct {
	// Total is what the operation costs at most.
	Total Points
	// Err is a *SlicingError if a list is not bounded as its field requires. The operation should
	// be refused; Total takes the bounds that there are.
	Err error

	price *Price
	vars  map[string]any
}

// SlicingError says that none, or several, of the slicing arguments of a field are given that
// requires exactly one of them (requireOneSlicingArgument).
type SlicingError struct {
	Path      string // response keys, such as `artists.nodes.albums`; the end of a very long one
	Arguments string // `first, last`
}

func (e *SlicingError) Error() string {
	return fmt.Sprintf("%s needs exactly one of its arguments %s", e.Path, e.Arguments)
}

// Estimate prices the operation with the coerced variables of a request. It takes microseconds, and
// no memory unless there is an error. The variables must not change while the Estimate is in use.
func (p *Price) Estimate(vars map[string]any) Estimate {
	r := p.table.runs.Get().(*run)
	total := r.evaluate(p, vars)
	var err error
	if r.unrequired {
		err = p.violation(r)
	}
	r.release()
	return Estimate{Total: total, Err: err, price: p, vars: vars}
}

// run is one evaluation of a Price.
type run struct {
	vars            map[string]any
	isTrue, isFalse uint64
	sizes           []int64  // by number
	levels          []Points // by number
	pool            *sync.Pool
	unrequired      bool // some size is not as required, perhaps of a field that is not included
}

func (r *run) release() {
	if p := r.pool; p != nil {
		r.vars, r.pool = nil, nil
		p.Put(r)
	}
}

func (r *run) evaluate(p *Price, vars map[string]any) Points {
	r.vars, r.pool, r.unrequired = vars, &p.table.runs, false
	r.isTrue, r.isFalse = p.switches.read(vars)
	r.sizes = append(append(r.sizes[:0], 1), p.preset...)
	for _, at := range p.open {
		n, ok := p.sizes[at-1].of(vars)
		r.sizes[at] = n
		r.unrequired = r.unrequired || !ok
	}
	r.levels = append(r.levels[:0], 0)
	for _, entries := range p.levels {
		sum := Points(0)
		for i := range entries {
			if e := &entries[i]; r.includes(e) {
				sum = add(sum, r.cost(e))
			}
		}
		r.levels = append(r.levels, sum)
	}
	return p.root.cost(r.levels)
}

func (r *run) includes(e *entry) bool {
	if e.when == nil {
		return true
	}
	for _, c := range e.when {
		if c.holds(r.isTrue, r.isFalse) {
			return true
		}
	}
	return false
}

// cost is the formula.
func (r *run) cost(e *entry) Points {
	own := e.own
	for i := range e.expenses {
		own = add(own, e.expenses[i].cost(r.vars))
	}
	each := e.field.leaf
	for _, a := range e.types {
		each = max(each, a.cost(r.levels))
	}
	return add(max(own, 0), times(r.sizes[e.size], each))
}
