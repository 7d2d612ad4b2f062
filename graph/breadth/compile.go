package breadth

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// MaxPlanFields is the hard cap on the fields of a plan. A plan has one for each field of the
	// document, a fragment's fields counted at each of its uses, times the concrete types that the
	// field applies to.
	MaxPlanFields = 10_000
	// maxPlanVisits is the cap on the selections looked at while compiling: those that merge
	// into one field, or whose type condition does not hold, leave no field behind.
	maxPlanVisits = 20 * MaxPlanFields
)

// ErrTooLarge refuses an operation whose plan would exceed MaxPlanFields.
var ErrTooLarge = fmt.Errorf("operation is too large: with its fragments expanded it selects more than %d fields", MaxPlanFields)

// errDelegate sends an operation to gqlgen's own executor.
var errDelegate = errors.New("operation is left to gqlgen")

// compiler turns one operation into a plan.
type compiler struct {
	tables *Schema
	schema *ast.Schema
	doc    *ast.QueryDocument
	vars   map[string]any

	plan     *Plan
	visits   int
	constant []*FieldPlan // with arguments that are the same in every request
}

func compile(tables *Schema, schema *ast.Schema, doc *ast.QueryDocument, op *ast.OperationDefinition, vars map[string]any) (*Plan, error) {
	c := &compiler{tables: tables, schema: schema, doc: doc, vars: vars, plan: &Plan{kind: op.Operation, selected: selected{}}}
	for _, d := range op.Directives {
		if tables.isExecutable(d.Name) {
			return nil, errDelegate
		}
	}
	root := map[ast.Operation]*ast.Definition{
		ast.Query: schema.Query, ast.Mutation: schema.Mutation, ast.Subscription: schema.Subscription,
	}[op.Operation]
	if root == nil || tables.byName[root.Name] == nil {
		return nil, errDelegate
	}
	sels, err := c.level([]*Type{tables.byName[root.Name]}, []ast.SelectionSet{op.SelectionSet})
	if err != nil {
		return nil, err
	}
	c.plan.root = sels[0]
	for _, f := range c.constant { // only now: a plan may turn out to be too large
		f.coerceConstants()
	}
	return c.plan, nil
}

// level compiles the selection sets that merge at one place of the response, for every concrete
// type that may stand there. Fields that several of these types share, response key and nodes
// alike, lead to the same selections below: so an object type is resolved once at each place, and
// nested abstract types do not multiply the plan.
func (c *compiler) level(types []*Type, sets []ast.SelectionSet) ([]*Selection, error) {
	sels := make([]*Selection, len(types))
	p := places{byNode: map[*ast.Field][]*place{}}
	for i, t := range types {
		sel, err := c.selection(t, sets)
		if err != nil {
			return nil, err
		}
		sels[i] = sel
		for _, f := range sel.deep {
			if types := c.tables.possible[f.gql.Name()]; len(types) > 0 {
				p.add(f, types)
			}
		}
	}
	for _, p := range p.inOrder {
		below := make([]ast.SelectionSet, len(p.fields[0].nodes))
		for i, n := range p.fields[0].nodes {
			below[i] = n.SelectionSet
		}
		subs, err := c.level(p.types, below)
		if err != nil {
			return nil, err
		}
		joins, waits := len(p.fields) > 1, false
		for _, s := range subs {
			c.plan.parents[s.id] = int32(len(p.fields))
			joins, waits = joins || s.joins, waits || s.waits
		}
		for _, f := range p.fields {
			f.subs, f.joins, f.waits = subs, joins, waits
			f.ahead = lookAhead(subs)
			if c.tables.leads != nil && f.def.Wave && c.plan.kind == ast.Query {
				f.leads = f.led(c.tables.leads)
			}
		}
	}
	for _, s := range sels {
		for _, f := range s.deep {
			s.joins = s.joins || f.joins
			s.waits = s.waits || f.waits || f.def.Wave
		}
	}
	return sels, nil
}

// place is where fields of several concrete types meet in the response.
type place struct {
	fields []*FieldPlan
	types  []*Type // that may stand there
}

type places struct {
	inOrder []*place
	byNode  map[*ast.Field][]*place // by the first node
}

func (all *places) add(f *FieldPlan, types []*Type) {
	for _, p := range all.byNode[f.nodes[0]] {
		if slices.Equal(p.fields[0].nodes, f.nodes) {
			p.fields = append(p.fields, f)
			for _, t := range types {
				if !slices.Contains(p.types, t) {
					p.types = append(slices.Clip(p.types), t)
				}
			}
			return
		}
	}
	p := &place{fields: []*FieldPlan{f}, types: types}
	all.inOrder = append(all.inOrder, p)
	all.byNode[f.nodes[0]] = append(all.byNode[f.nodes[0]], p)
}

// selection compiles the selection sets for one concrete type.
func (c *compiler) selection(t *Type, sets []ast.SelectionSet) (*Selection, error) {
	sel := &Selection{id: len(c.plan.parents), typ: t}
	if c.plan.selected[t] == nil {
		c.plan.selected[t] = map[string]struct{}{} // also if nothing is selected of it
	}
	c.plan.parents = append(c.plan.parents, 1)
	c.plan.selections = append(c.plan.selections, sel)
	g := groupedFieldSet{level: sel.id, byKey: map[string]*FieldPlan{}}
	for _, set := range sets {
		if err := c.collectFields(t, set, &g); err != nil {
			return nil, err
		}
	}
	for _, f := range g.fields {
		c.plan.selected[t][f.nodes[0].Name] = struct{}{}
		if f.nodes[0].Name == "__typename" {
			continue
		}
		sel.nodes = append(sel.nodes, f.nodes[0])
		if err := c.field(f); err != nil {
			return nil, err
		}
		if f.slot >= 0 {
			sel.deep = append(sel.deep, f)
		}
	}
	sel.assemble(g.fields)
	return sel, nil
}

