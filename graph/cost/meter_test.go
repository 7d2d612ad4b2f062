package cost_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"backline/graph/cost"
)

// fieldAt finds a field by its response keys.
func fieldAt(doc *ast.QueryDocument, path ...string) *ast.Field {
	set := doc.Operations[0].SelectionSet
	var found *ast.Field
	for _, key := range path {
		for _, s := range set {
			if f, ok := s.(*ast.Field); ok && f.Alias == key {
				found = f
			}
		}
		set = found.SelectionSet
	}
	return found
}

func TestMeter(t *testing.T) {
	t.Parallel()
	p := shop(t)
	doc := p.parse(t, `query($kind: Kind) { products(first: 10) { nodes { price related(first: 5) { id name } } } report(kind: $kind) { body stamp } }`)
	price, err := p.Compile(doc, doc.Operations[0])
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]any{"kind": nil}
	m := price.Meter(vars)
	for _, step := range []struct {
		count func()
		want  string
	}{
		{func() { m.Objects("Query", 1) }, "0"},
		{func() { m.Field("Query", fieldAt(doc, "products"), 1) }, "1"},
		{func() { m.Objects("ProductConnection", 1) }, "1"},
		{func() { m.Field("ProductConnection", fieldAt(doc, "products", "nodes"), 1) }, "1"},
		{func() { m.Objects("Product", 4) }, "9"}, // four of ten
		{func() { m.Field("Product", fieldAt(doc, "products", "nodes", "related"), 4) }, "13"},
		{func() { m.Objects("Person", 2) }, "15"},
		{func() { m.Field("Person", fieldAt(doc, "products", "nodes", "related", "name"), 2) }, "16"},
		{func() { m.Field("Query", fieldAt(doc, "report"), 1) }, "26"}, // its argument is null
		{func() { m.Objects("Report", 1) }, "27"},
		{func() { m.Field("Report", fieldAt(doc, "report", "stamp"), 1) }, "27.2"},
		{func() { m.Field("Report", fieldAt(doc, "report", "body"), 1) }, "28.45"},
		{func() { m.Objects("Nothing", 1) }, "28.45"},
		{func() { m.Field("Nothing", fieldAt(doc, "report"), 1) }, "28.45"},
		{func() { m.Field("Product", fieldAt(doc, "report"), 1) }, "28.45"},
	} {
		if step.count(); m.Total().String() != step.want {
			t.Fatalf("counted %v, not %s", m.Total(), step.want)
		}
	}
	if e := price.Estimate(vars); m.Total() > e.Total {
		t.Errorf("actual %v, estimate %v", m.Total(), e.Total)
	}
}

// A Price is shared by all requests with its document.
func TestEstimateTogether(t *testing.T) {
	t.Parallel()
	p := shop(t)
	price := p.compile(t, `query($n: Int) { products(first: $n) { nodes { maker { id } } } }`)
	other := p.compile(t, `{ a: product(id: 1) { id } b: product(id: 1) { maker { id spouse { id } } } }`)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 1000 {
				if e := price.Estimate(map[string]any{"n": int64(i)}); e.Total != cost.Point*cost.Points(1+4*i) {
					t.Errorf("%d products cost %v", i, e.Total)
				}
				if e := other.Estimate(nil); e.Total != 10*cost.Point {
					t.Errorf("costs %v", e.Total)
				}
			}
		})
	}
	group.Wait()
}

// Beyond 64 variables in @skip and @include the price is that of everything included.
func TestManySwitches(t *testing.T) {
	t.Parallel()
	var head, body strings.Builder
	vars := map[string]any{}
	for i := range 70 {
		fmt.Fprintf(&head, "$v%d: Boolean! ", i)
		fmt.Fprintf(&body, "a%d: product(id: 1) @include(if: $v%d) { id } ", i, i)
		vars[fmt.Sprintf("v%d", i)] = false
	}
	e := shop(t).compile(t, "query("+head.String()+") { "+body.String()+"}").Estimate(vars)
	if e.Total != 6*3*cost.Point {
		t.Errorf("six of 70 cost %v", e.Total)
	}
}

// The query of developers' tools has a price that any maximum allows, and one level more of fields of
// types of fields has not.
func TestIntrospection(t *testing.T) {
	t.Parallel()
	const typeRef = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }"
	const tool = `query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
		types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
		fragment FullType on __Type { kind name description specifiedByURL isOneOf
			fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
			inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
			enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
		fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
		fragment TypeRef on __Type { ` + typeRef + ` }`
	p := store(t)
	if e := p.compile(t, tool).Estimate(nil); e.Total > 500*cost.Point || e.Total < 10*cost.Point {
		t.Errorf("the tools' query costs %v", e.Total)
	} else {
		t.Logf("the tools' query costs %v", e.Total)
	}
	nested := "name"
	for range 5 {
		nested = "fields { type { " + nested + " } }"
	}
	// gqlparser refuses it too, so it is not validated.
	doc, err := parser.ParseQuery(&ast.Source{Input: "{ __schema { types { " + nested + " } } }"})
	if err != nil {
		t.Fatal(err)
	}
	price, err := p.Compile(doc, doc.Operations[0])
	if err != nil {
		t.Fatal(err)
	}
	if e := price.Estimate(nil); e.Total < 1000*cost.Point {
		t.Errorf("types of fields of types of fields cost %v", e.Total)
	}
}
