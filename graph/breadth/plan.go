package breadth

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Plan is an operation compiled for one vector of the Boolean variables in its @skip and @include
// directives. It is immutable and shared by all executions.
type Plan struct {
	kind       ast.Operation
	root       *Selection
	slots      int          // FieldPlans with a Column
	parents    []int32      // by Selection.id: FieldPlans that lead to it
	size       int          // FieldPlans
	selections []*Selection // by Selection.id

	selected selected
	prepared any // what loaders made of that, see Foretell
	deriving sync.Once
	derived  any // see Derive

	subtrees      []subtreePlan
	isAllSubtrees bool // the root has nothing else
}

// selected are the fields of each object type that the plan selects.
type selected map[*Type]map[string]struct{}

func (s selected) names() Selected {
	names := make(Selected, len(s))
	for t, fields := range s {
		names[t.Name] = slices.Sorted(maps.Keys(fields))
	}
	return names
}

// IsQuery says that the operation is a query.
func (p *Plan) IsQuery() bool { return p.kind == ast.Query }

// Derive gives what derive makes of the fields that the plan selects. It is made once for a plan, when it
// is first asked for: there is one derivation, that of the transport.
func (p *Plan) Derive(derive func(s Selected) any) any {
	p.deriving.Do(func() { p.derived = derive(p.selected.names()) })
	return p.derived
}

// Selection is the merged selection set (CollectSubfields) for one concrete type at one place of
// the response. All objects of that type at that place form its level, whichever lists they are in.
type Selection struct {
	id    int
	typ   *Type
	steps []step
	deep  []*FieldPlan // those with a Column, in order
	nodes []*ast.Field // the first of each field's, for a Meter
	close []byte       // constants that end the object, and `}`
	waits bool         // a resolver stands here or below
	plain bool         // there are plain leaf fields and nothing else
	// joins is set where a level below has several parents, so that it must be told when there
	// are no objects here.
	joins bool
}

// step writes one field that has a Column, or a run of neighbouring plain leaf fields.
type step struct {
	key   []byte // `{"name":` or `,"name":`, preceded by constants folded into it
	field *FieldPlan
	run   []Leaf
}

// FieldPlan is one entry of a grouped field set: a response key, the field of the concrete type,
// and the fields of the document merged into it.
type FieldPlan struct {
	typ   *Type
	def   *Field
	key   string
	nodes []*ast.Field // merged; the first one names field and arguments
	typed *ast.Field   // the first node with the concrete type's definition, for the arguments that args lacks
	slot  int          // of its Column; -1 for plain leaves
	level int          // the Selection it belongs to

	coordinate string         // Type.field
	args       map[string]any // coerced once: those that are free of variables
	fixed      bool           // these are all

	gql          *ast.Type // the concrete type's, which an interface's field may be weaker than
	nonNull      []bool    // of the field itself, then of its elements, list by list
	subs         []*Selection
	childContext func(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error)
	ahead        []string     // resolver fields below
	leads        []*FieldPlan // fields below that Lead tells of
	waits        bool         // a resolver stands below
	joins        bool         // a level below has several parents
	subtree      int          // its number among Plan.subtrees, from 1; 0: it is none
}

// sub is the selection for objects of a concrete type.
func (f *FieldPlan) sub(typ int) *Selection {
	for _, s := range f.subs {
		if s.typ.ID == typ {
			return s
		}
	}
	return nil
}

// selections are the merged selection sets, as gqlgen's field contexts show them.
func (f *FieldPlan) selections() ast.SelectionSet {
	if len(f.nodes) == 1 {
		return f.nodes[0].SelectionSet
	}
	var all ast.SelectionSet
	for _, n := range f.nodes {
		all = append(all, n.SelectionSet...)
	}
	return all
}

// at is the type of the field (0) or of its elements inside depth lists.
func (f *FieldPlan) at(depth int) *ast.Type {
	t := f.gql
	for range depth {
		t = t.Elem
	}
	return t
}
