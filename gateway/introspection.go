package gateway

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/graph/rights"
)

// introspectScope is what a viewer needs to be told the schema where not everybody is.
const introspectScope = "admin"

// introspection tells the schema in development, and elsewhere refuses an operation that asks for it,
// whichever executor would run it, unless the viewer has the right.
type introspection struct{ everybody bool }

func (i introspection) check(req *request) *gqlerror.Error {
	allowed := i.everybody || rights.Of(req).Has(introspectScope)
	req.oc.DisableIntrospection = !allowed
	if allowed || !req.operation.introspect {
		return nil
	}
	return coded(CodeIntrospection, "introspection is disabled")
}

// asksForSchema looks for __schema and __type among the root fields, in fragments as well.
func asksForSchema(set ast.SelectionSet, seen map[*ast.FragmentDefinition]bool) bool {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if sel.Name == "__schema" || sel.Name == "__type" {
				return true
			}
		case *ast.InlineFragment:
			if asksForSchema(sel.SelectionSet, seen) {
				return true
			}
		case *ast.FragmentSpread:
			if sel.Definition == nil || seen[sel.Definition] {
				continue
			}
			seen[sel.Definition] = true
			if asksForSchema(sel.Definition.SelectionSet, seen) {
				return true
			}
		}
	}
	return false
}
