package cost_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/cost"
)

const directives = `
directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
type T { id: ID! }
input Page { first: Int, size: Size, kind: String }
input Size { n: Int! }
`

func newTable(t *testing.T, sdl string) (*cost.Table, error) {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema/a.graphqls", Input: sdl + directives})
	if err != nil {
		t.Fatal(err)
	}
	return cost.NewTable(schema)
}

func TestTableRefuses(t *testing.T) {
	t.Parallel()
	for sdl, want := range map[string]string{
		`type Query { a: T @cost(weight: "many") }`:                                                        `schema/a.graphqls:1:20: Query.a: the weight "many" must be a number`,
		`type Query { a: T @cost(weight: "") }`:                                                            `Query.a: the weight "" must be`,
		`type Query { a: T @cost(weight: "1.2345") }`:                                                      `Query.a: the weight "1.2345" must be`,
		`type Query { a: T @cost(weight: "1e9") }`:                                                         `Query.a: the weight "1e9" must be`,
		`type Query { a: T @cost(weight: "1000000.001") }`:                                                 `Query.a: the weight "1000000.001" must be`,
		`type Query { a: T @cost(weight: "--1") }`:                                                         `Query.a: the weight "--1" must be`,
		`type Query { a: T @cost(weight: "-1") }`:                                                          `Query.a: the weight -1 is negative`,
		`type Query { a: O } type O @cost(weight: "-0.5") { id: ID! }`:                                     `O: the weight -0.5 is negative`,
		`type Query { a: S } scalar S @cost(weight: "x")`:                                                  `S: the weight "x" must be`,
		`type Query { a(b: Int @cost(weight: "x")): T }`:                                                   `Query.a(b:): the weight "x" must be`,
		`type Query { a(b: In): T } input In { c: Int @cost(weight: "x") }`:                                `In(c:): the weight "x" must be`,
		`type Query { a: [T] }`:                                                                            `schema/a.graphqls:1:14: Query.a is a list without a bound; add @listSize(assumedSize: …), or name it in the sizedFields of the fields of type Query`,
		`type Query { a: C } type C { nodes: [T] }`:                                                        `C.nodes is a list without a bound`,
		`type Query { a: C @listSize(assumedSize: 1, sizedFields: ["nodes"]) b: C } type C { nodes: [T] }`: `C.nodes is a list without a bound`,
		`type Query { a: C @listSize(assumedSize: 1, sizedFields: ["nodes"]) b: I } interface I { id: ID } type C implements I { id: ID nodes: [T] }`: `C.nodes is a list without a bound`,
		`type Query { a: [S] } scalar S @cost(weight: "1")`:                                                  `Query.a is a list without a bound`,
		`type Query { a: [[T]] @listSize(assumedSize: 1) }`:                                                  `Query.a is a list of lists`,
		`type Query { a(n: Int): [T] @listSize(slicingArguments: ["n"], requireOneSlicingArgument: false) }`: `Query.a is a list of unknown size when no slicing argument is given; add assumedSize`,
		`type Query { a: [T] @listSize }`:                                                                    `Query.a is a list of unknown size`,
		`type Query { a: [T] @listSize(assumedSize: 0) }`:                                                    `Query.a: assumedSize is 0`,
		`type Query { a: [T] @listSize(assumedSize: -3) }`:                                                   `Query.a: assumedSize is -3`,
		`type Query { a(n: Int): [T] @listSize(slicingArguments: ["m"]) }`:                                   `Query.a: the slicing argument "m" does not exist`,
		`type Query { a(n: Int): [T] @listSize(slicingArguments: ["n.first"]) }`:                             `Query.a: the slicing argument "n.first" does not exist: Int has no input field first`,
		`type Query { a(p: Page): [T] @listSize(slicingArguments: ["p.size.m"]) }`:                           `Query.a: the slicing argument "p.size.m" does not exist: Size has no input field m`,
		`type Query { a(p: [Page]): [T] @listSize(slicingArguments: ["p.first"]) }`:                          `Query.a: the slicing argument "p.first" does not exist: [Page] has no input field first`,
		`type Query { a(p: Page): [T] @listSize(slicingArguments: ["p"]) }`:                                  `Query.a: the slicing argument "p" is a Page, neither a whole number nor a list`,
		`type Query { a(p: Page): [T] @listSize(slicingArguments: ["p.kind"]) }`:                             `Query.a: the slicing argument "p.kind" is a String, neither`,
		`type Query { a: T @listSize(assumedSize: 1) }`:                                                      `Query.a is no list; name the lists in T that have the size in sizedFields`,
		`type Query { a: [T] @listSize(assumedSize: 1, sizedFields: ["id"]) }`:                               `Query.a is a list, whose size @listSize states`,
		`type Query { a: T @listSize(assumedSize: 1, sizedFields: ["id"]) }`:                                 `Query.a: sizedFields names "id", which is no list in T`,
		`type Query { a: T @listSize(assumedSize: 1, sizedFields: ["nodes"]) }`:                              `Query.a: sizedFields names "nodes", which is no list in T`,
		`type Query { a(in: A): T } input A { b: B = {} } input B { a: A = {} }`:                             `never ends`,
		`type Query { a(in: A): T } input A { b: [A!] = [{}] }`:                                              `never ends`,
	} {
		_, err := newTable(t, sdl)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, not %q", sdl, err, want)
		}
	}
}

func TestTableAccepts(t *testing.T) {
	t.Parallel()
	for _, sdl := range []string{
		`type Query { a: [ID] b: [[String]] }`,
		`type Query { a(n: Int!): [T] @listSize(slicingArguments: ["n"], requireOneSlicingArgument: false) }`,
		`type Query { a(n: Int): [T] @listSize(slicingArguments: ["n"]) }`,
		`type Query { a(p: Page): [T] @listSize(slicingArguments: "p.size.n") }`,
		`type Query { a(n: Long): [T] @listSize(slicingArguments: ["n"]) } scalar Long`,
		`type Query { a(p: [Page!]): [T] @listSize(slicingArguments: ["p"]) }`,
		`type Query { a: C @listSize(assumedSize: 1, sizedFields: ["nodes"]) } type C { nodes: [T] c: C @listSize(assumedSize: 3, sizedFields: ["nodes"]) }`,
		`type Query { a(in: A): T } input A { b: [A!] = [], c: A = null, d: A }`,
		`type Query { a(n: Int @cost(weight: "-0.001")): T @cost(weight: "1000000") b: T @cost(weight: "0.5000") }`,
	} {
		if _, err := newTable(t, sdl); err != nil {
			t.Errorf("%s\n%v", sdl, err)
		}
	}
}

// All that is wrong is said at once.
func TestTableErrors(t *testing.T) {
	t.Parallel()
	_, err := newTable(t, "type Query {\n  a: [T]\n  b: T @cost(weight: \"x\")\n}")
	for _, want := range []string{"schema/a.graphqls:2:3: ", "schema/a.graphqls:3:9: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, without %q", err, want)
		}
	}
}
