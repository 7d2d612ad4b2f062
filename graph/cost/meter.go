package cost

import "github.com/vektah/gqlparser/v2/ast"

// Meter counts what an execution really did, with the same weights as the estimate. The executor
// feeds it level by level; it is not safe for use by several goroutines.
type Meter struct {
	price *Price
	vars  map[string]any
	total Points
	told  bool
}

// Meter starts a count for an execution with the coerced variables.
func (p *Price) Meter(vars map[string]any) *Meter {
	return &Meter{price: p, vars: vars}
}

// Objects counts n objects of a type that stand at one place of the response, nulls apart. Root
// objects count, too.
func (m *Meter) Objects(typ string, n int) { m.objects(m.price.table.objects[typ], n) }

func (m *Meter) objects(o *object, n int) {
	m.told = true
	if o != nil {
		m.total = add(m.total, times(int64(n), o.weight))
	}
}

// Field counts a field that n objects of a type have: the first of the nodes that merged into it.
// A leaf's own weight counts once; the leaves of a list are not told to the
// meter, and do not count.
func (m *Meter) Field(typ string, node *ast.Field, n int) {
	m.field(m.price.table.objects[typ], node, n)
}

func (m *Meter) field(o *object, node *ast.Field, n int) {
	if o == nil {
		return
	}
	f := o.fields[node.Name]
	if f == nil {
		return
	}
	own := f.weight
	if len(f.args) > 0 {
		var open []expense
		own, open = f.expenses(node.Arguments, m.price.op)
		for i := range open {
			own = add(own, open[i].cost(m.vars))
		}
	}
	each := max(own, 0)
	if !f.list {
		each = add(each, f.leaf)
	}
	m.total = add(m.total, times(int64(n), each))
}

// Level counts n objects of a type that stand at one place of the response, and the fields that each
// of them has.
func (m *Meter) Level(typ string, fields []*ast.Field, n int) {
	o := m.price.table.objects[typ]
	m.objects(o, n)
	for _, f := range fields {
		m.field(o, f, n)
	}
}

// IsTold reports whether anything was counted: root objects are, whatever else there is.
func (m *Meter) IsTold() bool { return m.told }

// Total is what was counted so far.
func (m *Meter) Total() Points { return m.total }
