package cost_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"backline/graph/cost"
)

// pricing is a schema with its table.
type pricing struct {
	*ast.Schema
	*cost.Table
}

// store is the schema of the product, shop one with everything that it lacks.
func store(t testing.TB) pricing { return load(t, "../../schema/*.graphqls") }
func shop(t testing.TB) pricing  { return load(t, "testdata/shop.graphqls") }

func load(t testing.TB, pattern string) pricing {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no schema at %s: %v", pattern, err)
	}
	var sources []*ast.Source
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: path, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	table, err := cost.NewTable(schema)
	if err != nil {
		t.Fatal(err)
	}
	return pricing{schema, table}
}

// parse reads a valid document.
func (p pricing) parse(t testing.TB, query string) *ast.QueryDocument {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	if errs := validator.ValidateWithRules(p.Schema, doc, rules.NewDefaultRules()); errs != nil {
		t.Fatalf("%v\n%s", errs, query)
	}
	return doc
}

// compile prices the first operation of a valid document.
func (p pricing) compile(t testing.TB, query string) *cost.Price {
	t.Helper()
	doc := p.parse(t, query)
	price, err := p.Compile(doc, doc.Operations[0])
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	return price
}
