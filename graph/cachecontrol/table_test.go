package cachecontrol_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/cachecontrol"
)

func load(t *testing.T, pattern string) *ast.Schema {
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
	return schema
}

// selection reads "Query.book Book.title Reader": a type alone is one of which nothing is selected.
func selection(text string) map[string][]string {
	all := map[string][]string{}
	for name := range strings.FieldsSeq(text) {
		typ, field, ok := strings.Cut(name, ".")
		fields := all[typ]
		if ok {
			fields = append(fields, field)
		}
		all[typ] = fields
	}
	return all
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	table, err := cachecontrol.NewTable(load(t, "testdata/shop.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	for selected, want := range map[string]string{
		// The hint of the type, that of the field over it, and none.
		"Query.book Book.title":        "max-age=60, public",
		"Query.bookBriefly Book.title": "max-age=5, public",
		"Query.unsaid Shelf.name":      "no-store",
		"Query.shelf Shelf.name":       "max-age=100, public",
		// The least wins; a scalar has what its object has, but for those of the root.
		"Query.book Book.title Book.stock":           "max-age=1, public",
		"Query.book Query.bookBriefly Book.title":    "max-age=5, public",
		"Query.book Query.unsaid Book.id Shelf.name": "no-store",
		"Query.count":        "no-store",
		"Query.countBriefly": "max-age=10, public",
		"Query.book Query.__typename Book.__typename": "max-age=60, public",
		"Query.__typename":                            "no-store",
		"Query":                                       "no-store",
		// Objects below have an age of their own, or none, unless they inherit.
		"Query.book Book.shelf Shelf.name":                                 "no-store",
		"Query.book Book.ownShelf Shelf.name":                              "max-age=60, public",
		"Query.book Book.sequel Book.title":                                "max-age=60, public",
		"Query.bookBriefly Book.sequel Book.title":                         "max-age=5, public",
		"Query.books BookConnection.nodes BookConnection.total Book.title": "max-age=30, public",
		"Query.found Book.title Shelf.name":                                "max-age=20, public",
		// PRIVATE wins, except over the field that says otherwise of its type.
		"Query.book Book.mark":              "max-age=60, private",
		"Query.book Book.diary Diary.text":  "max-age=60, private",
		"Query.openly Diary.text":           "max-age=70, public",
		"Query.openly Query.book Book.mark": "max-age=60, private",
		// What others may see otherwise is kept privately or not at all.
		"Query.me Reader.name":                                           "no-store",
		"Query.me Query.book Reader.name Book.mark":                      "max-age=60, private",
		"Query.node Book.title Reader Shelf":                             "no-store",
		"Query.myNode Book.title Reader Shelf":                           "max-age=50, private",
		"Query.readers ReaderConnection.total":                           "no-store",
		"Query.readers ReaderConnection.edges ReaderEdge.node Reader.id": "no-store",
		"Query.staff":                        "no-store",
		"Query.staffOnly":                    "max-age=60, private",
		"Query.staffOnly Query.countBriefly": "max-age=10, private",
		"Mutation.buy Book.title":            "max-age=60, public", // the gateway keeps no answer to a mutation
		"Query.readers Query.myNode ReaderConnection.total Book.id Reader.id Shelf": "max-age=40, private",
	} {
		if got := table.Of(selection(selected)).Header(); got != want {
			t.Errorf("%s: got %q, want %q", selected, got, want)
		}
	}
}

func TestNonsense(t *testing.T) {
	t.Parallel()
	head, err := os.ReadFile("testdata/shop.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	directives, _, _ := strings.Cut(string(head), "type Query")
	for schema, want := range map[string]string{
		`type Query { a: Int @cacheControl(maxAge: -1) }`:                                              "Query.a: maxAge must be from 0 to 31536000 seconds, not -1",
		`type Query { a: Int @cacheControl(maxAge: 31536001) }`:                                        "not 31536001",
		`type Query { a: A } type A @cacheControl(maxAge: 1, inheritMaxAge: true) { b: Int }`:          "A: maxAge and inheritMaxAge contradict each other",
		`type Query { a: A } type A { b: Int @cacheControl }`:                                          "A.b: @cacheControl says nothing",
		`type Query { a: A } type A { b: Int @cacheControl(inheritMaxAge: false) }`:                    "A.b: @cacheControl says nothing",
		`type Query { a: A @cacheControl(inheritMaxAge: true) } type A { b: Int }`:                     "Query.a: there is nothing above it",
		`type Query { a: Int } type Mutation { b: Int @cacheControl(maxAge: 1) }`:                      "Mutation.b: only answers to queries are kept",
		`type Query { a: A } type A @authenticated @cacheControl(scope: PUBLIC) { b: Int }`:            "A: it is not for everybody to see, so it cannot be PUBLIC",
		`type Query { a: A @requiresScopes(scopes: []) @cacheControl(scope: PUBLIC) } type A {b: Int}`: "Query.a: it is not for everybody",
	} {
		parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: directives + schema})
		if err != nil {
			t.Fatalf("%v: %s", err, schema)
		}
		if _, err := cachecontrol.NewTable(parsed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", schema, err)
		}
	}
}

// TestNothingSaid: a schema without @cacheControl lets nothing be kept.
func TestNothingSaid(t *testing.T) {
	t.Parallel()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: `type Query { a: A b: Int } type A { b: Int }`})
	if err != nil {
		t.Fatal(err)
	}
	table, err := cachecontrol.NewTable(schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, selected := range []string{"Query.a A.b", "Query.b"} {
		if p := table.Of(selection(selected)); p != (cachecontrol.Policy{}) {
			t.Errorf("%s: %+v", selected, p)
		}
	}
}
