package overlap

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// shapes has objects, interfaces and a union whose fields share names and differ in their types.
const shapes = `
interface Node { id: ID! a: String b(x: Int, y: In, z: [Int]): Int n: Node u: Any list: [Node] }
interface Named { a: String name: String! n: Node }
union Any = A | B | C
type A implements Node & Named { id: ID! a: String b(x: Int, y: In, z: [Int]): Int n: Node u: Any list: [Node] name: String! own: A v: Int w: [Int] }
type B implements Node & Named { id: ID! a: String b(x: Int, y: In, z: [Int]): Int n: Node u: Any list: [Node] name: String! own: B v: String w: [Int!] }
type C implements Node { id: ID! a: String b(x: Int, y: In, z: [Int]): Int n: Node u: Any list: [Node] own: [C] v: Int! w: Int e: Color }
type D { a: String b: Int n: D own: Node v: Color e: Color }
enum Color { RED BLUE }
input In { p: Int q: Int r: In }
type Query { id: ID a: A b: B c: C n: Node u: Any d: D list: [Node] named: Named x: Int v: Int }
type Mutation { a: A x: Int }
`

func schema(tb testing.TB) *ast.Schema {
	tb.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Input: shapes})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func parse(tb testing.TB, document string) *ast.QueryDocument {
	tb.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		tb.Fatalf("%v in %.200s", err, document)
	}
	return doc
}

// apply runs one rule over a document.
func apply(s *ast.Schema, doc *ast.QueryDocument, rule core.Rule) (errs gqlerror.List) {
	events := &core.Events{}
	rule.RuleFunc(events, func(options ...core.ErrorOption) {
		err := &gqlerror.Error{Rule: rule.Name}
		for _, o := range options {
			o(err)
		}
		errs = append(errs, err)
	})
	core.Walk(s, doc, events)
	return errs
}
