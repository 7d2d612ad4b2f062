package breadth

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// tables are of a schema so small that they are written by hand.
func tables(t *testing.T) (*Schema, *ast.Schema) {
	t.Helper()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { a: Int b: Int self: Query }`})
	resolve := func(*Call) Column { return Column{} }
	s := NewSchema([]*Type{{Name: "Query", Root: true, Fields: []*Field{
		{Name: "a", Resolve: resolve, Wave: true}, {Name: "b", Resolve: resolve, Wave: true}, {Name: "self", Resolve: resolve},
	}}}, nil, nil)
	if err := s.link(schema); err != nil {
		t.Fatal(err)
	}
	return s, schema
}

// planner gives plans of one operation from one cache.
func planner(t *testing.T, c *cache, query string) func(vars map[string]any) *Plan {
	t.Helper()
	s, schema := tables(t)
	doc, errs := gqlparser.LoadQueryWithRules(schema, query, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	return func(vars map[string]any) *Plan {
		p, err := c.plan(s, schema, doc, doc.Operations[0], vars)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

func keys(p *Plan) string {
	var all []string
	for _, f := range p.root.deep {
		all = append(all, f.key)
	}
	return strings.Join(all, " ")
}

func TestPlansAreKept(t *testing.T) {
	t.Parallel()
	plan := planner(t, newCache(), `query($x: Boolean!, $y: Boolean!) { a @skip(if: $x) b @include(if: $y) c: a a }`)
	seen := map[*Plan]bool{}
	for _, c := range []struct {
		x, y bool
		want string
	}{
		{false, false, "a c"}, {false, true, "a b c"}, {true, false, "c a"}, {true, true, "b c a"},
	} {
		vars := map[string]any{"x": c.x, "y": c.y}
		p := plan(vars)
		if keys(p) != c.want {
			t.Errorf("%v: got %q, want %q", vars, keys(p), c.want)
		}
		if plan(vars) != p {
			t.Errorf("%v: compiled twice", vars)
		}
		seen[p] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d plans", len(seen))
	}
}

func TestPlansOfManyVariantsAreNotKept(t *testing.T) {
	t.Parallel()
	var declared, used strings.Builder
	for i := range 70 {
		fmt.Fprintf(&declared, "$v%d: Boolean! ", i)
		fmt.Fprintf(&used, "f%d: a @include(if: $v%d) ", i, i)
	}
	c := newCache()
	plan := planner(t, c, fmt.Sprintf("query(%s) { %s }", &declared, &used))
	for on := range 70 {
		vars := map[string]any{}
		for i := range 70 {
			vars[fmt.Sprintf("v%d", i)] = i == on
		}
		if got := keys(plan(vars)); got != fmt.Sprintf("f%d", on) {
			t.Errorf("%d: %s", on, got)
		}
	}
	for e := c.recent.Front(); e != nil; e = e.Next() {
		if n := len(e.Value.(*compiled).variants); n > maxVariants {
			t.Errorf("%d variants are kept", n)
		}
	}
}

func TestOldPlansGoFirst(t *testing.T) {
	t.Parallel()
	c := newCache()
	var wide strings.Builder
	for i := range maxCachedFields / 20 {
		fmt.Fprintf(&wide, "f%d: a ", i)
	}
	first := planner(t, c, "{ a }")
	kept := first(nil)
	second := planner(t, c, "{ "+wide.String()+"}")
	old := second(nil)
	for range 25 {
		planner(t, c, "{ "+wide.String()+"}")(nil)
		if first(nil) != kept {
			t.Fatal("a plan in use was dropped")
		}
	}
	if second(nil) == old {
		t.Error("the oldest plan was kept")
	}
	if c.size > maxCachedFields || len(c.byOp) != c.recent.Len() {
		t.Errorf("%d fields, %d operations, %d in order", c.size, len(c.byOp), c.recent.Len())
	}
}

func TestConditionsAreBooleans(t *testing.T) {
	t.Parallel()
	s, schema := tables(t)
	doc, errs := gqlparser.LoadQueryWithRules(schema, `query($x: Boolean = true) { a @skip(if: $x) }`, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	_, err := newCache().plan(s, schema, doc, doc.Operations[0], map[string]any{"x": nil})
	if err == nil || errors.Is(err, errDelegate) {
		t.Error(err)
	}
}

// TestPlansOfWhatHasGone: an operation that was given up while its plan was made, and has come back since,
// counts for what is kept of it, and no more.
func TestPlansOfWhatHasGone(t *testing.T) {
	t.Parallel()
	c := newCache()
	plan := planner(t, c, `{ a }`)
	plan(nil)
	first := c.recent.Front()
	entry := first.Value.(*compiled)
	c.recent.Remove(first)
	delete(c.byOp, entry.op)
	c.size -= entry.size
	plan(nil)
	c.keep(entry, "another", variant{})
	if now := c.byOp[entry.op].Value.(*compiled); c.size != now.size || len(entry.variants) != 1 {
		t.Errorf("%d is counted, and %d kept", c.size, now.size)
	}
}
