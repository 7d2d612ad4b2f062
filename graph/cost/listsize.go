package cost

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// slicing is @listSize: how long a list may get.
type slicing struct {
	paths   [][]step
	assumed int64 // absent: not stated
	require bool  // exactly one slicing argument must be given
	names   string
}

// step is a place on the path to a slicing argument: an argument, then input fields. Of a path, the
// last step holds the size.
type step struct {
	name  string
	list  bool // its length is the size
	def   *ast.Value
	unset int64 // the size where neither this nor what follows is given
}

func (r *tableReader) listSize(f *field, parent *ast.Definition, def *ast.FieldDefinition) {
	if isIntrospection(parent.Name) {
		if f.list {
			f.slicing = &slicing{assumed: introspectionSize(f.coordinate)}
		}
		return
	}
	d := r.directive(parent, def, "listSize").ForName("listSize")
	if d == nil {
		return
	}
	s := &slicing{assumed: absent, require: true}
	if a := d.Arguments.ForName("assumedSize"); a != nil && a.Value.Kind != ast.NullValue {
		n, err := strconv.ParseInt(a.Value.Raw, 10, 64)
		if err != nil || n < 1 {
			r.fail(d.Position, "%s: assumedSize is %s, which is no length of a list", f.coordinate, a.Value.Raw)
		}
		s.assumed = n
	}
	if a := d.Arguments.ForName("requireOneSlicingArgument"); a != nil {
		s.require = a.Value.Raw != "false"
	}
	names := texts(d, "slicingArguments")
	s.names = strings.Join(names, ", ")
	for _, name := range names {
		if path := r.path(f.coordinate, def, name, d.Position); path != nil {
			s.paths = append(s.paths, path)
		}
	}
	s.require = s.require && len(names) > 0
	f.slicing = s
	r.sized(f, def, d)
	if s.assumed == absent && !s.require && !slices.ContainsFunc(s.paths, func(p []step) bool { return isAlwaysGiven(def, p) }) {
		r.fail(d.Position, "%s is a list of unknown size when no slicing argument is given; add assumedSize", f.coordinate)
	}
}

// isAlwaysGiven reports whether a slicing argument has a value in every operation.
func isAlwaysGiven(def *ast.FieldDefinition, path []step) bool {
	return len(path) == 1 && def.Arguments.ForName(path[0].name).Type.NonNull
}

// path resolves a slicing argument, such as `first` or `input.page.first`.
func (r *tableReader) path(of string, def *ast.FieldDefinition, name string, at *ast.Position) []step {
	parts := strings.Split(name, ".")
	a := def.Arguments.ForName(parts[0])
	if a == nil {
		r.fail(at, "%s: the slicing argument %q does not exist", of, name)
		return nil
	}
	path := []step{{name: a.Name, list: a.Type.Elem != nil, def: a.DefaultValue}}
	typ := a.Type
	for _, part := range parts[1:] {
		in := r.schema.Types[typ.Name()]
		var f *ast.FieldDefinition
		if in.Kind == ast.InputObject {
			f = in.Fields.ForName(part)
		}
		if f == nil || typ.Elem != nil {
			r.fail(at, "%s: the slicing argument %q does not exist: %s has no input field %s", of, name, typ, part)
			return nil
		}
		typ = f.Type
		path = append(path, step{name: f.Name, list: typ.Elem != nil, def: f.DefaultValue})
	}
	if last := r.schema.Types[typ.Name()]; typ.Elem == nil && (last.Kind != ast.Scalar || slices.Contains([]string{"String", "Boolean", "ID", "Float"}, last.Name)) {
		r.fail(at, "%s: the slicing argument %q is a %s, neither a whole number nor a list", of, name, typ)
		return nil
	}
	for i := len(path) - 1; i >= 0; i-- {
		path[i].unset = absent
		if path[i].def != nil {
			path[i].unset = literalSize(path[i:], path[i].def)
		}
	}
	return path
}

// sized reads sizedFields.
func (r *tableReader) sized(f *field, def *ast.FieldDefinition, d *ast.Directive) {
	names := texts(d, "sizedFields")
	switch {
	case len(names) == 0 && !f.list:
		r.fail(d.Position, "%s is no list; name the lists in %s that have the size in sizedFields", f.coordinate, def.Type.Name())
	case len(names) > 0 && f.list:
		r.fail(d.Position, "%s is a list, whose size @listSize states; it cannot have sizedFields as well", f.coordinate)
		return
	}
	f.sized = map[string]bool{}
	for _, name := range names {
		f.sized[name] = true
		lists := 0
		for _, o := range r.possible[def.Type.Name()] {
			if inner := r.schema.Types[o.name].Fields.ForName(name); inner != nil && inner.Type.Elem != nil {
				lists++
			}
		}
		if lists == 0 {
			r.fail(d.Position, "%s: sizedFields names %q, which is no list in %s", f.coordinate, name, def.Type.Name())
		}
	}
}

// bounds refuses lists whose size does not follow from the schema: neither from @listSize on the
// field nor from the sizedFields of every field that leads to it. Leaves that cost nothing may be
// as many as they like.
func (r *tableReader) bounds(def *ast.Definition) {
	for _, d := range def.Fields {
		f := r.objects[def.Name].fields[d.Name]
		if !f.list || f.objects == nil && f.leaf == 0 {
			continue
		}
		if d.Type.Elem.Elem != nil {
			r.fail(d.Position, "%s is a list of lists, whose size cannot be stated", f.coordinate)
			continue
		}
		if f.slicing == nil && !r.sizedFromAbove(r.objects[def.Name], d.Name) {
			r.fail(d.Position, "%s is a list without a bound; add @listSize(assumedSize: …), or name it in the sizedFields of the fields of type %s", f.coordinate, def.Name)
		}
	}
}

func (r *tableReader) sizedFromAbove(o *object, name string) bool {
	found := false
	for _, parent := range slices.Sorted(maps.Keys(r.objects)) {
		for _, f := range r.objects[parent].fields {
			if slices.Contains(f.objects, o) {
				if !f.sized[name] {
					return false
				}
				found = true
			}
		}
	}
	return found
}

// texts are the strings of a directive's list argument.
func texts(d *ast.Directive, name string) []string {
	a := d.Arguments.ForName(name)
	if a == nil || a.Value.Kind == ast.NullValue {
		return nil
	}
	if a.Value.Kind != ast.ListValue {
		return []string{a.Value.Raw} // a single value stands for a list of one
	}
	var out []string
	for _, c := range a.Value.Children {
		out = append(out, c.Value.Raw)
	}
	return out
}