// groupedFieldSet holds fields by response key, in the order of their first appearance.
type groupedFieldSet struct {
	level   int
	fields  []*FieldPlan
	byKey   map[string]*FieldPlan
	visited map[string]bool // fragments
}

// collectFields is CollectFields of the specification.
func (c *compiler) collectFields(t *Type, set ast.SelectionSet, g *groupedFieldSet) error {
	for _, selection := range set {
		if c.visits++; c.visits > maxPlanVisits {
			return ErrTooLarge
		}
		switch s := selection.(type) {
		case *ast.Field:
			if ok, err := c.includes(s.Directives); err != nil {
				return err
			} else if !ok {
				continue
			}
			f := g.byKey[s.Alias]
			if f == nil {
				if c.plan.size++; c.plan.size > MaxPlanFields {
					return ErrTooLarge
				}
				f = &FieldPlan{typ: t, key: s.Alias, slot: -1, level: g.level}
				g.byKey[s.Alias] = f
				g.fields = append(g.fields, f)
			}
			f.nodes = append(f.nodes, s)
		case *ast.InlineFragment:
			if err := c.fragment(t, s.TypeCondition, s.Directives, s.SelectionSet, g); err != nil {
				return err
			}
		case *ast.FragmentSpread:
			if g.visited[s.Name] {
				continue
			}
			ok, err := c.includes(s.Directives)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if g.visited == nil {
				g.visited = map[string]bool{}
			}
			g.visited[s.Name] = true
			d := c.doc.Fragments.ForName(s.Name)
			if d == nil {
				return fmt.Errorf("unknown fragment %q", s.Name)
			}
			if t.satisfies[d.TypeCondition] {
				if err := c.collectFields(t, d.SelectionSet, g); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (c *compiler) fragment(t *Type, condition string, directives ast.DirectiveList, set ast.SelectionSet, g *groupedFieldSet) error {
	ok, err := c.includes(directives)
	if err != nil || !ok || !t.satisfies[condition] {
		return err
	}
	return c.collectFields(t, set, g)
}

// includes evaluates @skip and @include.
func (c *compiler) includes(directives ast.DirectiveList) (bool, error) {
	included := true
	for _, d := range directives {
		switch d.Name {
		case "skip", "include":
			on, err := c.condition(d)
			if err != nil {
				return false, err
			}
			included = included && on == (d.Name == "include")
		case "defer", "stream":
			return false, errDelegate
		default:
			if c.tables.isExecutable(d.Name) {
				return false, errDelegate
			}
		}
	}
	return included, nil
}

func (c *compiler) condition(d *ast.Directive) (bool, error) {
	if arg := d.Arguments.ForName("if"); arg != nil {
		if v, err := arg.Value.Value(c.vars); err == nil {
			if on, ok := v.(bool); ok {
				return on, nil
			}
		}
	}
	return false, fmt.Errorf("argument \"if\" of @%s must be a Boolean", d.Name)
}

// field completes an entry of a grouped field set.
func (c *compiler) field(f *FieldPlan) error {
	first := f.nodes[0]
	f.def = f.typ.byName[first.Name]
	def := f.typ.def.Fields.ForName(first.Name)
	if f.def == nil || def == nil {
		return errDelegate
	}
	f.gql, f.childContext = def.Type, f.child
	f.coordinate = f.typ.Name + "." + first.Name
	for t := def.Type; t != nil; t = t.Elem {
		f.nonNull = append(f.nonNull, t.NonNull)
	}
	if f.def.Num == 0 {
		f.slot = c.plan.slots
		c.plan.slots++
	}
	if f.def.Args == nil {
		f.fixed = true
		return nil
	}
	f.typed = first
	if first.Definition != def {
		typed := *first
		typed.Definition, typed.ObjectDefinition = def, f.typ.def
		f.typed = &typed
	}
	if f.def.ConstantArgs && !f.variesWhole() {
		c.constant = append(c.constant, f)
	}
	return nil
}

// assemble folds constants into the keys and joins neighbouring plain leaves to runs.
func (s *Selection) assemble(fields []*FieldPlan) {
	lit := []byte{'{'}
	for _, f := range fields {
		lit = append(append(append(lit, '"'), f.key...), '"', ':')
		if f.def == nil { // __typename
			lit = append(append(append(lit, '"'), s.typ.Name...), '"', ',')
			continue
		}
		key := lit
		lit = []byte{','}
		if f.slot >= 0 {
			s.steps = append(s.steps, step{key: key, field: f})
			continue
		}
		if n := len(s.steps); n == 0 || s.steps[n-1].field != nil {
			s.steps = append(s.steps, step{})
		}
		last := &s.steps[len(s.steps)-1]
		last.run = append(last.run, Leaf{Key: key, Num: f.def.Num, field: f})
	}
	switch {
	case len(lit) > 1: // ends in a constant
		s.close = lit[:len(lit)-1]
	case lit[0] == '{': // nothing is selected
		s.close = lit
	}
	s.close = append(s.close, '}')
	s.plain = len(s.steps) == 1 && s.steps[0].field == nil
}
