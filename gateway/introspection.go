package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// introspection is the extension that tells the schema in development, and elsewhere refuses an
// operation that asks for it, whichever executor would run it.
type introspection struct{ allowed bool }

func (introspection) ExtensionName() string                   { return "Introspection" }
func (introspection) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (i introspection) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	oc.DisableIntrospection = !i.allowed
	if i.allowed || !asksForSchema(oc.Operation.SelectionSet, nil) {
		return nil
	}
	return &gqlerror.Error{
		Message:    "introspection is disabled",
		Extensions: map[string]any{"code": CodeIntrospection},
	}
}

// asksForSchema looks for __schema and __type among the root fields, in fragments as well.
func asksForSchema(set ast.SelectionSet, seen []*ast.FragmentDefinition) bool {
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
			if sel.Definition == nil || contains(seen, sel.Definition) {
				continue
			}
			seen = append(seen, sel.Definition)
			if asksForSchema(sel.Definition.SelectionSet, seen) {
				return true
			}
		}
	}
	return false
}

func contains(list []*ast.FragmentDefinition, d *ast.FragmentDefinition) bool {
	for _, e := range list {
		if e == d {
			return true
		}
	}
	return false
}
