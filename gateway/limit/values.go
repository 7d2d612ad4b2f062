package limit

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"
)

// values checks the literals of a document: page sizes first, then nesting, lists and strings.
func (l Limits) values(doc *ast.QueryDocument) error {
	v := &literals{limits: l}
	for _, op := range doc.Operations {
		for _, d := range op.VariableDefinitions {
			v.value(d.DefaultValue, 0)
			v.directives(d.Directives)
		}
		v.directives(op.Directives)
		v.set(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		v.directives(f.Directives)
		v.set(f.SelectionSet)
	}
	if v.pageSize != nil {
		return v.pageSize
	}
	return l.input("an argument", v.largest)
}

// literals walks all values of a document, each once.
type literals struct {
	limits   Limits
	pageSize error
	largest  input
}

func (v *literals) set(set ast.SelectionSet) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			for _, a := range sel.Arguments {
				if v.pageSize == nil && isPageSize(a.Name) && a.Value.Kind == ast.IntValue {
					v.pageSize = v.limits.pageSize(a.Name, a.Value.Raw)
				}
				v.value(a.Value, 0)
			}
			v.directives(sel.Directives)
			v.set(sel.SelectionSet)
		case *ast.InlineFragment:
			v.directives(sel.Directives)
			v.set(sel.SelectionSet)
		case *ast.FragmentSpread:
			v.directives(sel.Directives)
		}
	}
}

func (v *literals) directives(list ast.DirectiveList) {
	for _, d := range list {
		for _, a := range d.Arguments {
			v.value(a.Value, 0)
		}
	}
}

func (v *literals) value(value *ast.Value, depth int) {
	if value == nil {
		return
	}
	v.largest.bytes = max(v.largest.bytes, len(value.Raw))
	if value.Kind != ast.ListValue && value.Kind != ast.ObjectValue {
		return
	}
	depth++
	v.largest.nested(depth, len(value.Children))
	for _, child := range value.Children {
		v.value(child.Value, depth)
	}
}

// input is what counts in the values of arguments and variables.
type input struct {
	depth int // lists and objects inside each other
	items int // of the longest list, or fields of the widest object
	bytes int // of the longest string or number
}

func (l Limits) input(subject string, in input) error {
	switch {
	case in.depth > l.InputDepth:
		return exceeded(CodeInputDepth, subject+" nests", in.depth, "lists and objects", l.InputDepth)
	case in.items > l.ListLength:
		return exceeded(CodeListLength, subject+" has a list of", in.items, "items", l.ListLength)
	case in.bytes > l.StringBytes:
		return exceeded(CodeStringBytes, subject+" has a string of", in.bytes, "bytes", l.StringBytes)
	}
	return nil
}

// Variables checks the variables of a request, as encoding/json decodes them: string, float64 or
// json.Number, bool, nil, []any and map[string]any. Together they are as long as they would be as
// JSON without spaces and escapes. The limits must have their defaults.
func (l Limits) Variables(variables map[string]any) error {
	if len(variables) == 0 {
		return nil
	}
	var all input
	total := 0
	for name, v := range variables {
		total = sum(total, len(name)+len(`"":,`)+all.add(v, 0))
	}
	if err := l.input("a variable", all); err != nil {
		return err
	}
	if total > l.VariablesBytes {
		return exceeded(CodeStringBytes, "the variables have", total, "bytes", l.VariablesBytes)
	}
	return nil
}

// add counts a value in, and returns the length of its JSON.
func (in *input) add(v any, depth int) (length int) {
	switch v := v.(type) {
	case string:
		in.bytes = max(in.bytes, len(v))
		return len(v) + len(`""`)
	case json.Number:
		in.bytes = max(in.bytes, len(v))
		return len(v)
	case []any:
		in.nested(depth+1, len(v))
		length = len("[]")
		for _, item := range v {
			length += in.add(item, depth+1) + len(",")
		}
		return length
	case map[string]any:
		in.nested(depth+1, len(v))
		length = len("{}")
		for name, item := range v {
			length += len(name) + len(`"":,`) + in.add(item, depth+1)
		}
		return length
	default: // true, false, null, a float
		return len("true")
	}
}

func (in *input) nested(depth, items int) {
	in.depth, in.items = max(in.depth, depth), max(in.items, items)
}
