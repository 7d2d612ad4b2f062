package cost

import (
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
)

// place is an argument or an input field: something that a value is given for.
type place struct {
	name    string
	weight  Points
	typ     *ast.Type
	input   *input     // nil: leaves
	def     *ast.Value // default; nil: none
	absence Points     // what the default costs
	reading progress   // of absence
}

type progress int

const (
	unread progress = iota
	begun
	done
)

// input is an input object type. Its fields are those that may cost something.
type input struct{ fields []*place }

func (r *tableReader) inputTypes() {
	all := r.definitions(ast.InputObject)
	for _, def := range all {
		r.inputs[def.Name] = &input{}
	}
	for _, def := range all {
		in := r.inputs[def.Name]
		for _, f := range def.Fields {
			if p := r.place(def.Name, f.Name, f.Type, f.Directives, f.DefaultValue); p != nil {
				in.fields = append(in.fields, p)
			}
		}
	}
	for _, def := range all {
		for _, p := range r.inputs[def.Name].fields {
			r.absence(p)
		}
	}
}

// place reads an argument or an input field, all but what its default costs; nil if it costs nothing.
func (r *tableReader) place(of, name string, typ *ast.Type, directives ast.DirectiveList, def *ast.Value) *place {
	p := &place{name: name, typ: typ, def: def, input: r.inputs[typ.Name()]}
	if p.input != nil {
		p.weight = Point
	}
	p.weight = r.weight(of+"("+name+":)", directives, p.weight)
	if p.weight == 0 && p.input == nil {
		return nil
	}
	return p
}

// absence finds what a default costs, those of the input fields that it leaves out first.
func (r *tableReader) absence(p *place) {
	switch {
	case p.def == nil || p.reading == done:
		return
	case p.reading == begun:
		r.fail(p.def.Position, "the default of %s, with the defaults inside it, never ends", p.name)
		return
	}
	p.reading = begun
	if p.input != nil {
		r.left(p.input, p.def)
	}
	p.absence, _ = p.literal(p.typ, p.def, nil)
	p.reading = done
}

// left follows the input fields that a value leaves to their defaults.
func (r *tableReader) left(in *input, v *ast.Value) {
	if v.Kind == ast.ListValue {
		for _, c := range v.Children {
			r.left(in, c.Value)
		}
	}
	if v.Kind != ast.ObjectValue {
		return
	}
	for _, f := range in.fields {
		switch given := v.Children.ForName(f.name); {
		case given == nil:
			r.absence(f)
		case f.input != nil:
			r.left(f.input, given)
		}
	}
}

// literal is what a value in a document costs, apart from the variables in it.
func (p *place) literal(typ *ast.Type, v *ast.Value, op *ast.OperationDefinition) (Points, []expense) {
	switch {
	case v == nil:
		return p.absence, nil
	case v.Kind == ast.NullValue:
		return 0, nil
	case v.Kind == ast.Variable:
		e := expense{variable: v.Raw, place: p, typ: typ, absence: p.absence}
		if def := variableDefault(op, v.Raw); def != nil {
			e.absence, _ = p.literal(typ, def, nil)
		}
		return 0, []expense{e}
	case typ.Elem != nil && v.Kind == ast.ListValue:
		sum, open := Points(0), []expense(nil)
		for _, c := range v.Children {
			element, variables := p.literal(typ.Elem, c.Value, op)
			sum, open = add(sum, element), append(open, variables...)
		}
		return sum, open
	case typ.Elem != nil:
		return p.literal(typ.Elem, v, op)
	case p.input == nil:
		return p.weight, nil
	}
	sum, open := p.weight, []expense(nil)
	for _, f := range p.input.fields {
		inner, variables := f.literal(f.typ, v.Children.ForName(f.name), op)
		sum, open = add(sum, inner), append(open, variables...)
	}
	return sum, open
}

// value is what the value of a variable costs.
func (p *place) value(typ *ast.Type, v any) Points {
	if v == nil {
		return 0
	}
	if typ.Elem != nil {
		list, ok := v.([]any)
		if !ok {
			return p.unusual(typ, v)
		}
		sum := Points(0)
		for _, element := range list {
			sum = add(sum, p.value(typ.Elem, element))
		}
		return sum
	}
	if p.input == nil {
		return p.weight
	}
	sum := p.weight
	object, _ := v.(map[string]any)
	for _, f := range p.input.fields {
		if inner, ok := object[f.name]; ok {
			sum = add(sum, f.value(f.typ, inner))
		} else {
			sum = add(sum, f.absence)
		}
	}
	return sum
}

// unusual is for lists that are no []any: a single value stands for a list of one, which gqlparser
// makes a slice of its type.
func (p *place) unusual(typ *ast.Type, v any) Points {
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice {
		return p.value(typ.Elem, v)
	}
	sum := Points(0)
	for i := range list.Len() {
		sum = add(sum, p.value(typ.Elem, list.Index(i).Interface()))
	}
	return sum
}

// expense is what the value of a variable costs at one place.
type expense struct {
	variable string
	place    *place
	typ      *ast.Type // of the value: the place's, or that of its elements
	absence  Points    // where the variable is not given
}

func (e *expense) cost(vars map[string]any) Points {
	v, ok := vars[e.variable]
	if !ok {
		return e.absence
	}
	return e.place.value(e.typ, v)
}

// variableDefault is a variable's default in an operation. The one that gqlparser leaves in a value
// may be another operation's, if they share a fragment.
func variableDefault(op *ast.OperationDefinition, name string) *ast.Value {
	if op == nil {
		return nil
	}
	if def := op.VariableDefinitions.ForName(name); def != nil {
		return def.DefaultValue
	}
	return nil
}
