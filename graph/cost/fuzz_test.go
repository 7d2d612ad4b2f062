package cost_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"backline/graph/cost"
)

const maxFuzz = 4000

// Whatever a client sends: no panic, an end, and a price that is no less than nothing.
func FuzzEstimate(f *testing.F) {
	p := shop(f)
	for _, test := range hostile {
		if len(test.query) < maxFuzz { // the fuzzer takes minutes to shrink large ones
			f.Add(test.query, `{}`)
		}
	}
	f.Add(`query($in: PageInput, $n: Int = 2, $on: Boolean!) { paged(input: $in) { id } strict(first: $n) @skip(if: $on) { id } }`,
		`{"in": {"page": {"first": 3}}, "on": false}`)
	f.Add(`mutation($p: [ProductInput!]!) { addProducts(products: $p) { reviews(page: {page: {first: 2}}) { nodes { id } } } }`,
		`{"p": [{"name": "a", "parts": []}]}`)
	f.Add(`query($f: Filter) { products(filter: $f, first: -1) { total } report(kind: WEEKLY, approximate: true) { body } }`,
		`{"f": {"not": {"ids": [1]}}}`)
	known := rules.NewDefaultRules()
	known.RemoveRule("OverlappingFieldsCanBeMerged") // quadratic; without it more is valid
	f.Fuzz(func(t *testing.T, query, variables string) {
		doc, err := parser.ParseQuery(&ast.Source{Input: query})
		if err != nil || len(query) > maxFuzz {
			t.Skip()
		}
		var vars map[string]any
		if json.Unmarshal([]byte(variables), &vars) != nil {
			vars = nil
		}
		valid := validator.ValidateWithRules(p.Schema, doc, known) == nil
		for _, op := range doc.Operations {
			price, err := p.Compile(doc, op)
			if err != nil {
				if valid && !errors.Is(err, cost.ErrTooLarge) {
					t.Fatalf("%v\n%s", err, query)
				}
				continue
			}
			coerced := vars
			if valid {
				if coerced, err = validator.VariableValues(p.Schema, op, vars); err != nil {
					coerced = vars
				}
			}
			e := price.Estimate(coerced)
			if e.Total < 0 {
				t.Fatalf("costs %v\n%s", e.Total, query)
			}
			if path, share := e.MostExpensive(); share < 0 || share > e.Total || e.Total > 0 && path == "" {
				t.Fatalf("%q costs %v of %v\n%s", path, share, e.Total, query)
			}
			if again := price.Estimate(coerced); again.Total != e.Total {
				t.Fatalf("costs %v, then %v\n%s", e.Total, again.Total, query)
			}
		}
	})
}
