package breadth

import (
	"context"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerceArgumentValues is CoerceArgumentValues of the specification: literals, variables and
// defaults by gqlparser, Go values by gqlgen's generated functions. ctx has no field contexts: the
// objects of a level share its arguments, but not their paths, so paths of errors begin with the
// field.
func coerceArgumentValues(ctx context.Context, f *FieldPlan, vars map[string]any) (args map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the arguments of %s: %v", f.key, p)
		}
	}()
	only := graphql.FieldContext{Object: f.typ.Name, Field: f.collected()}
	return f.def.Args(graphql.WithFieldContext(ctx, &only), f.typed.ArgumentMap(vars))
}

// argumentError is an error of coerceArgumentValues.
type argumentError struct{ err error }

func (e *argumentError) Error() string { return e.err.Error() }
func (e *argumentError) Unwrap() error { return e.err }

// under places the error below the field at path, which ends in the field's response key.
func (e *argumentError) under(path ast.Path) error {
	inner, ok := errors.AsType[*gqlerror.Error](e.err)
	if !ok {
		return e.err
	}
	placed := *inner
	placed.Path = append(ast.Path(nil), path...)
	if len(inner.Path) > 1 {
		placed.Path = append(placed.Path, inner.Path[1:]...)
	}
	return &placed
}
