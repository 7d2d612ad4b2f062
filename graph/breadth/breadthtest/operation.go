package breadthtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// Generator makes random valid operations over a schema: every type and field, aliases, named and
// inline fragments, @skip and @include, variables, defaults, nulls, coercions.
type Generator struct {
	Schema *ast.Schema
	// Depth and Fields bound an operation; 0: 5 and 40.
	Depth, Fields int
	// Value gives a value of an input type, if the schema knows better than the generator: ids that
	// exist, custom scalars. coordinate is that of the argument or input field, such as
	// `Query.person(id:)`.
	Value func(r *rand.Rand, coordinate string, def *ast.Definition) (value any, ok bool)
	// Avoid tells fields, by their coordinate `Type.field`, that must not be selected.
	Avoid func(coordinate string) bool
}

// Operation makes an operation of a kind. The seed decides about everything.
func (g *Generator) Operation(r *rand.Rand, kind ast.Operation) Operation {
	for range 1000 {
		op := g.try(r, kind)
		doc, err := parser.ParseQuery(&ast.Source{Input: op.Query})
		if err != nil {
			panic(fmt.Sprintf("generated an operation that does not parse: %v\n%s", err, op.Query))
		}
		if errs := validator.ValidateWithRules(g.Schema, doc, rules.NewDefaultRules()); len(errs) == 0 {
			return op
		}
	}
	panic("every generated operation was invalid")
}

func (g *Generator) try(r *rand.Rand, kind ast.Operation) Operation {
	b := &builder{g: g, r: r, budget: 1 + r.IntN(cmp(g.Fields, 40)), vars: map[string]any{}}
	root := map[ast.Operation]*ast.Definition{
		ast.Query: g.Schema.Query, ast.Mutation: g.Schema.Mutation, ast.Subscription: g.Schema.Subscription,
	}[kind]
	var body strings.Builder
	if kind == ast.Subscription {
		body.WriteString("{ ")
		b.field(&body, root, pick(r, b.fields(root)), 1)
		body.WriteString(" }")
	} else {
		b.selectionSet(&body, root, 1)
	}
	var query strings.Builder
	query.WriteString(string(kind))
	if len(b.definitions) > 0 {
		query.WriteString("(" + strings.Join(b.definitions, ", ") + ")")
	}
	query.WriteString(" " + body.String())
	for _, f := range b.fragments {
		if f.used {
			query.WriteString("\n" + f.text)
		}
	}
	return Operation{Query: query.String(), Variables: b.vars}
}

func cmp(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// builder makes one operation.
type builder struct {
	g           *Generator
	r           *rand.Rand
	budget      int // fields left
	definitions []string
	vars        map[string]any
	fragments   []*fragment
}

type fragment struct {
	name, on, text string
	used           bool
}

func (b *builder) chance(percent int) bool { return b.r.IntN(100) < percent }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// fields are those of a type that may be selected.
func (b *builder) fields(def *ast.Definition) []*ast.FieldDefinition {
	return slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool {
		return strings.HasPrefix(f.Name, "__") || b.g.Avoid != nil && b.g.Avoid(def.Name+"."+f.Name)
	})
}

// selectionSet writes `{ … }` for a composite type.
func (b *builder) selectionSet(w *strings.Builder, def *ast.Definition, depth int) {
	w.WriteString("{ ")
	fields := b.fields(def)
	n := 1 + b.r.IntN(5)
	for i := range n {
		if i > 0 && b.budget <= 0 {
			break
		}
		b.budget--
		switch roll := b.r.IntN(100); {
		case roll < 8 || len(fields) == 0 && roll < 50:
			b.typename(w)
		case roll < 20 || len(fields) == 0:
			b.inlineFragment(w, def, depth)
		case roll < 28 && depth < b.depth():
			b.spread(w, def, depth)
		case roll < 30 && def == b.g.Schema.Query:
			w.WriteString(pick(b.r, []string{"__schema { queryType { name } }", `__type(name: "Query") { kind fields { name } }`, `t: __type(name: "Nothing") { name }`}))
		default:
			b.field(w, def, b.choose(fields, depth), depth)
		}
		w.WriteString(" ")
	}
	w.WriteString("}")
}

