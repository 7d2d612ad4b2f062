package breadth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerceArgumentValues is CoerceArgumentValues of the specification: literals, variables and
// defaults by gqlparser, Go values by gqlgen's generated functions. What f.args has is not coerced again. ctx has no field contexts: the
// objects of a level share its arguments, but not their paths, so paths of errors begin with the
// field.
func coerceArgumentValues(ctx context.Context, f *FieldPlan, vars map[string]any) (args map[string]any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the arguments of %s: %v", f.key, p)
		}
	}()
	only := graphql.FieldContext{Object: f.typ.Name, Field: f.collected()}
	args, err = f.def.Args(graphql.WithFieldContext(ctx, &only), f.typed.ArgumentMap(vars))
	if err != nil {
		return nil, err
	}
	maps.Copy(args, f.args)
	return args, nil
}

// coerceConstants coerces what arguments are the same in every request, once and for all; typed is left
// with the others. An error is left to the execution, which knows where to report it.
func (f *FieldPlan) coerceConstants() {
	whole := f.typed
	constant, varying := f.part(false), f.part(true)
	f.typed = constant
	args, err := coerceArgumentValues(context.Background(), f, nil)
	if err != nil {
		f.typed = whole
		return
	}
	for _, a := range varying.Definition.Arguments {
		delete(args, a.Name)
	}
	f.args, f.typed, f.fixed = args, varying, len(varying.Definition.Arguments) == 0
}

// part is typed with those of its arguments that vary, or with those that do not.
func (f *FieldPlan) part(varying bool) *ast.Field {
	part, def := *f.typed, *f.typed.Definition
	def.Arguments = nil
	for _, a := range f.typed.Definition.Arguments {
		if f.varies(a) == varying {
			def.Arguments = append(def.Arguments, a)
		}
	}
	part.Definition = &def
	return &part
}

// variesWhole says that there is no argument whose value could be coerced once.
func (f *FieldPlan) variesWhole() bool {
	args := f.typed.Definition.Arguments
	return len(args) > 0 && !slices.ContainsFunc(args, func(a *ast.ArgumentDefinition) bool { return !f.varies(a) })
}

// varies reports whether an argument must be coerced in every request.
func (f *FieldPlan) varies(def *ast.ArgumentDefinition) bool {
	given := f.typed.Arguments.ForName(def.Name)
	if given != nil && usesVariables(given.Value) {
		return true
	}
	return (given != nil || def.DefaultValue != nil) && slices.Contains(f.def.MutableArgs, def.Name)
}

func usesVariables(v *ast.Value) bool {
	if v.Kind == ast.Variable {
		return true
	}
	return slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return usesVariables(c.Value) })
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
