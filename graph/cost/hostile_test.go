package cost_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"backline/graph/cost"
)

// bomb spreads each fragment twice in the one before, as body says with the next one's name.
func bomb(levels int, on, first, body, last string) string {
	var b strings.Builder
	fmt.Fprintf(&b, first, "...F0")
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on %s { %s }", i, on, fmt.Sprintf(body, fmt.Sprintf("...F%d", i+1)))
	}
	fmt.Fprintf(&b, " fragment F%d on %s { %s }", levels, on, last)
	return b.String()
}

const oneProduct = "query { product(id: 1) { %s } }"

// hostile documents would take for ever, or cost nothing, with a naive price. They are not validated
// here: gqlparser takes seconds for some.
var hostile = []struct {
	name, query, want string
}{
	{
		"60 levels of fragments, all of them at one place",
		bomb(60, "Product", oneProduct, "%[1]s %[1]s", "maker { id }"), "5",
	},
	{
		"60 levels of fragments, each a level of the response", // 2^60 fields
		bomb(60, "Thing", "query { thing(id: 1) { %s } }", "a: related(first: 1) { %[1]s } b: related(first: 1) { %[1]s }", "id"),
		"more than 9223372036854775",
	},
	{
		"60 levels of fragments that merge",
		bomb(60, "Product", oneProduct, "related(first: 1) { %[1]s } related(first: 1) { %[1]s }", "id"), "183",
	},
	{
		"24 levels under conditions",
		bomb(24, "Product", "query($a: Boolean = true, $b: Boolean = true) { product(id: 1) { %s } }", "%[1]s @include(if: $a) %[1]s @skip(if: $b) %[1]s", "maker { id }"), "5",
	},
	{
		"24 levels on connections",
		bomb(24, "ProductConnection", "query { a: products(first: 1) { %[1]s } b: products(first: 2) { %[1]s } }", "... { %[1]s } %[1]s", "nodes { id } edges { node { id } }"), "14",
	},
	{
		"24 levels on introspection",
		bomb(24, "__Type", `query { __type(name: "A") { %s } }`, "ofType { %[1]s } fields { type { %[1]s } }", "name"), "more than 9223372036854775",
	},
	{
		"4000 times the same field",
		"{ product(id: 1) {" + strings.Repeat("maker { id } ", 4000) + "} }", "5",
	},
	{
		"1000 aliases",
		"{" + strings.Join(each(1000, "a%d: product(id: 1) { id }"), " ") + "}", "3000",
	},
	{
		"nesting",
		"{ product(id: 1) {" + strings.Repeat("maker { spouse { related(first: 2147483647) { ... on Product {", 200) + " id " + strings.Repeat("} } } }", 200) + "} }", "more than 9223372036854775",
	},
}

func each(n int, format string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return all
}

func TestHostile(t *testing.T) {
	t.Parallel()
	p := shop(t)
	for _, test := range hostile {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			doc, err := parser.ParseQuery(&ast.Source{Input: test.query})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			price, err := p.Compile(doc, doc.Operations[0])
			if err != nil {
				t.Fatal(err)
			}
			e := price.Estimate(nil)
			if got := e.Total.String(); got != test.want {
				t.Errorf("costs %s, not %s", got, test.want)
			}
			if path, share := e.MostExpensive(); path == "" || share > e.Total {
				t.Errorf("%q costs %v", path, share)
			}
			if took := time.Since(start); took > time.Minute { // it is milliseconds, or longer than anybody lives
				t.Errorf("took %v", took)
			}
		})
	}
}

// Fields merge in a different way on each path into the response, so that no two levels are alike: the
// way b adds a fragment to those that come along.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	p := shop(t)
	doc, err := parser.ParseQuery(&ast.Source{Input: subsets(16)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Compile(doc, doc.Operations[0]); !errors.Is(err, cost.ErrTooLarge) {
		t.Errorf("%v, not %v", err, cost.ErrTooLarge)
	}
}

// subsets has 2^n levels that differ.
func subsets(n int) string {
	var b strings.Builder
	b.WriteString("{ thing(id: 1) { ...Base0 } }")
	for i := range n {
		fmt.Fprintf(&b, " fragment Base%d on Thing { a: related { ...Base%d } b: related { ...Base%d ...Bit%d_%d } }", i, i+1, i+1, i, i+1)
		for bit := range i {
			fmt.Fprintf(&b, " fragment Bit%d_%d on Thing { a: related { ...Bit%d_%d } b: related { ...Bit%d_%d } }", bit, i, bit, i+1, bit, i+1)
		}
		fmt.Fprintf(&b, " fragment Bit%d_%d on Thing { bit%d: related { id } }", i, n, i)
	}
	fmt.Fprintf(&b, " fragment Base%d on Thing { id }", n)
	return b.String()
}

// Validation refuses these; they must not hang or panic either.
func TestInvalid(t *testing.T) {
	t.Parallel()
	p := shop(t)
	for _, query := range []string{
		`{ product(id: 1) { ...F } } fragment F on Product { maker { id } ...F }`,
		`{ product(id: 1) { ...F } } fragment F on Product { ...G } fragment G on Product { related { ...F } ...F }`,
		`{ product(id: 1) { ...F } } fragment F on Product { maker { spouse { related { ...F } } } }`,
		`{ product(id: 1) { ...Missing } }`,
		`{ missing }`,
		`{ product(id: 1) { ... on Missing { id } maker } }`,
		`{ product { id { id } } }`,
		`query($n: Missing) { products(first: $n, first: {a: $m}, last: [1, {b: $n}]) { nodes } }`,
		`query { paged(input: [{page: 1}]) { id } things(ids: {a: 1}) { id } a: paged(input: 5) { id } }`,
		`mutation { addProducts(products: [[[{name: {name: 1}}]]]) { id } }`,
		`{ product(id: 1) @skip { id } words @include(if: 1) @skip(if: "x") }`,
		`{ a: product(id: 1) { id } a: product(id: 2) { maker { id } } a: words }`,
		`subscription { words }`,
	} {
		doc, err := parser.ParseQuery(&ast.Source{Input: query})
		if err != nil {
			t.Fatal(err)
		}
		price, err := p.Compile(doc, doc.Operations[0])
		if err != nil {
			continue
		}
		if e := price.Estimate(map[string]any{"n": map[string]any{"a": []any{nil}}}); e.Total < 0 {
			t.Errorf("%s costs %v", query, e.Total)
		}
	}
}
