package limit_test

import (
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"backline/gateway/limit"
)

// FuzzDocument compares the checks with counting what the fragments of a document expand to, one by
// one. No document may pass that has more than is allowed.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		"{a{b:c...F@x}...{d@y}}fragment F on A@z{e ...G ...G}fragment G on A{g{h}}",
		"query A{...F}query B{__schema{...F}}fragment F on A{a{b}}", "{...F}fragment F on A{...F a}",
		"mutation{a b c d e}", "{a(first:101,b:[[{c:\"d\"}]])}", "{" + chain(12, "...%d ...%d", "a") + "}",
	} {
		f.Add(text)
	}
	l := limit.Limits{
		DocumentBytes: 400, Tokens: 150, Operations: 2, Depth: 3, IntrospectionDepth: 5, Aliases: 4, RootFields: 3,
		MutationFields: 2, Directives: 4, Selections: 15, InputDepth: 2, ListLength: 3, StringBytes: 8,
	}.WithDefaults()
	f.Fuzz(func(t *testing.T, text string) {
		if l.Text(text) != nil {
			return
		}
		doc, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			return
		}
		refused := l.Document(doc)
		for _, op := range doc.Operations {
			c := counter{doc: doc, budget: 20_000}
			c.set(op.SelectionSet, 1, false, true)
			c.directives += len(op.Directives)
			for _, v := range op.VariableDefinitions {
				c.directives += len(v.Directives)
			}
			fields := l.RootFields
			if op.Operation == ast.Mutation {
				fields = l.MutationFields
			}
			over := c.depth > l.Depth || c.introspection > l.IntrospectionDepth || c.aliases > l.Aliases ||
				c.directives > l.Directives || c.selections > l.Selections || len(c.root) > fields || len(doc.Operations) > l.Operations
			if refused == nil && over && !c.cyclic {
				t.Fatalf("%q passes with %+v", text, c)
			}
		}
	})
}

// counter expands a document as far as its budget goes.
type counter struct {
	doc                                                   *ast.QueryDocument
	budget                                                int
	depth, introspection, aliases, directives, selections int
	root                                                  map[string]bool
	path                                                  []string
	cyclic                                                bool
}

func (c *counter) set(set ast.SelectionSet, depth int, introspecting, top bool) {
	for _, sel := range set {
		if c.budget--; c.budget < 0 {
			return
		}
		c.selections++
		switch sel := sel.(type) {
		case *ast.Field:
			c.directives += len(sel.Directives)
			if sel.Alias != sel.Name {
				c.aliases++
			}
			if top {
				if c.root == nil {
					c.root = map[string]bool{}
				}
				c.root[sel.Alias] = true
			}
			inside := introspecting || sel.Name == "__schema" || sel.Name == "__type"
			if inside {
				c.introspection = max(c.introspection, depth)
			} else {
				c.depth = max(c.depth, depth)
			}
			c.set(sel.SelectionSet, depth+1, inside, false)
		case *ast.InlineFragment:
			c.directives += len(sel.Directives)
			c.set(sel.SelectionSet, depth, introspecting, top)
		case *ast.FragmentSpread:
			c.directives += len(sel.Directives)
			c.spread(sel.Name, depth, introspecting, top)
		}
	}
}

func (c *counter) spread(name string, depth int, introspecting, top bool) {
	if slices.Contains(c.path, name) {
		c.cyclic = true
		return
	}
	if f := c.doc.Fragments.ForName(name); f != nil {
		c.path = append(c.path, name)
		c.directives += len(f.Directives)
		c.set(f.SelectionSet, depth, introspecting, top)
		c.path = c.path[:len(c.path)-1]
	}
}
