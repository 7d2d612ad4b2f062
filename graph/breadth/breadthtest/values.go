package breadthtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// enumName is a value that is written without quotes in a document.
type enumName string

// arguments writes `(…)`, or nothing.
func (b *builder) arguments(coordinate string, defs ast.ArgumentDefinitionList) string {
	var parts []string
	for _, def := range defs {
		optional := !def.Type.NonNull || def.DefaultValue != nil
		if optional && b.chance(60) {
			continue
		}
		at := fmt.Sprintf("%s(%s:)", coordinate, def.Name)
		parts = append(parts, def.Name+": "+b.input(at, def.Type, def.DefaultValue != nil, 0))
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// input writes a value of an input type: a literal, or a variable.
func (b *builder) input(at string, t *ast.Type, hasDefault bool, depth int) string {
	if !b.chance(30) {
		return b.literal(at, t, depth)
	}
	value := b.value(at, t, depth)
	typ := t.String()
	switch {
	case !t.NonNull && value != nil && b.chance(30):
		typ += "!" // a stricter variable
	case t.NonNull && hasDefault && b.chance(30):
		typ = strings.TrimSuffix(typ, "!") // the place has a default
	}
	name := b.variable(typ, plain(value))
	if !strings.HasSuffix(typ, "!") && b.chance(30) { // left out, with or without a default
		delete(b.vars, name[1:])
		if b.chance(60) {
			b.definitions[len(b.definitions)-1] += " = " + b.constant(at, t, depth)
		}
	}
	return name
}

// literal writes a value, which may hold variables inside.
func (b *builder) literal(at string, t *ast.Type, depth int) string {
	def := b.g.Schema.Types[t.Name()]
	switch {
	case !t.NonNull && b.chance(8):
		return "null"
	case t.Elem != nil && b.chance(85):
		var parts []string
		for range b.r.IntN(4) {
			parts = append(parts, b.input(at, t.Elem, false, depth+1))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case t.Elem != nil: // one value stands for a list of it
		return b.literal(at, nonNull(t.Elem), depth+1)
	case def.Kind == ast.InputObject:
		var parts []string
		for _, f := range def.Fields {
			if b.omits(f, depth) {
				continue
			}
			parts = append(parts, f.Name+": "+b.input(def.Name+"."+f.Name, f.Type, f.DefaultValue != nil, depth+1))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return write(b.value(at, nonNull(t), depth))
}

// constant is a literal without variables.
func (b *builder) constant(at string, t *ast.Type, depth int) string {
	return write(b.value(at, nonNull(t), depth))
}

func nonNull(t *ast.Type) *ast.Type {
	strict := *t
	strict.NonNull = true
	return &strict
}

func (b *builder) omits(f *ast.FieldDefinition, depth int) bool {
	return (!f.Type.NonNull || f.DefaultValue != nil) && (b.chance(50) || depth > 2)
}

// value makes a value as it would stand in JSON, enums apart.
func (b *builder) value(at string, t *ast.Type, depth int) any {
	if !t.NonNull && b.chance(15) {
		return nil
	}
	if t.Elem != nil {
		list := []any{}
		for range b.r.IntN(4) {
			list = append(list, b.value(at, t.Elem, depth+1))
		}
		return list
	}
	def := b.g.Schema.Types[t.Name()]
	if b.g.Value != nil {
		if v, ok := b.g.Value(b.r, at, def); ok {
			return v
		}
	}
	switch def.Kind {
	case ast.Enum:
		return enumName(pick(b.r, def.EnumValues).Name)
	case ast.InputObject:
		object := map[string]any{}
		for _, f := range def.Fields {
			if !b.omits(f, depth) {
				object[f.Name] = b.value(def.Name+"."+f.Name, f.Type, depth+1)
			}
		}
		return object
	}
	switch def.Name {
	case "Int":
		return pick(b.r, []int64{0, 1, 2, 3, 5, -1, 2147483647, 99999999999})
	case "Float":
		return pick(b.r, []float64{0, 1, -2.5, 1e300, 0.25})
	case "Boolean":
		return b.chance(50)
	case "ID":
		return fmt.Sprint(b.r.IntN(20))
	}
	return pick(b.r, []string{"", "a", "b c", "Zoë", "quote \" back \\ tab \t"})
}

// plain turns enum names into strings, for variables.
func plain(v any) any {
	switch v := v.(type) {
	case enumName:
		return string(v)
	case int64:
		return json.Number(fmt.Sprint(v))
	case float64:
		b, _ := json.Marshal(v)
		return json.Number(b)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k := range v {
			out[k] = plain(v[k])
		}
		return out
	}
	return v
}

// write writes a constant value as a literal.
func write(v any) string {
	switch v := v.(type) {
	case enumName:
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = write(v[i])
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, k+": "+write(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
