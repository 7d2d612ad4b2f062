package breadth

import (
	"errors"

	"github.com/vektah/gqlparser/v2/ast"
)

// maxPrepared bounds the Boolean variables of whose values all are compiled ahead.
const maxPrepared = 3

// Prepare compiles an operation of a validated document before it is asked for, for all values of its
// Boolean variables if they are few, else for those that clients send who set none.
func (e *executable) Prepare(doc *ast.QueryDocument, op *ast.OperationDefinition) error {
	names := switches(doc, op)
	if len(names) > maxPrepared {
		names = names[:0]
	}
	for bits := range 1 << len(names) {
		vars := map[string]any{}
		for _, v := range op.VariableDefinitions {
			if v.DefaultValue != nil && v.DefaultValue.Kind == ast.BooleanValue {
				vars[v.Variable] = v.DefaultValue.Raw == "true"
			}
		}
		for i, name := range names {
			vars[name] = bits>>i&1 == 1
		}
		if _, err := e.plans.plan(e.tables, e.Schema(), doc, op, vars); err != nil && !errors.Is(err, errDelegate) {
			return err
		}
	}
	return nil
}
