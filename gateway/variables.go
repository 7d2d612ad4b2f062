package gateway

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

// variable is what is known of one variable of an operation.
type variable struct {
	name     string
	typ      string // of a scalar, that it can be read without reflection; "": leave it to gqlparser
	isNeeded bool   // it must not be null, nor absent
	isPreset bool   // it has a default
}

func variablesOf(op *ast.OperationDefinition) []variable {
	list := make([]variable, len(op.VariableDefinitions))
	for i, d := range op.VariableDefinitions {
		list[i] = variable{name: d.Variable, isNeeded: d.Type.NonNull, isPreset: d.DefaultValue != nil}
		if d.Type.Elem == nil && d.Definition != nil && d.Definition.Kind == ast.Scalar {
			list[i].typ = d.Type.NamedType
		}
	}
	return list
}

// coerceVariables is CoerceVariableValues of the specification, as gqlparser does it. It may change what
// is given, as that does.
//
// Most requests give scalars as they are meant, and all of them by their names: then what was given is
// what is wanted. Whatever else there is, errors above all, is gqlparser's.
func (o *operation) coerceVariables(schema *ast.Schema, given map[string]any) (map[string]any, error) {
	if given != nil && o.isAsMeant(given) {
		return given, nil
	}
	return validator.VariableValues(schema, o.definition, given)
}

// isAsMeant says whether the variables need nothing but their numbers read, which it does.
func (o *operation) isAsMeant(given map[string]any) bool {
	known := 0
	for i := range o.variables {
		v := &o.variables[i]
		value, ok := given[v.name]
		if !ok {
			if v.isNeeded || v.isPreset {
				return false
			}
			continue
		}
		known++
		if value == nil {
			if v.isNeeded {
				return false
			}
			continue
		}
		if !v.take(value, given) {
			return false
		}
	}
	return known == len(given) // else some have no definition, and must go
}

// take takes a value of JSON that is not null, if it is as the type wants it.
func (v *variable) take(value any, given map[string]any) bool {
	switch value := value.(type) {
	case string:
		return v.typ != "" && v.typ != "Int" && v.typ != "Float" && v.typ != "Boolean"
	case bool:
		return v.typ == "Boolean"
	case json.Number:
		switch v.typ {
		case "Int":
			n, err := value.Int64()
			if err == nil {
				given[v.name] = n
			}
			return err == nil
		case "Float":
			f, err := value.Float64()
			if err == nil {
				given[v.name] = f
			}
			return err == nil
		}
	}
	return false
}
