package gateway

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
)

// lazyUses counts who runs an operation of a document that is kept. What the operation uses is found when
// it runs for the first time.
type lazyUses struct {
	once    sync.Once
	count   func(client string)
	drop    func()
	isThere atomic.Bool // count and drop are
	isGone  atomic.Bool // the document is not kept any more
}

func (l *lazyUses) add(door DoorObserver, op *ast.OperationDefinition, client string) {
	l.once.Do(func() {
		l.count, l.drop = door.Uses(coordinates(op))
		l.isThere.Store(true)
	})
	l.count(client)
	if l.isGone.Load() {
		l.drop()
	}
}

// forget ends the count when the document is not kept any more. Requests that still have it are counted
// all the same.
func (l *lazyUses) forget() {
	l.isGone.Store(true)
	if l.isThere.Load() {
		l.drop()
	}
}

// coordinates are the parts of the schema that an operation uses, each once: its fields, as Type.field,
// and what of its arguments and enum values is deprecated, as Type.field(argument:) and Enum.VALUE.
// Values of variables are not looked at.
func coordinates(op *ast.OperationDefinition) []string {
	w := usesWalk{seen: map[string]bool{}, fragments: map[*ast.FragmentDefinition]bool{}}
	w.selections(op.SelectionSet)
	return w.found
}

type usesWalk struct {
	found     []string
	seen      map[string]bool
	fragments map[*ast.FragmentDefinition]bool
}

func (w *usesWalk) add(coordinate string) {
	if !w.seen[coordinate] {
		w.seen[coordinate] = true
		w.found = append(w.found, coordinate)
	}
}

func (w *usesWalk) selections(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			w.field(s)
		case *ast.InlineFragment:
			w.selections(s.SelectionSet)
		case *ast.FragmentSpread:
			if !w.fragments[s.Definition] {
				w.fragments[s.Definition] = true
				w.selections(s.Definition.SelectionSet)
			}
		}
	}
}

func (w *usesWalk) field(f *ast.Field) {
	if strings.HasPrefix(f.Name, "__") || f.Definition == nil || f.ObjectDefinition == nil {
		return
	}
	coordinate := f.ObjectDefinition.Name + "." + f.Name
	w.add(coordinate)
	for _, a := range f.Arguments {
		if def := f.Definition.Arguments.ForName(a.Name); def != nil && isDeprecated(def.Directives) {
			w.add(coordinate + "(" + a.Name + ":)")
		}
		w.value(a.Value)
	}
	w.selections(f.SelectionSet)
}

// value looks for enum values in a literal.
func (w *usesWalk) value(v *ast.Value) {
	if v == nil {
		return
	}
	if v.Kind == ast.EnumValue && v.Definition != nil {
		if def := v.Definition.EnumValues.ForName(v.Raw); def != nil && isDeprecated(def.Directives) {
			w.add(v.Definition.Name + "." + v.Raw)
		}
	}
	for _, child := range v.Children {
		w.value(child.Value)
	}
}

func isDeprecated(list ast.DirectiveList) bool {
	return slices.ContainsFunc(list, func(d *ast.Directive) bool { return d.Name == "deprecated" })
}
