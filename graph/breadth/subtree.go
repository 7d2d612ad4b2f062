package breadth

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Subtree is the value of a root field of a query, with everything below it.
type Subtree struct {
	// Field is the coordinate, "Query.album".
	Field string
	// Key tells it from other subtrees of the field: what is selected below, under which response keys,
	// and all arguments and their values. The response key of the field itself is no part of it.
	Key string
	// JSON is its value, and Counts what a Meter is told of it, if it was found.
	JSON, Counts string
	// Written and WrittenCounts are the same of one that was not found, for Making.End. They must be
	// copied.
	Written, WrittenCounts []byte
}

// Subtrees keeps subtrees from one execution for others.
type Subtrees interface {
	// Keeps says whether the resolver of a field reads nothing but what Making hears of, for nobody in
	// particular. It is asked when a plan is made, of every field of a subtree that has a resolver. Fields
	// with run-time directives are never kept.
	Keeps(coordinate string) bool
	// Find looks for all subtrees of an execution at once and sets JSON and Counts of those that it finds.
	// Making is told what became of the others; it may be nil. ctx is that of the response.
	Find(ctx context.Context, all []Subtree) Making
}

// Making hears of an execution that did not find all of its subtrees.
type Making interface {
	// End is called once, when nothing of the execution is running any more. Subtrees with Written may be
	// kept; without (there was an error, or it was not found out) nobody must wait for it any more.
	End(all []Subtree)
}

// KeepSubtrees lets queries take root fields from s instead of executing them. salt stands for all that
// the answers depend on beside the document and the data: the schema. Field interceptors see nothing of
// what is found.
func KeepSubtrees(s Subtrees, salt string) Option {
	return func(e *executable) { e.subtrees, e.plans.subtrees = s, func(p *Plan) { p.findSubtrees(s, salt) } }
}

// subtreePlan is a root field that may be kept.
type subtreePlan struct {
	field      *FieldPlan
	hash       string       // of what is selected
	variables  []string     // in the order in which the hash counts them
	selections []*Selection // in the order of the counts
}

// findSubtrees finds the root fields that may be kept.
func (p *Plan) findSubtrees(s Subtrees, salt string) {
	if p.kind != ast.Query || slices.ContainsFunc(p.root.steps, func(s step) bool { return s.field == nil }) {
		return
	}
	for _, f := range p.root.deep {
		c := subtreeCompiler{keeps: s.Keeps, text: []byte(salt), seen: map[*Selection]int{}}
		c.string("")
		if !c.field(f) {
			continue
		}
		sum := sha256.Sum256(c.text)
		p.subtrees = append(p.subtrees, subtreePlan{f, string(sum[:16]), c.variables, c.selections})
		f.subtree = len(p.subtrees)
	}
	p.isAllSubtrees = len(p.subtrees) == len(p.root.steps)
}

// subtreeCompiler writes down what a subtree's bytes depend on, once for each selection.
type subtreeCompiler struct {
	keeps      func(coordinate string) bool
	text       []byte
	variables  []string
	selections []*Selection
	seen       map[*Selection]int
}

func (c *subtreeCompiler) number(n int) { c.text = binary.AppendUvarint(c.text, uint64(n)) }

func (c *subtreeCompiler) string(s string) {
	c.number(len(s))
	c.text = append(c.text, s...)
}

// field writes a field that has a Column. It says whether it may be kept.
func (c *subtreeCompiler) field(f *FieldPlan) bool {
	if f.def.Around != nil || strings.HasPrefix(f.def.Name, "__") || (f.def.Wave || f.def.IsResolver) && !c.keeps(f.coordinate) {
		return false
	}
	c.string(f.coordinate)
	if f.def.Args != nil {
		c.number(len(f.typed.Arguments))
		for _, a := range f.typed.Arguments {
			c.string(a.Name)
			c.value(a.Value)
		}
	}
	c.number(len(f.subs))
	for _, sub := range f.subs {
		if !c.selection(sub) {
			return false
		}
	}
	return true
}

func (c *subtreeCompiler) selection(s *Selection) bool {
	n, isKnown := c.seen[s]
	if !isKnown {
		n = len(c.selections)
		c.seen[s] = n
		c.selections = append(c.selections, s)
	}
	c.number(n)
	if isKnown {
		return true
	}
	if s.typ.Root {
		return false
	}
	c.string(s.typ.Name)
	c.number(len(s.steps))
	for i := range s.steps {
		step := &s.steps[i]
		c.string(string(step.key)) // with what is constant in front of it
		c.number(len(step.run))
		for _, leaf := range step.run {
			if leaf.field.def.Around != nil {
				return false
			}
			c.string(string(leaf.Key))
			c.string(leaf.field.def.Name)
		}
		if step.field != nil && !c.field(step.field) {
			return false
		}
	}
	c.string(string(s.close))
	return true
}

