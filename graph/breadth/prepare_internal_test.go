package breadth

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// What was prepared is not compiled again by a request.
func TestPrepare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, query string
		vars        []map[string]any
	}{
		{"no variables", `{ a }`, []map[string]any{nil}},
		{"one", `query($x: Boolean!) { a @skip(if: $x) }`, []map[string]any{{"x": true}, {"x": false}}},
		{"two", `query($x: Boolean!, $y: Boolean!) { a @skip(if: $x) b @include(if: $y) }`, []map[string]any{
			{"x": true, "y": true}, {"x": true, "y": false}, {"x": false, "y": true}, {"x": false, "y": false},
		}},
		{
			"many, with defaults",
			`query($u: Boolean! = true, $v: Boolean! = false, $w: Boolean! = true, $x: Boolean! = true) {
				a @skip(if: $u) b @skip(if: $v) c: a @skip(if: $w) d: b @skip(if: $x) e: a }`,
			[]map[string]any{{"u": true, "v": false, "w": true, "x": true}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, schema := tables(t)
			doc, errs := gqlparser.LoadQueryWithRules(schema, tt.query, nil)
			if errs != nil {
				t.Fatal(errs)
			}
			e := &executable{ExecutableSchema: onlySchema{schema: schema}, tables: s, plans: newCache()}
			op := doc.Operations[0]
			if err := e.Prepare(doc, op); err != nil {
				t.Fatal(err)
			}
			variants := len(e.plans.byOp[op].Value.(*compiled).variants)
			for _, vars := range tt.vars {
				if _, err := e.plans.plan(s, schema, doc, op, vars); err != nil {
					t.Fatal(err)
				}
			}
			if now := len(e.plans.byOp[op].Value.(*compiled).variants); now != variants {
				t.Errorf("%d plans were prepared, and requests made %d more", variants, now-variants)
			}
		})
	}
}

// onlySchema is an executable schema that executes nothing.
type onlySchema struct {
	graphql.ExecutableSchema
	schema *ast.Schema
}

func (o onlySchema) Schema() *ast.Schema { return o.schema }
