package cost_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/cost"
)

// interpreter executes an operation as section 6 of the specification says, over data that it makes
// up while it goes, within the limits that @listSize states, and tells a meter what it does. It
// shares nothing with the package: sizes are those of gqlparser's coerced arguments.
type interpreter struct {
	schema  *ast.Schema
	doc     *ast.QueryDocument
	vars    map[string]any
	rand    *rand.Rand
	full    bool // lists are as long as they may be, nothing is null
	meter   *cost.Meter
	objects int
	cut     bool // there would be more objects
}

// maxObjects keeps executions short.
const maxObjects = 400

func (in *interpreter) run(op *ast.OperationDefinition) {
	root := map[ast.Operation]*ast.Definition{ast.Query: in.schema.Query, ast.Mutation: in.schema.Mutation}[op.Operation]
	in.object(root, []ast.SelectionSet{op.SelectionSet}, nil)
}

// object executes the merged selection sets on one object. sized are the lengths of lists that the
// field above decides.
func (in *interpreter) object(typ *ast.Definition, sets []ast.SelectionSet, sized map[string]int64) {
	in.objects++
	in.meter.Objects(typ.Name, 1)
	g := grouped{fields: map[string][]*ast.Field{}, visited: map[string]bool{}}
	for _, set := range sets {
		in.collect(typ, set, &g)
	}
	for _, key := range g.keys {
		nodes := g.fields[key]
		if nodes[0].Name == "__typename" {
			continue
		}
		in.meter.Field(typ.Name, nodes[0], 1)
		in.field(typ, nodes, sized)
	}
}

func (in *interpreter) field(typ *ast.Definition, nodes []*ast.Field, sized map[string]int64) {
	def := typ.Fields.ForName(nodes[0].Name)
	returned := in.schema.Types[def.Type.Name()]
	size := in.listSize(typ, def, nodes[0])
	below := map[string]int64{}
	n := int64(1)
	switch d := listSizeOf(in.schema, typ, def); {
	case d != nil && d.Arguments.ForName("sizedFields") != nil:
		for _, name := range list(d, "sizedFields") {
			below[name] = size
		}
	case def.Type.Elem == nil:
	case sized != nil && has(sized, def.Name):
		n = sized[def.Name]
	default:
		n = size
	}
	if def.Type.Elem != nil {
		n = in.length(n)
	} else if !def.Type.NonNull && !in.full && in.rand.IntN(10) == 0 {
		n = 0
	}
	if returned.IsLeafType() {
		return
	}
	var sets []ast.SelectionSet
	for _, node := range nodes {
		sets = append(sets, node.SelectionSet)
	}
	possible := in.schema.GetPossibleTypes(returned)
	for range n {
		if in.objects >= maxObjects {
			in.cut = true
			break
		}
		in.object(possible[in.rand.IntN(len(possible))], sets, below)
	}
}

func has(m map[string]int64, key string) bool { _, ok := m[key]; return ok }

// length makes up how long a list is: often as long as it may be.
func (in *interpreter) length(most int64) int64 {
	if in.full || most <= 3 && in.rand.IntN(2) == 0 {
		return most
	}
	return in.rand.Int64N(min(most, 5) + 1)
}

// listSize is how long a list may get, by the definition of @listSize.
func (in *interpreter) listSize(typ *ast.Definition, def *ast.FieldDefinition, node *ast.Field) int64 {
	d := listSizeOf(in.schema, typ, def)
	if d == nil {
		if strings.HasPrefix(typ.Name, "__") {
			return 1
		}
		return 0
	}
	typed := *node
	typed.Definition = def
	args := typed.ArgumentMap(in.vars)
	most := int64(-1)
	for _, path := range list(d, "slicingArguments") {
		parts := strings.Split(path, ".")
		a := def.Arguments.ForName(parts[0])
		v, ok := args[parts[0]]
		if !ok {
			v = nil
		}
		t := a.Type
		for _, part := range parts[1:] {
			f := in.schema.Types[t.Name()].Fields.ForName(part)
			object, isObject := v.(map[string]any)
			if !isObject {
				v = nil
				break
			}
			if v, ok = object[part]; !ok && f.DefaultValue != nil {
				v, _ = f.DefaultValue.Value(nil)
			}
			t = f.Type
		}
		switch v := v.(type) {
		case nil:
		case []any:
			most = max(most, int64(len(v)))
		case []string:
			most = max(most, int64(len(v)))
		case []map[string]any:
			most = max(most, int64(len(v)))
		case json.Number: // which gqlparser leaves inside input objects
			if n, _ := v.Int64(); t.Elem == nil {
				most = max(most, n, 0)
			}
		case int64:
			if t.Elem != nil {
				v = 1
			}
			most = max(most, v, 0)
		default:
			most = max(most, 1) // a single value for a list
		}
	}
	if most >= 0 {
		return most
	}
	assumed, _ := d.Arguments.ForName("assumedSize").Value.Value(nil)
	return assumed.(int64)
}

func listSizeOf(schema *ast.Schema, typ *ast.Definition, def *ast.FieldDefinition) *ast.Directive {
	if d := def.Directives.ForName("listSize"); d != nil {
		return d
	}
	for _, abstract := range schema.GetImplements(typ) {
		if f := abstract.Fields.ForName(def.Name); f != nil && f.Directives.ForName("listSize") != nil {
			return f.Directives.ForName("listSize")
		}
	}
	return nil
}

func list(d *ast.Directive, name string) []string {
	a := d.Arguments.ForName(name)
	if a == nil {
		return nil
	}
	if a.Value.Kind != ast.ListValue {
		return []string{a.Value.Raw}
	}
	var out []string
	for _, c := range a.Value.Children {
		out = append(out, c.Value.Raw)
	}
	return out
}

// grouped is a grouped field set.
type grouped struct {
	keys    []string
	fields  map[string][]*ast.Field
	visited map[string]bool
}

func (in *interpreter) collect(typ *ast.Definition, set ast.SelectionSet, g *grouped) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if in.includes(s.Directives) {
				if g.fields[s.Alias] == nil {
					g.keys = append(g.keys, s.Alias)
				}
				g.fields[s.Alias] = append(g.fields[s.Alias], s)
			}
		case *ast.InlineFragment:
			if in.includes(s.Directives) && in.applies(s.TypeCondition, typ) {
				in.collect(typ, s.SelectionSet, g)
			}
		case *ast.FragmentSpread:
			def := in.doc.Fragments.ForName(s.Name)
			if in.includes(s.Directives) && !g.visited[s.Name] {
				g.visited[s.Name] = true
				if in.applies(def.TypeCondition, typ) {
					in.collect(typ, def.SelectionSet, g)
				}
			}
		}
	}
}

func (in *interpreter) includes(directives ast.DirectiveList) bool {
	for _, d := range directives {
		if d.Name == "skip" || d.Name == "include" {
			v, _ := d.Arguments.ForName("if").Value.Value(in.vars)
			if on, _ := v.(bool); on == (d.Name == "skip") {
				return false
			}
		}
	}
	return true
}

func (in *interpreter) applies(condition string, typ *ast.Definition) bool {
	if condition == "" || condition == typ.Name {
		return true
	}
	for _, abstract := range in.schema.GetImplements(typ) {
		if abstract.Name == condition {
			return true
		}
	}
	return false
}
