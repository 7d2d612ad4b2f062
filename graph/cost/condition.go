package cost

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// condition is when a selection is included: a set of Boolean variables that must not be false and a
// set of those that must not be true, by their number in switches. The zero value always holds.
type condition struct{ on, off uint64 }

// holds reports whether a selection is included, given the variables that are true and false. One
// that is neither decides nothing.
func (c condition) holds(isTrue, isFalse uint64) bool {
	return c.on&isFalse == 0 && c.off&isTrue == 0
}

// implies reports whether other holds whenever c does.
func (c condition) implies(other condition) bool {
	return c.on|other.on == c.on && c.off|other.off == c.off
}

// anyOf adds a condition to a list of which one must hold.
func anyOf(list []condition, c condition) []condition {
	if slices.ContainsFunc(list, c.implies) {
		return list
	}
	return append(slices.DeleteFunc(list, func(other condition) bool { return other.implies(c) }), c)
}

// switches are the variables that decide about @skip and @include.
type switches struct {
	names  []string
	preset []*ast.Value // defaults in the operation
	op     *ast.OperationDefinition
}

// maxSwitches bounds them. Selections that depend on further ones are priced as if included.
const maxSwitches = 64

// number finds a variable, or adds it.
func (s *switches) number(name string) int {
	if i := slices.Index(s.names, name); i >= 0 || len(s.names) == maxSwitches {
		return i
	}
	s.names = append(s.names, name)
	s.preset = append(s.preset, variableDefault(s.op, name))
	return len(s.names) - 1
}

// include is the condition of a selection with these directives; never: it does not hold at all.
func (s *switches) include(c condition, directives ast.DirectiveList) (_ condition, never bool) {
	for _, d := range directives {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		a := d.Arguments.ForName("if")
		switch {
		case a == nil:
		case a.Value.Kind == ast.BooleanValue:
			if (a.Value.Raw == "true") != (d.Name == "include") {
				return c, true
			}
		case a.Value.Kind == ast.Variable:
			if i := s.number(a.Value.Raw); i < 0 {
				continue
			} else if d.Name == "include" {
				c.on |= 1 << i
			} else {
				c.off |= 1 << i
			}
		}
	}
	return c, c.on&c.off != 0
}

// read finds which variables are true, and which are false.
func (s *switches) read(vars map[string]any) (isTrue, isFalse uint64) {
	for i, name := range s.names {
		v, given := vars[name]
		on, known := v.(bool)
		if preset := s.preset[i]; !given && preset != nil {
			on, known = preset.Raw == "true", preset.Kind == ast.BooleanValue
		}
		switch {
		case on:
			isTrue |= 1 << i
		case known:
			isFalse |= 1 << i
		}
	}
	return isTrue, isFalse
}
