package limit

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// Document checks a document that has been parsed and not yet validated. Of several operations the
// largest counts, whichever is to run. The limits must have their defaults.
func (l Limits) Document(doc *ast.QueryDocument) error {
	if n := len(doc.Operations); n > l.Operations {
		return exceeded(CodeOperations, "the document has", n, "operations", l.Operations)
	}
	m := newMeasure(doc)
	var largest size
	for _, op := range doc.Operations {
		largest = largest.atLeast(m.operation(op))
	}
	if largest.depth > l.Depth {
		return exceeded(CodeDepth, "the document nests", largest.depth, "fields", l.Depth)
	}
	if largest.introspection > l.IntrospectionDepth {
		return exceeded(CodeDepth, "the introspection nests", largest.introspection, "fields", l.IntrospectionDepth)
	}
	if largest.aliases > l.Aliases {
		return exceeded(CodeAliases, "the operation has", largest.aliases, "aliases, fragments expanded", l.Aliases)
	}
	for _, op := range doc.Operations {
		limit, kind := l.RootFields, "root fields"
		if op.Operation == ast.Mutation {
			limit, kind = l.MutationFields, "root fields, and is a mutation"
		}
		if n := m.rootFields(op); n > limit {
			return exceeded(CodeRootFields, "the operation has", n, kind, limit)
		}
	}
	if largest.directives > l.Directives {
		return exceeded(CodeDirectives, "the operation has", largest.directives, "directives, fragments expanded", l.Directives)
	}
	if largest.selections > l.Selections {
		return exceeded(CodeSelections, "the operation has", largest.selections, "selections, fragments expanded", l.Selections)
	}
	return l.values(doc)
}
