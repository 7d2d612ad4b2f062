package breadth

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Schema holds the field tables of a GraphQL schema. The plugin in graph/codegen/breadth generates
// the function that builds it.
type Schema struct {
	types  []*Type // by Type.ID
	byName map[string]*Type
	// possible are the object types that a composite type stands for (GetPossibleTypes).
	possible map[string][]*Type

	// executable names the directives of operations (on QUERY, FIELD and so on) that have code
	// behind them. Operations that use one go to gqlgen's own executor.
	executable []string

	// leads says which fields Lead tells of; nil: of none.
	leads func(above, below string) bool

	// context prepares the context of an execution; nil: as it is.
	context func(ctx context.Context) context.Context
}

// RequireDirective panics unless there is a function for a directive on the definition of a field:
// gqlgen's executor would fail each such field of each request, and with rights behind it, a server that
// says so when it starts is better. Generated code calls it.
func RequireDirective(name string, given bool) {
	if !given {
		panic("breadth: @" + name + " stands on fields and has no function: set it in the DirectiveRoot of the executable schema")
	}
}

// Type is one object type of the schema.
type Type struct {
	Name   string
	ID     int  // its place in the schema's types
	Root   bool // of operations: it has no objects
	Fields []*Field

	// WriteRun writes neighbouring plain leaf fields of object i: one indirect call for an object
	// instead of one for each field. objs is the level's []P, P being the type's Go reference.
	WriteRun func(b []byte, objs any, i int, run []Leaf, s *Sink) []byte
	// Concat joins two levels of this type.
	Concat func(a, b any) any
	// Alike finds objects that stand in a level more than once, see the function Alike; nil where they are
	// not held by pointer.
	Alike func(objs any) (numbers []uint16, distinct int)

	byName    map[string]*Field
	def       *ast.Definition
	satisfies map[string]bool // type conditions that objects of this type meet
}

// Field says how one field of an object type is read. Either Num or Resolve is set.
type Field struct {
	Name string
	// Num is the number of a plain leaf field in WriteRun, from 1.
	Num int
	// Resolve gives the field's values for all objects of a level.
	Resolve func(c *Call) Column
	// Wave is set where Resolve may wait for something, so that it joins a wave and runs beside
	// the others. What the rows hold already is read as soon as a level opens.
	Wave bool

	// Args coerces raw argument values (CoerceArgumentValues); nil when there are no arguments.
	Args func(ctx context.Context, raw map[string]any) (map[string]any, error)
	// ConstantArgs is set where the same raw values give the same arguments in every request, so
	// that they may be coerced when the plan is compiled; unless one of MutableArgs is given, whose
	// Go values a resolver could change.
	ConstantArgs bool
	MutableArgs  []string

	// Around calls the run-time directives of the field's definition, once for all objects. obj
	// is the level's []P (nil for root fields), and results are those of the whole level.
	Around func(ctx context.Context, obj any, next graphql.Resolver) (any, error)

	// Subscribe opens the source stream of a subscription root field and calls event for each of
	// its values. The result is gqlgen's: it gives nil at the end of the stream.
	Subscribe func(c *Call, event func(ctx context.Context, value Column) graphql.Marshaler) func(ctx context.Context) graphql.Marshaler

	IsResolver, IsMethod bool // as in graphql.FieldContext

	inTurn bool // see InTurn
}

// Leaf is one field of a run: what stands before its value, and its number in the type.
type Leaf struct {
	Key []byte
	Num int

	field *FieldPlan
}

// NewSchema builds tables out of the types, which stand in the order of their IDs. executable names
// the run-time directives of operations; prepare may be nil.
func NewSchema(types []*Type, executable []string, prepare func(ctx context.Context) context.Context) *Schema {
	s := &Schema{types: types, byName: make(map[string]*Type, len(types)), executable: executable, context: prepare}
	for i, t := range types {
		if t.ID != i {
			panic(fmt.Sprintf("breadth: type %s stands at %d and says %d", t.Name, i, t.ID))
		}
		s.byName[t.Name] = t
		t.byName = make(map[string]*Field, len(t.Fields))
		for _, f := range t.Fields {
			t.byName[f.Name] = f
		}
	}
	return s
}

// link joins the tables with the definitions of the schema that they were generated from.
func (s *Schema) link(schema *ast.Schema) error {
	for _, t := range s.types {
		if t.def = schema.Types[t.Name]; t.def == nil {
			return fmt.Errorf("the schema has no type %s", t.Name)
		}
		t.satisfies = map[string]bool{t.Name: true, "": true}
		for _, abstract := range schema.GetImplements(t.def) {
			t.satisfies[abstract.Name] = true
		}
	}
	s.possible = map[string][]*Type{}
	for name, def := range schema.Types {
		for _, p := range schema.GetPossibleTypes(def) {
			if t := s.byName[p.Name]; t != nil {
				s.possible[name] = append(s.possible[name], t)
			}
		}
	}
	return nil
}

// isExecutable reports whether a directive of an operation has code behind it.
func (s *Schema) isExecutable(name string) bool { return slices.Contains(s.executable, name) }