func (b *builder) depth() int { return cmp(b.g.Depth, 5) }

// choose picks a field; near the bottom one that needs no selection set.
func (b *builder) choose(fields []*ast.FieldDefinition, depth int) *ast.FieldDefinition {
	f := pick(b.r, fields)
	for range 5 {
		if depth < b.depth() && b.budget > 0 || b.g.Schema.Types[f.Type.Name()].IsLeafType() {
			break
		}
		f = pick(b.r, fields)
	}
	return f
}

func (b *builder) typename(w *strings.Builder) {
	if b.chance(30) {
		w.WriteString("kind: ")
	}
	w.WriteString("__typename")
	b.directives(w)
}

func (b *builder) field(w *strings.Builder, parent *ast.Definition, f *ast.FieldDefinition, depth int) {
	args := b.arguments(parent.Name+"."+f.Name, f.Arguments)
	switch {
	case args != "" && b.chance(80), b.chance(15):
		// The alias follows from the arguments, so that equal keys mean equal fields.
		fmt.Fprintf(w, "%s_%s: ", f.Name, shortHash(args))
	}
	w.WriteString(f.Name + args)
	if !strings.HasPrefix(w.String(), "subscription") {
		b.directives(w)
	}
	if def := b.g.Schema.Types[f.Type.Name()]; def.IsCompositeType() {
		w.WriteString(" ")
		if depth >= b.depth() {
			w.WriteString("{ __typename }")
			return
		}
		b.selectionSet(w, def, depth+1)
	}
}

func shortHash(s string) string {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return fmt.Sprintf("%04x", h&0xffff)
}

// related are the types whose objects may also be of type def.
func (b *builder) related(def *ast.Definition) []*ast.Definition {
	seen := map[string]*ast.Definition{}
	for _, possible := range b.g.Schema.GetPossibleTypes(def) {
		seen[possible.Name] = possible
		for _, abstract := range b.g.Schema.GetImplements(possible) {
			seen[abstract.Name] = abstract
		}
	}
	var out []*ast.Definition
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		out = append(out, seen[name])
	}
	return out
}

func (b *builder) inlineFragment(w *strings.Builder, def *ast.Definition, depth int) {
	w.WriteString("...")
	on := def
	if b.chance(85) {
		on = pick(b.r, b.related(def))
		w.WriteString(" on " + on.Name)
	}
	b.directives(w)
	w.WriteString(" ")
	b.selectionSet(w, on, depth)
}

// spread uses a named fragment, an older one if one fits.
func (b *builder) spread(w *strings.Builder, def *ast.Definition, depth int) {
	related := b.related(def)
	var fitting []*fragment
	for _, f := range b.fragments {
		if f.text != "" && slices.ContainsFunc(related, func(d *ast.Definition) bool { return d.Name == f.on }) {
			fitting = append(fitting, f)
		}
	}
	var f *fragment
	if len(fitting) > 0 && b.chance(50) {
		f = pick(b.r, fitting)
	} else {
		on := pick(b.r, related)
		f = &fragment{name: fmt.Sprintf("F%d", len(b.fragments)), on: on.Name}
		b.fragments = append(b.fragments, f)
		var text strings.Builder
		fmt.Fprintf(&text, "fragment %s on %s ", f.name, on.Name)
		b.selectionSet(&text, on, max(depth, b.depth()-2))
		f.text = text.String() // only now: it must not spread itself
	}
	f.used = true
	w.WriteString("..." + f.name)
	b.directives(w)
}

// directives writes @skip and @include now and then.
func (b *builder) directives(w *strings.Builder) {
	for _, name := range []string{"skip", "include"} {
		if !b.chance(6) {
			continue
		}
		on := b.chance(50)
		if b.chance(50) {
			fmt.Fprintf(w, " @%s(if: %t)", name, on)
		} else {
			fmt.Fprintf(w, " @%s(if: %s)", name, b.variable("Boolean!", on))
		}
	}
}

// variable declares a variable and gives its name.
func (b *builder) variable(typ string, value any) string {
	name := fmt.Sprintf("v%d", len(b.definitions))
	b.definitions = append(b.definitions, fmt.Sprintf("$%s: %s", name, typ))
	b.vars[name] = value
	return "$" + name
}