// value writes a literal, with numbers for variables.
func (c *subtreeCompiler) value(v *ast.Value) {
	c.number(int(v.Kind))
	if v.Kind == ast.Variable {
		at := slices.Index(c.variables, v.Raw)
		if at < 0 {
			at = len(c.variables)
			c.variables = append(c.variables, v.Raw)
		}
		c.number(at)
		return
	}
	c.string(v.Raw)
	c.number(len(v.Children))
	for _, child := range v.Children {
		c.string(child.Name)
		c.value(child.Value)
	}
}

// key is the subtree's for the coerced variables of a request; false if one of them cannot be written.
func (p *subtreePlan) key(vars map[string]any) (string, bool) {
	if len(p.variables) == 0 {
		return p.hash, true
	}
	var room [128]byte
	b := append(room[:0], p.hash...)
	for _, name := range p.variables {
		v, given := vars[name]
		if !given {
			b = append(b, '-') // the default of an argument may be another than null
			continue
		}
		var ok bool
		if b, ok = appendVariable(b, v); !ok {
			return "", false
		}
	}
	return string(b), true
}

// finding are the subtrees of one execution.
type finding struct {
	all    []Subtree  // in the order of Plan.subtrees
	one    [1]Subtree // is all where there is only one
	making Making
	places [][2]int // of those that were written, in the answer
	missed int
}

// find looks for what is kept; nil if nothing may be.
func (e *executable) find(ctx context.Context, plan *Plan, vars map[string]any) *finding {
	f := &finding{}
	if f.all = f.one[:]; len(plan.subtrees) > 1 {
		f.all = make([]Subtree, len(plan.subtrees))
	}
	for i := range f.all {
		p := &plan.subtrees[i]
		key, ok := p.key(vars)
		if !ok {
			return nil
		}
		f.all[i].Field, f.all[i].Key = p.field.coordinate, key
	}
	f.making = e.subtrees.Find(ctx, f.all)
	for i := range f.all {
		if f.all[i].JSON == "" {
			f.missed++
		}
	}
	if f.making == nil && f.missed == len(f.all) {
		return nil
	}
	return f
}

// end tells what became of what was not found. b is the answer, nil if it is of no use.
func (f *finding) end(r *run, b []byte) {
	if f == nil || f.making == nil {
		return
	}
	for i := range f.places {
		if at := f.places[i]; b != nil && at[1] > at[0] {
			s := &f.all[i]
			s.Written = b[at[0]:at[1]]
			for _, sel := range r.plan.subtrees[i].selections {
				s.WrittenCounts = binary.AppendUvarint(s.WrittenCounts, uint64(r.levels[sel.id].N))
			}
		}
	}
	f.making.End(f.all)
	f.making = nil
}

// found is the JSON of a root field that need not be executed, "" if it must be.
func (f *finding) found(field *FieldPlan) string {
	if f == nil || field.subtree == 0 {
		return ""
	}
	return f.all[field.subtree-1].JSON
}

// measure tells a meter of what was found.
func (f *finding) measure(plan *Plan, m Meter) {
	for i := range f.all {
		counts := f.all[i].Counts
		if f.all[i].JSON == "" {
			continue
		}
		for _, sel := range plan.subtrees[i].selections {
			n, rest, ok := cutUvarint(counts)
			if !ok {
				break
			}
			counts = rest
			if n > 0 {
				m.Level(sel.typ.Name, sel.nodes, n)
			}
		}
	}
}

func cutUvarint(s string) (n int, rest string, ok bool) {
	for i := range min(len(s), 5) {
		n |= int(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return n, s[i+1:], true
		}
	}
	return 0, "", false
}

// root is object for the root, of which subtrees may have been found, and others are noted for the next
// execution.
func (w *writer) root(b []byte) []byte {
	root, found := w.run.plan.root, w.run.found
	if found == nil {
		b, _ = w.object(b, root, 0)
		return b
	}
	found.places = make([][2]int, len(found.all))
	start, valid := len(b), true
	for i := range root.steps {
		s := &root.steps[i]
		f := s.field
		b = append(b, s.key...)
		if text := found.found(f); text != "" {
			b = append(b, text...)
			continue
		}
		at := len(b)
		w.enter(f)
		var ok bool
		b, ok = w.completeValue(b, f, 0)
		w.leave()
		if !ok && (f.nonNull[0] || w.run.columns[f.slot].required) {
			valid = false
		}
		if f.subtree > 0 {
			found.places[f.subtree-1] = [2]int{at, len(b)}
		}
	}
	if !valid {
		return append(b[:start], "null"...)
	}
	return append(b, root.close...)
}

// splice writes an answer all of which was found.
func (f *finding) splice(b []byte, plan *Plan) []byte {
	for i := range plan.root.steps {
		s := &plan.root.steps[i]
		b = append(b, s.key...)
		b = append(b, f.all[s.field.subtree-1].JSON...)
	}
	return append(b, plan.root.close...)
}
