package cost

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// maxVisits bounds the selections looked at while compiling, a fragment's at each place where its
// fields merge with others, once for each object type that may stand there.
const maxVisits = 20_000

var (
	// ErrTooLarge refuses an operation that takes too long to price. No executor should run it.
	ErrTooLarge = fmt.Errorf("operation is too large to price: with its fragments it has more than %d selections", maxVisits)
	errCycle    = errors.New("a fragment spreads itself")
)

// Compile prepares the price of one operation of a document, which must be valid. It depends on
// nothing else, so it is done once and kept with the document. It takes time and memory in proportion
// to the selections of the document, however its fragments are nested; ErrTooLarge is for documents
// that manage to be an exception.
func (t *Table) Compile(doc *ast.QueryDocument, op *ast.OperationDefinition) (*Price, error) {
	root := map[ast.Operation]*ast.Definition{
		ast.Query: t.schema.Query, ast.Mutation: t.schema.Mutation, ast.Subscription: t.schema.Subscription,
	}[op.Operation]
	if root == nil {
		return nil, fmt.Errorf("the schema has no %ss", op.Operation)
	}
	c := &compiler{
		price:     &Price{table: t, op: op, switches: switches{op: op}},
		fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)),
		numbers:   map[*ast.Field]int{},
		levels:    map[string]int{},
		constants: map[int64]int{},
	}
	for _, f := range doc.Fragments {
		c.fragments[f.Name] = f
	}
	o := t.objects[root.Name]
	level, err := c.level(o, []part{{set: op.SelectionSet}}, inherited{})
	if err != nil {
		return nil, err
	}
	c.price.root = alternative{object: o, level: level}
	return c.price, nil
}

// compiler turns an operation into a Price, levels below before those above.
type compiler struct {
	price     *Price
	fragments map[string]*ast.FragmentDefinition
	numbers   map[*ast.Field]int // of nodes, in the keys of levels
	levels    map[string]int     // by what they consist of; inProgress
	constants map[int64]int      // sizes
	visits    int
	buf       []byte
}

const inProgress = -1

// part is a selection set that merges with others at one place of the response.
type part struct {
	set  ast.SelectionSet
	when condition
}

// inherited is what a field says about lists in its type.
type inherited struct {
	from *field // nil: nothing
	size int
}

// group is a response key at one place: the fields of the document merged into it.
type group struct {
	key     string
	members []member
}

type member struct {
	node *ast.Field
	when condition
}

// level compiles the selection sets that merge at one place, for one object type. Levels that consist
// of the same fields of the document are one: so nested fragments do not multiply.
func (c *compiler) level(o *object, parts []part, above inherited) (int, error) {
	m := merger{compiler: c, object: o}
	for _, p := range parts {
		if err := m.collect(p.set, p.when); err != nil {
			return 0, err
		}
	}
	if len(m.groups) == 0 {
		return nothing, nil
	}
	c.key(o, m.groups, above)
	if at, known := c.levels[string(c.buf)]; known && at == inProgress {
		return 0, errCycle
	} else if known {
		return at, nil
	}
	key := string(c.buf)
	c.levels[key] = inProgress
	entries := make([]entry, 0, len(m.groups))
	for i := range m.groups {
		e, err := c.entry(o, &m.groups[i], above)
		if err != nil {
			return 0, err
		}
		if !e.isFree() {
			entries = append(entries, e)
		}
	}
	at := nothing
	if len(entries) > 0 {
		c.price.levels = append(c.price.levels, entries)
		at = len(c.price.levels) // level 0 is nothing
	}
	c.levels[key] = at
	return at, nil
}

// key writes what tells levels apart into buf.
func (c *compiler) key(o *object, groups []group, above inherited) {
	b := binary.AppendVarint(c.buf[:0], int64(o.id))
	if above.from != nil {
		b = binary.AppendVarint(b, int64(above.from.id)+1)
		b = binary.AppendVarint(b, int64(above.size))
	} else {
		b = append(b, 0)
	}
	for _, g := range groups {
		b = binary.AppendVarint(b, int64(len(g.members)))
		for _, m := range g.members {
			n, ok := c.numbers[m.node]
			if !ok {
				n = len(c.numbers)
				c.numbers[m.node] = n
			}
			b = binary.AppendVarint(b, int64(n))
			b = binary.AppendUvarint(b, m.when.on)
			b = binary.AppendUvarint(b, m.when.off)
		}
	}
	c.buf = b
}

// entry compiles a group.
func (c *compiler) entry(o *object, g *group, above inherited) (entry, error) {
	node := g.members[0].node
	f := o.fields[node.Name]
	if f == nil {
		return entry{}, fmt.Errorf("type %s has no field %s", o.name, node.Name)
	}
	e := entry{key: node.Alias, field: f, size: one, bound: one}
	for _, m := range g.members {
		e.when = anyOf(e.when, m.when)
	}
	if slices.Contains(e.when, condition{}) {
		e.when = nil
	}
	e.own, e.expenses = f.expenses(node.Arguments, c.price.op)
	if err := c.measure(&e, node, above); err != nil {
		return entry{}, err
	}
	if f.objects == nil {
		return e, nil
	}
	below := inherited{}
	if len(f.sized) > 0 {
		below = inherited{from: f, size: e.bound}
	}
	parts := make([]part, len(g.members))
	for i, m := range g.members {
		parts[i] = part{set: m.node.SelectionSet, when: m.when}
		if len(e.when) == 1 && e.when[0] == m.when {
			parts[i].when = condition{} // as the field itself
		}
	}
	for _, possible := range f.objects {
		level, err := c.level(possible, parts, below)
		if err != nil {
			return entry{}, err
		}
		if a := (alternative{object: possible, level: level}); !slices.ContainsFunc(e.types, a.isNoMoreThan) {
			e.types = append(e.types, a)
		}
	}
	return e, nil
}

