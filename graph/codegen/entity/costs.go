package entity

import (
	"math"
	"slices"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// costs refuses weights that are no numbers, and sizes of what does not exist.
func (r *reader) costs() {
	for _, def := range r.definitions(ast.Object, ast.Interface, ast.InputObject, ast.Enum, ast.Scalar) {
		r.weight(def.Name, def.Directives)
		for _, f := range def.Fields {
			path := def.Name + "." + f.Name
			r.weight(path, f.Directives)
			for _, a := range f.Arguments {
				r.weight(path+"("+a.Name+":)", a.Directives)
			}
			if d := f.Directives.ForName("listSize"); d != nil {
				r.listSize(path, f, d)
			}
		}
	}
}

func (r *reader) weight(path string, list ast.DirectiveList) {
	d := list.ForName("cost")
	if d == nil {
		return
	}
	if w, err := strconv.ParseFloat(argument(d, "weight"), 64); err != nil || w < 0 || math.IsInf(w, 0) || math.IsNaN(w) {
		r.fail(d.Position, "%s: the weight %q is no number; write one in quotes that is not negative, such as @cost(weight: \"5\")", path, argument(d, "weight"))
	}
}

func (r *reader) listSize(path string, f *ast.FieldDefinition, d *ast.Directive) {
	if size := argument(d, "assumedSize"); size != "" {
		if n, err := strconv.Atoi(size); err != nil || n < 1 {
			r.fail(d.Position, "%s: the assumedSize must be at least 1, not %s", path, size)
		}
	}
	for _, name := range texts(d, "slicingArguments") {
		if a := f.Arguments.ForName(name); a == nil || a.Type.NamedType != "Int" && a.Type.Elem == nil {
			r.fail(d.Position, "%s: slicingArguments names %s, which is no argument of type Int and no list; add it, or remove the name", path, name)
		}
	}
	sized := texts(d, "sizedFields")
	if len(sized) == 0 && f.Type.Elem == nil {
		r.fail(d.Position, "%s is no list; name the lists of %s in sizedFields, or remove @listSize", path, f.Type.Name())
	}
	for _, name := range sized {
		def := r.schema.Types[f.Type.Name()]
		if !slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool { return f.Name == name && f.Type.Elem != nil }) {
			r.fail(d.Position, "%s: sizedFields names %s, which is no list of %s; write the name of one, or remove it", path, name, def.Name)
		}
	}
}
