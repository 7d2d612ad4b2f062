package overlap

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// calls tells which fields ask for the same: one name, and equal arguments. The arguments of a field
// are looked at once, however often it is compared.
type calls struct {
	byText  map[string]int
	byField map[*ast.Field]int
}

func newCalls() calls {
	return calls{byText: map[string]int{}, byField: map[*ast.Field]int{}}
}

// same reports whether two fields ask for the same. The order of arguments, and that of the fields
// of an object, tells nothing.
func (c calls) same(a, b *ast.Field) bool {
	switch {
	case a == b:
		return true
	case a.Name != b.Name || len(a.Arguments) != len(b.Arguments):
		return false
	default:
		return len(a.Arguments) == 0 || c.arguments(a) == c.arguments(b)
	}
}

// arguments is a number for the arguments of a field, equal for equal ones.
func (c calls) arguments(f *ast.Field) int {
	number, ok := c.byField[f]
	if !ok {
		text := string(appendArguments(nil, f.Arguments))
		if number, ok = c.byText[text]; !ok {
			number = len(c.byText)
			c.byText[text] = number
		}
		c.byField[f] = number
	}
	return number
}

func appendArguments(b []byte, list ast.ArgumentList) []byte {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y *ast.Argument) int { return strings.Compare(x.Name, y.Name) })
	for _, a := range list {
		b = appendValue(append(append(b, a.Name...), ':'), a.Value)
	}
	return b
}

// appendValue writes a value with its kind and its lengths, so that no two values have one text.
func appendValue(b []byte, v *ast.Value) []byte {
	b = strconv.AppendInt(b, int64(v.Kind), 10)
	b = strconv.AppendInt(append(b, ' '), int64(len(v.Raw)), 10)
	b = append(append(b, ' '), v.Raw...)
	children := v.Children
	if v.Kind == ast.ObjectValue {
		children = slices.Clone(children)
		slices.SortStableFunc(children, func(x, y *ast.ChildValue) int { return strings.Compare(x.Name, y.Name) })
	}
	b = strconv.AppendInt(append(b, '['), int64(len(children)), 10)
	for _, c := range children {
		b = appendValue(append(append(b, c.Name...), ':'), c.Value)
	}
	return append(b, ']')
}
