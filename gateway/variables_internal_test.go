package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// Whatever variables are given for whatever types, the verdict and the values are gqlparser's.
func TestCoerceVariables(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		type Query { f: Int }
		scalar Any
		enum Color { RED GREEN }
		input Box { n: Int! = 1, s: [String!] }`})
	values := []func() any{
		func() any { return nil }, func() any { return "" }, func() any { return "12" }, func() any { return "RED" }, func() any { return "x" },
		func() any { return true }, func() any { return false },
		func() any { return json.Number("1") }, func() any { return json.Number("-0") }, func() any { return json.Number("1.0") }, func() any { return json.Number("1e3") },
		func() any { return json.Number("9223372036854775807") }, func() any { return json.Number("9223372036854775808") }, func() any { return json.Number("1e400") },
		func() any { return int64(3) }, func() any { return 3.5 },
		func() any { return []any{} }, func() any { return []any{json.Number("1"), nil, "a"} }, func() any { return []any{"a"} },
		func() any { return map[string]any{} }, func() any { return map[string]any{"n": json.Number("1"), "s": "a"} }, func() any { return map[string]any{"no": nil} },
	}
	defaults := map[string]string{"Int": "7", "Float": "7.5", "String": `"d"`, "ID": `"d"`, "Boolean": "true", "Any": `"d"`, "Color": "GREEN", "Box": "{n: 1}"}
	fast := 0
	for name, preset := range defaults {
		for _, typ := range []string{name, name + "!", "[" + name + "]", "[" + name + "!]!", name + " = " + preset, name + "! = " + preset} {
			doc, err := parser.ParseQuery(&ast.Source{Input: `query($a: ` + typ + `, $b: Int) { f }`})
			if err != nil {
				t.Fatal(err)
			}
			validator.ValidateWithRules(schema, doc, nil) // so that variables know their types, though none is used
			op := &operation{definition: doc.Operations[0], variables: variablesOf(doc.Operations[0])}
			given := []func() map[string]any{
				func() map[string]any { return nil }, func() map[string]any { return map[string]any{} },
				func() map[string]any { return map[string]any{"c": "unknown"} },
			}
			for _, v := range values {
				given = append(given,
					func() map[string]any { return map[string]any{"a": v()} },
					func() map[string]any { return map[string]any{"a": v(), "b": json.Number("5")} },
					func() map[string]any { return map[string]any{"a": v(), "b": "no"} },
					func() map[string]any { return map[string]any{"a": v(), "c": "unknown"} })
			}
			for _, vars := range given {
				if op.isAsMeant(maps.Clone(vars())) {
					fast++
				}
				want, wantErr := validator.VariableValues(schema, op.definition, vars())
				got, err := op.coerceVariables(schema, vars())
				if !reflect.DeepEqual(got, want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Errorf("$a: %s of %v: got %#v, %v, want %#v, %v", typ, vars(), got, err, want, wantErr)
				}
			}
		}
	}
	if fast < 100 {
		t.Errorf("only %d of them are read without gqlparser", fast)
	}
}
