package overlap

import "github.com/vektah/gqlparser/v2/ast"

// visit is a fragment that a level has expanded on a way.
type visit struct {
	fragment *ast.FragmentDefinition
	way      way
}

// collector brings the fields of a level together.
type collector struct {
	*checker
	groups  []group
	byName  map[string]int // nil while a look over the groups is faster
	visited map[visit]struct{}
}

// few is how many groups are looked over without a map.
const few = 8

// collect gives the groups of a level, in the order of the document.
func (c *checker) collect(sets []set) []group {
	l := collector{checker: c}
	for _, s := range sets {
		l.add(s.selections, s.way)
	}
	return l.groups
}

func (l *collector) add(selections ast.SelectionSet, w way) {
	for _, sel := range selections {
		switch sel := sel.(type) {
		case *ast.Field:
			if sel.ObjectDefinition == nil { // below a field that does not exist
				continue
			}
			if l.budget--; l.budget < 0 {
				l.giveUp(sel.Position)
				return
			}
			l.put(field{sel, w})
		case *ast.InlineFragment:
			l.add(sel.SelectionSet, w)
		case *ast.FragmentSpread:
			l.spread(sel.Definition, w)
		}
	}
}

// spread expands a fragment, once on each way: twice would bring nothing new.
func (l *collector) spread(f *ast.FragmentDefinition, w way) {
	if f == nil || l.stopped {
		return
	}
	v := visit{f, w}
	if _, again := l.visited[v]; again {
		return
	}
	if l.visited == nil {
		l.visited = map[visit]struct{}{}
	}
	l.visited[v] = struct{}{}
	l.reached[f.Name] = true
	l.add(f.SelectionSet, w)
}

func (l *collector) put(f field) {
	if l.byName == nil && len(l.groups) > few {
		l.byName = make(map[string]int, 4*few)
		for i, g := range l.groups {
			l.byName[g.name] = i
		}
	}
	at, found := len(l.groups), false
	if l.byName != nil {
		if i, ok := l.byName[f.Alias]; ok {
			at, found = i, true
		}
	} else {
		for i := range l.groups {
			if l.groups[i].name == f.Alias {
				at, found = i, true
				break
			}
		}
	}
	if !found {
		l.groups = append(l.groups, group{name: f.Alias})
		if l.byName != nil {
			l.byName[f.Alias] = at
		}
	}
	l.groups[at].fields = append(l.groups[at].fields, f)
}
