package overlap

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// textBytes is the longest document that the gateway takes by default.
const textBytes = 15_000

// fill repeats a part until the text has about so many bytes.
func fill(bytes int, part func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < bytes; i++ {
		b.WriteString(part(i))
	}
	return b.String()
}

// nest puts a text into levels of selection sets.
func nest(levels []string, inner string) string {
	return strings.Join(levels, "{") + "{" + inner + strings.Repeat("}", len(levels))
}

func repeat(s string, n int) []string { return strings.Split(strings.Repeat(s+"|", n-1)+s, "|") }

// hostile are documents of that length, each the worst in a way of its own.
func hostile() map[string]string {
	one := func(list ...string) func(i int) string { return func(i int) string { return list[i%len(list)] } }
	on := func(i int) string { return "...on " + one("A", "B", "C")(i) }
	fragments := func(body string) string {
		return "{n{...F0}}" + fill(textBytes-200, func(i int) string {
			r := strings.NewReplacer("+0", fmt.Sprint(i), "+1", fmt.Sprint(i+1), "+2", fmt.Sprint(i+2), "+r", fmt.Sprint(i+1+i%7))
			return r.Replace("fragment F+0 on Node{" + body + "}")
		})
	}
	names := func(bytes int, field string) string {
		return fill(bytes, func(i int) string { return fmt.Sprintf("a%d:%s ", i, field) })
	}
	return map[string]string{
		"one field":       nest([]string{""}, fill(14900, one("x "))),
		"one alias":       nest([]string{""}, fill(14900, one("x:v ", "x:x "))),
		"many aliases":    nest([]string{""}, names(14900, "x")),
		"equal objects":   nest([]string{""}, fill(14900, one("a{a}"))),
		"equal arguments": nest([]string{"", "n"}, fill(14900, one("b(x:1,z:[1,2])", "b(z:[1,2],x:1)"))),
		"many arguments":  nest([]string{"", "n"}, "b("+names(7400, "1")+")b("+names(7400, "1")+")"),
		"deep":            nest([]string{""}, nest(repeat("n", 900), "id")),
		"deep twice":      nest([]string{""}, nest(repeat("n", 900), "id")+nest(repeat("n", 900), "id")),
		"deep inline":     nest([]string{""}, nest(repeat("...", 900), "x")),
		"deep and wide":   nest([]string{""}, fill(14900, one(nest(repeat("n", 12), "id")))),
		"ways": nest([]string{"", "n"}, fill(14900, func(i int) string {
			return nest([]string{on(i), "own", "n"}, "id")
		})),
		"different on each object": nest([]string{"", "n"}, fill(14900, one("...on A{v:own{a}}", "...on B{v:own{a}}"))),
		"apart at the bottom": nest([]string{""}, fill(14900, func(i int) string {
			return nest([]string{"n", on(i), "n", on(i / 3), "n", on(i / 9), "n", on(i % 2)}, one("v", "v:a")(i))
		})),
		"apart at the top": nest([]string{""}, fill(14900, func(i int) string {
			return nest([]string{"n", on(i % 2), "n", on(i / 2), "n", on(i / 6), "n"}, one("x:a", "x:name")(i))
		})),
		"interfaces between": nest([]string{""}, fill(14900, func(i int) string {
			path := []string{"n", "n", "n", "n", "n", "n", "n", on(i)}
			path[i%6] += "{" + on(i/6)
			return nest(path, "x:own{a}") + "}"
		})),
		"bomb":              fragments("n{...F+1 ...F+1}"),
		"bomb of two names": fragments("n{...F+1}m:n{...F+1}"),
		"bomb apart":        fragments("...on A{n{...F+1}}...on B{n{...F+1}m:n{...F+1}}"),
		"bomb that counts":  fragments("n{...F+1}m:n{...F+1 ...F+2}"),
		"bomb at random":    fragments("n{...F+1}m:n{...F+1 ...F+r}"),
		"bomb in threes":    fragments("id n{...F+1 ...F+2 ...F+r}"),
		"bomb that differs": fragments("...on A{v:own{n{...F+1}}}...on B{v:own{n{...F+1}}}...on C{v:own{n{...F+2}}}"),
		"many spreads": nest([]string{""}, fill(12500, func(i int) string { return fmt.Sprintf("...F%d ", i%50) })) +
			fill(2400, func(i int) string { return fmt.Sprintf("fragment F%d on Query{x n{id}}", i) }),
		"one fragment in each field": nest([]string{""}, fill(7400, func(i int) string { return fmt.Sprintf("f%d:n{...F}", i) })) +
			nest([]string{"fragment F on Node"}, names(7400, "id")),
		"one fragment on each way": nest([]string{""}, fill(9000, func(i int) string {
			return nest([]string{"n", on(i), "n", on(i / 3), "n", on(i / 9), "n"}, "...F")
		})) + nest([]string{"fragment F on Node"}, names(5800, "id")),
		"one fragment that differs": nest([]string{""}, fill(9000, func(i int) string {
			return nest([]string{"n", on(i), "n", on(i / 3), "n", on(i / 9), "n"}, "...F")
		})) + nest([]string{"fragment F on Node"}, fill(5800, one("...on A{x:a}", "...on B{x:id}"))),
	}
}

// examine does what the rule does during the walk of a document, which has happened.
func examine(s *ast.Schema, doc *ast.QueryDocument) {
	c := newChecker(s, doc, func(...core.ErrorOption) {})
	for _, op := range doc.Operations {
		c.root(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		if !c.reached[f.Name] {
			c.root(f.SelectionSet)
		}
	}
}

// TestTakesLittleTime gives the rule each document; it must not need more than 5 ms of a quiet
// processor, or ten times what parsing takes where that is more: on a slower machine. The best of
// several runs counts, because the processor is seldom quiet: it is tried for as long as it takes to
// meet such a moment.
func TestTakesLittleTime(t *testing.T) { //nolint:paralleltest // it measures time
	s := schema(t)
	for name, text := range hostile() {
		doc := parse(t, text)
		core.Walk(s, doc, &core.Events{})
		least, parsing, begun := time.Hour, time.Hour, time.Now()
		bound := func() time.Duration { return max(5*time.Millisecond, 10*parsing) }
		for n := 0; n < 15 || least > bound() && time.Since(begun) < time.Minute; n++ {
			start := time.Now()
			parse(t, text)
			parsed := time.Now()
			examine(s, doc)
			least, parsing = min(least, time.Since(parsed)), min(parsing, parsed.Sub(start))
		}
		t.Logf("%-28s %6d bytes %10v, parsed in %v", name, len(text), least, parsing)
		if least > bound() {
			t.Errorf("%s takes %v, and parsing %v", name, least, parsing)
		}
	}
}

func BenchmarkRule(b *testing.B) {
	s := schema(b)
	all := hostile()
	all["ordinary"] = newWriter(7).document()
	for name, text := range all {
		doc := parse(b, text)
		core.Walk(s, doc, &core.Events{})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				examine(s, doc)
			}
		})
	}
}