// measure finds the size of a field's list.
func (c *compiler) measure(e *entry, node *ast.Field, above inherited) error {
	f := e.field
	if f.slicing != nil {
		e.bound = c.size(f.slicing.sizeOf(node.Arguments, c.price.op))
	}
	switch {
	case !f.list:
	case above.from != nil && above.from.sized[node.Name]:
		e.size = above.size
	case f.slicing != nil && len(f.sized) == 0:
		e.size = e.bound
	case f.objects == nil && f.leaf == 0: // leaves that cost nothing
	default:
		return fmt.Errorf("nothing bounds the list %s", f.coordinate)
	}
	return nil
}

// size keeps a size among those of the price, equal constants once.
func (c *compiler) size(s size) int {
	n, ok := s.of(nil)
	if len(s.open) == 0 && ok {
		if n == 1 {
			return one
		}
		if at, known := c.constants[n]; known {
			return at
		}
		c.constants[n] = len(c.price.sizes) + 1
	}
	if c.price.sizes = append(c.price.sizes, s); len(s.open) > 0 || !ok {
		c.price.open = append(c.price.open, len(c.price.sizes))
	}
	c.price.preset = append(c.price.preset, n)
	return len(c.price.sizes) // size 0 is one
}

// expenses is what the field itself costs for each object that has it: its weight and its arguments.
func (f *field) expenses(args ast.ArgumentList, op *ast.OperationDefinition) (Points, []expense) {
	own, open := f.weight, []expense(nil)
	for _, p := range f.args {
		var v *ast.Value
		if a := args.ForName(p.name); a != nil {
			v = a.Value
		}
		fixed, variables := p.literal(p.typ, v, op)
		own, open = add(own, fixed), append(open, variables...)
	}
	return own, open
}

// merger groups the selections of one place by response key (CollectFields).
type merger struct {
	*compiler
	object  *object
	groups  []group
	byKey   map[string]int // once there are many
	visited []visit
}

// visit is a fragment that was collected.
type visit struct {
	fragment *ast.FragmentDefinition
	when     condition
}

func (m *merger) collect(set ast.SelectionSet, when condition) error {
	for _, selection := range set {
		if m.visits++; m.visits > maxVisits {
			return ErrTooLarge
		}
		var err error
		switch s := selection.(type) {
		case *ast.Field:
			if c, never := m.price.switches.include(when, s.Directives); !never && s.Name != "__typename" {
				m.add(s, c)
			}
		case *ast.InlineFragment:
			if c, never := m.price.switches.include(when, s.Directives); !never && m.object.satisfies[s.TypeCondition] {
				err = m.collect(s.SelectionSet, c)
			}
		case *ast.FragmentSpread:
			if c, never := m.price.switches.include(when, s.Directives); !never {
				err = m.spread(s.Name, c)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// spread collects a fragment, unless it has been under conditions that hold whenever these do.
func (m *merger) spread(name string, when condition) error {
	def := m.fragments[name]
	if def == nil {
		return fmt.Errorf("unknown fragment %q", name)
	}
	if !m.object.satisfies[def.TypeCondition] {
		return nil
	}
	for _, v := range m.visited {
		if v.fragment == def && when.implies(v.when) {
			return nil
		}
	}
	m.visited = append(m.visited, visit{def, when})
	return m.collect(def.SelectionSet, when)
}

// add puts a field into its group. Fields with the same key and different arguments, which validation
// refuses, stay apart: their sum is more than either costs.
func (m *merger) add(node *ast.Field, when condition) {
	for key := node.Alias; ; key += "+" {
		at, known := m.find(key)
		if !known {
			if m.groups = append(m.groups, group{key: key, members: []member{{node, when}}}); m.byKey != nil {
				m.byKey[key] = len(m.groups) - 1
			}
			return
		}
		if g := &m.groups[at]; isSame(g.members[0].node, node) {
			g.members = append(g.members, member{node, when})
			return
		}
	}
}

// find looks up a response key: in a map, once there are many.
func (m *merger) find(key string) (at int, known bool) {
	if m.byKey == nil {
		for i := range m.groups {
			if m.groups[i].key == key {
				return i, true
			}
		}
		if len(m.groups) < 16 {
			return 0, false
		}
		m.byKey = make(map[string]int, 2*len(m.groups))
		for i := range m.groups {
			m.byKey[m.groups[i].key] = i
		}
	}
	at, known = m.byKey[key]
	return at, known
}

func isSame(a, b *ast.Field) bool {
	return a == b || a.Name == b.Name && slices.EqualFunc(a.Arguments, b.Arguments, func(a, b *ast.Argument) bool {
		return a.Name == b.Name && a.Value.String() == b.Value.String()
	})
}
