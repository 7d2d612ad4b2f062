package overlap

import (
	"encoding/binary"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// field is a field in a group: one of the document, on one way.
type field struct {
	*ast.Field
	way way
}

// set is a selection set on the way to its fields.
type set struct {
	selections ast.SelectionSet
	way        way
}

// group are the fields under one name of the response.
type group struct {
	name   string
	fields []field
}

// checker looks for conflicts in one document.
type checker struct {
	schema   *ast.Schema
	addError core.AddErrFunc
	cyclic   bool
	reached  map[string]bool           // fragments that an operation spreads
	places   map[*ast.Selection]uint32 // numbers of selection sets, by their first selections
	entered  map[string]struct{}       // levels, by the selection sets that they take together
	calls    calls
	ways     *ways

	path      []string // names of the response on the way to the group at hand
	budget    int      // fields that may still be brought together
	pairs     int
	conflicts int
	stopped   bool
}

func newChecker(schema *ast.Schema, doc *ast.QueryDocument, addError core.AddErrFunc) *checker {
	c := &checker{schema: schema, addError: addError, calls: newCalls(), ways: newWays()}
	c.budget = fieldsIn(doc) + maxExpanded
	if len(doc.Fragments) > 0 { // without any, no selection set is reached twice
		c.cyclic = isCyclic(doc)
		c.places = map[*ast.Selection]uint32{}
		c.reached = make(map[string]bool, len(doc.Fragments))
		c.entered = map[string]struct{}{}
	}
	return c
}

// fieldsIn counts the fields of a document as it is written.
func fieldsIn(doc *ast.QueryDocument) (n int) {
	var count func(set ast.SelectionSet)
	count = func(set ast.SelectionSet) {
		for _, sel := range set {
			switch sel := sel.(type) {
			case *ast.Field:
				n++
				count(sel.SelectionSet)
			case *ast.InlineFragment:
				count(sel.SelectionSet)
			}
		}
	}
	for _, op := range doc.Operations {
		count(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		count(f.SelectionSet)
	}
	return n
}

// root checks an operation, or a fragment on its own.
func (c *checker) root(selections ast.SelectionSet) {
	if !c.cyclic && len(selections) > 0 {
		c.level([]set{{selections, nowhere}})
	}
}

// level takes selection sets together and checks what comes of it. The path says how deep it is.
func (c *checker) level(sets []set) {
	if c.stopped || c.isKnown(sets) {
		return
	}
	for _, g := range c.collect(sets) {
		if c.stopped {
			return
		}
		c.path = append(c.path, g.name)
		c.check(g)
		c.path = c.path[:len(c.path)-1]
	}
}

// isKnown reports whether a level was entered before. Ways are those of this level alone, so only a
// level whose sets are all on one way can be the same as another.
func (c *checker) isKnown(sets []set) bool {
	if c.entered == nil {
		return false
	}
	places := make([]uint32, 0, len(sets))
	for _, s := range sets {
		if s.way != sets[0].way {
			return false
		}
		first := &s.selections[0]
		if c.places[first] == 0 {
			c.places[first] = uint32(len(c.places) + 1) //nolint:gosec // a document has fewer
		}
		places = append(places, c.places[first])
	}
	slices.Sort(places)
	key := make([]byte, 0, 4*len(places))
	for _, p := range slices.Compact(places) {
		key = binary.NativeEndian.AppendUint32(key, p)
	}
	_, known := c.entered[string(key)]
	c.entered[string(key)] = struct{}{}
	return known
}

// check looks for a conflict in a group, and goes on with what its fields select.
func (c *checker) check(g group) {
	if len(g.fields) > 1 {
		if conflict, found := c.find(g.fields); found {
			c.report(conflict)
			return
		}
	}
	var sets []set
	for i, f := range g.fields {
		if len(f.SelectionSet) > 0 {
			if sets == nil {
				sets = make([]set, 0, len(g.fields)-i)
			}
			sets = append(sets, set{f.SelectionSet, c.ways.through(f, len(c.path))})
		}
	}
	if len(sets) > 0 {
		c.level(forget(sets))
	}
}

// forget drops a way that all sets have in common: it tells nothing apart.
func forget(sets []set) []set {
	for _, s := range sets {
		if s.way != sets[0].way {
			return sets
		}
	}
	for i := range sets {
		sets[i].way = nowhere
	}
	return sets
}

// isCyclic reports whether a fragment spreads itself, by whichever detour.
func isCyclic(doc *ast.QueryDocument) bool {
	const inside, done = 1, 2
	definitions := make(map[string]*ast.FragmentDefinition, len(doc.Fragments))
	for _, f := range slices.Backward(doc.Fragments) { // the first of a name counts
		definitions[f.Name] = f
	}
	state := make(map[*ast.FragmentDefinition]int, len(doc.Fragments))
	var enter func(f *ast.FragmentDefinition) bool
	var cyclic func(set ast.SelectionSet) bool
	cyclic = func(set ast.SelectionSet) bool {
		return slices.ContainsFunc(set, func(sel ast.Selection) bool {
			switch sel := sel.(type) {
			case *ast.Field:
				return cyclic(sel.SelectionSet)
			case *ast.InlineFragment:
				return cyclic(sel.SelectionSet)
			case *ast.FragmentSpread:
				f := definitions[sel.Name]
				return f != nil && enter(f)
			}
			return false
		})
	}
	enter = func(f *ast.FragmentDefinition) bool {
		if state[f] != 0 {
			return state[f] == inside
		}
		state[f] = inside
		found := cyclic(f.SelectionSet)
		state[f] = done
		return found
	}
	return slices.ContainsFunc(doc.Fragments, enter)
}
