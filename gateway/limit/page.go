package limit

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// isPageSize knows the arguments that say how long a page is, as the connections of Relay name them.
func isPageSize(argument string) bool { return argument == "first" || argument == "last" }

// pageSize checks the digits of a page size. A number that fits no integer is too large, or too
// small, like any other.
func (l Limits) pageSize(argument, digits string) error {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err == nil && 1 <= n && n <= int64(l.PageSize) {
		return nil
	}
	if len(digits) > maxDigits {
		digits = "a number of " + strconv.Itoa(len(digits)) + " digits"
	}
	return &Error{CodePageSize, argument + " must be between 1 and " + strconv.Itoa(l.PageSize) + ", not " + digits}
}

// maxDigits is how much of a number a message repeats: every int64 with its sign.
const maxDigits = 20

// PageSize is an argument first or last whose value a variable gives.
type PageSize struct {
	Argument string
	Variable string
}

// PageSizes finds the variables that an operation uses as page sizes, each once for each argument.
// The spreads of the document must know their definitions, as after validation.
func PageSizes(op *ast.OperationDefinition) []PageSize {
	var found []PageSize
	seen := map[PageSize]struct{}{}
	spread := map[*ast.FragmentDefinition]struct{}{}
	var collect func(set ast.SelectionSet)
	collect = func(set ast.SelectionSet) {
		for _, sel := range set {
			switch sel := sel.(type) {
			case *ast.Field:
				for _, a := range sel.Arguments {
					use := PageSize{a.Name, a.Value.Raw}
					if _, again := seen[use]; !again && isPageSize(a.Name) && a.Value.Kind == ast.Variable {
						seen[use] = struct{}{}
						found = append(found, use)
					}
				}
				collect(sel.SelectionSet)
			case *ast.InlineFragment:
				collect(sel.SelectionSet)
			case *ast.FragmentSpread:
				if _, again := spread[sel.Definition]; sel.Definition != nil && !again {
					spread[sel.Definition] = struct{}{}
					collect(sel.Definition.SelectionSet)
				}
			}
		}
	}
	collect(op.SelectionSet)
	return found
}

// Pages checks the page sizes that variables give, among the coerced variables of a request. A
// variable that is null or absent leaves the size to the field. The limits must have their defaults.
func (l Limits) Pages(sizes []PageSize, variables map[string]any) error {
	for _, p := range sizes {
		if n, ok := integer(variables[p.Variable]); ok && (n < 1 || n > int64(l.PageSize)) {
			return l.pageSize(p.Argument, strconv.FormatInt(n, 10))
		}
	}
	return nil
}

// integer reads an Int as gqlparser coerces it: it lets the digits of one in a string pass.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	default:
		return 0, false
	}
}
