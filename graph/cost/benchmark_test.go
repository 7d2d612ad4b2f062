package cost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// large has 500 selections, half of them lists that variables size, half under conditions, and none
// that cost nothing.
func large() (query string, vars map[string]any) {
	var b strings.Builder
	b.WriteString("query(")
	vars = map[string]any{}
	for i := range 10 {
		fmt.Fprintf(&b, "$n%d: Int, $on%d: Boolean!, $f%d: TrackFilter, ", i, i, i)
		vars[fmt.Sprintf("n%d", i)] = int64(i)
		vars[fmt.Sprintf("on%d", i)] = i%3 > 0
		vars[fmt.Sprintf("f%d", i)] = map[string]any{"nameStartsWith": "A"}
	}
	b.WriteString(") {")
	for i := range 50 {
		n := i % 10
		fmt.Fprintf(&b, ` a%d: artists(first: $n%d) { nodes { albums(last: $n%d) @include(if: $on%d) { edges { node {
			artist { id } tracks(first: $n%d, filter: $f%d) { totalCount nodes { genre { name } } } } } } } }`, i, n, n, n, n, n)
	}
	b.WriteString("}")
	return b.String(), vars
}

func BenchmarkEstimate(b *testing.B) {
	p := store(b)
	query, vars := large()
	for _, bench := range []struct {
		name, query string
		vars        map[string]any
	}{
		{"500 selections", query, vars},
		{"point", `query($id: ID!) { album(id: $id) { id title artist { name } } }`, map[string]any{"id": "alb_1"}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			price := p.compile(b, bench.query)
			b.ReportAllocs()
			for b.Loop() {
				price.Estimate(bench.vars)
			}
		})
	}
}

func BenchmarkMostExpensive(b *testing.B) {
	query, vars := large()
	e := store(b).compile(b, query).Estimate(vars)
	b.ReportAllocs()
	for b.Loop() {
		e.MostExpensive()
	}
}

func BenchmarkCompile(b *testing.B) {
	p := store(b)
	query, _ := large()
	b.Run("500 selections", func(b *testing.B) { benchmarkCompile(b, p, query) })
	b.Run("point", func(b *testing.B) {
		benchmarkCompile(b, p, `query($id: ID!) { album(id: $id) { id title artist { name } } }`)
	})
	for _, h := range hostile {
		b.Run(h.name, func(b *testing.B) { benchmarkCompile(b, shop(b), h.query) })
	}
}

func BenchmarkTooLarge(b *testing.B) {
	p := shop(b)
	doc, err := parser.ParseQuery(&ast.Source{Input: subsets(16)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Compile(doc, doc.Operations[0]); err == nil {
			b.Fatal("not too large")
		}
	}
}

func benchmarkCompile(b *testing.B, p pricing, query string) {
	b.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Compile(doc, doc.Operations[0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMeter(b *testing.B) {
	p := store(b)
	price := p.compile(b, `{ tracks(first: 100) { nodes { id } } }`)
	node := p.parse(b, `{ tracks(first: 100) { nodes { id } } }`).Operations[0].SelectionSet[0].(*ast.Field)
	b.ReportAllocs()
	for b.Loop() {
		m := price.Meter(nil)
		for range 20 {
			m.Objects("Track", 100)
			m.Field("Query", node, 1)
		}
		if m.Total() == 0 {
			b.Fatal("nothing counted")
		}
	}
}
