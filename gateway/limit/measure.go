package limit

import "github.com/vektah/gqlparser/v2/ast"

// size is what counts in a selection set, with all fragments in it expanded.
type size struct {
	depth         int // fields on the way down, but for those below __schema and __type
	introspection int // fields from __schema or __type down
	aliases       int
	directives    int
	selections    int
}

// plus is the size of two things beside each other.
func (s size) plus(t size) size {
	return size{
		depth:         max(s.depth, t.depth),
		introspection: max(s.introspection, t.introspection),
		aliases:       sum(s.aliases, t.aliases),
		directives:    sum(s.directives, t.directives),
		selections:    sum(s.selections, t.selections),
	}
}

// atLeast is the larger of both, field by field.
func (s size) atLeast(t size) size {
	return size{
		depth:         max(s.depth, t.depth),
		introspection: max(s.introspection, t.introspection),
		aliases:       max(s.aliases, t.aliases),
		directives:    max(s.directives, t.directives),
		selections:    max(s.selections, t.selections),
	}
}

// sum adds and stops growing: nested fragments double with every line.
func sum(a, b int) int { return min(a+b, most) }

// measure finds sizes. Each fragment is walked once, wherever and however often it is spread.
type measure struct {
	definitions map[string]*ast.FragmentDefinition
	fragments   map[*ast.FragmentDefinition]size
}

func newMeasure(doc *ast.QueryDocument) *measure {
	m := &measure{
		definitions: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)),
		fragments:   make(map[*ast.FragmentDefinition]size, len(doc.Fragments)),
	}
	for _, f := range doc.Fragments {
		if m.definitions[f.Name] == nil { // validation refuses the second of a name
			m.definitions[f.Name] = f
		}
	}
	return m
}

func (m *measure) operation(op *ast.OperationDefinition) size {
	s := m.set(op.SelectionSet)
	s.directives = sum(s.directives, len(op.Directives))
	for _, v := range op.VariableDefinitions {
		s.directives = sum(s.directives, len(v.Directives))
	}
	return s
}

func (m *measure) fragment(f *ast.FragmentDefinition) size {
	if s, ok := m.fragments[f]; ok {
		return s
	}
	m.fragments[f] = size{} // in a cycle, which validation refuses, the second visit finds nothing
	s := m.set(f.SelectionSet)
	s.directives = sum(s.directives, len(f.Directives))
	m.fragments[f] = s
	return s
}

func (m *measure) set(set ast.SelectionSet) size {
	var s size
	for _, sel := range set {
		s = s.plus(m.selection(sel))
	}
	return s
}

func (m *measure) selection(sel ast.Selection) size {
	var s size
	switch sel := sel.(type) {
	case *ast.Field:
		s = m.set(sel.SelectionSet)
		s.directives = sum(s.directives, len(sel.Directives))
		if sel.Alias != sel.Name {
			s.aliases = sum(s.aliases, 1)
		}
		switch {
		case sel.Name == "__schema" || sel.Name == "__type":
			s.depth, s.introspection = 1, 1+max(s.depth, s.introspection)
		case s.introspection > 0:
			s.depth, s.introspection = 1+s.depth, 1+s.introspection
		default:
			s.depth++
		}
	case *ast.InlineFragment:
		s = m.set(sel.SelectionSet)
		s.directives = sum(s.directives, len(sel.Directives))
	case *ast.FragmentSpread:
		if f := m.definitions[sel.Name]; f != nil {
			s = m.fragment(f)
		}
		s.directives = sum(s.directives, len(sel.Directives))
	}
	s.selections = sum(s.selections, 1)
	return s
}

// rootFields counts the names that an operation gives its root fields. Fields that merge into one
// are run once and count once.
func (m *measure) rootFields(op *ast.OperationDefinition) int {
	names := map[string]struct{}{}
	seen := map[*ast.FragmentDefinition]struct{}{}
	var collect func(set ast.SelectionSet)
	collect = func(set ast.SelectionSet) {
		for _, sel := range set {
			switch sel := sel.(type) {
			case *ast.Field:
				names[sel.Alias] = struct{}{}
			case *ast.InlineFragment:
				collect(sel.SelectionSet)
			case *ast.FragmentSpread:
				f := m.definitions[sel.Name]
				if _, again := seen[f]; f != nil && !again {
					seen[f] = struct{}{}
					collect(f.SelectionSet)
				}
			}
		}
	}
	collect(op.SelectionSet)
	return len(names)
}
