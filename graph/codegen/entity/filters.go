package entity

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

var filterOps = []string{"=", "<", "<=", ">", ">=", "startsWith"}

func (r *reader) filter(e *Entity, def *ast.Definition) *Filter {
	for _, f := range r.model.Filters {
		if f.Name == def.Name {
			if f.Entity != e {
				r.fail(def.Position, "%s filters %s and %s; write an input for each", def.Name, f.Entity.Name, e.Name)
			}
			return f
		}
	}
	f := &Filter{Name: def.Name, Description: def.Description, Entity: e}
	names := map[string]string{}
	for _, in := range def.Fields {
		field := r.filterField(e, def.Name+"."+in.Name, in)
		if field == nil {
			continue
		}
		if other, ok := names[field.GoName]; ok {
			r.fail(in.Position, "%s: %s and %s would both be called %s in Go; rename one", def.Name, in.Name, other, field.GoName)
		}
		names[field.GoName] = in.Name
		f.Fields = append(f.Fields, field)
	}
	r.model.Filters = append(r.model.Filters, f)
	return f
}

func (r *reader) filterField(e *Entity, path string, in *ast.FieldDefinition) *FilterField {
	d := in.Directives.ForName("filter")
	if d == nil {
		r.fail(in.Position, "%s: say what it compares: @filter(column: %q, op: \"=\")", path, snake(in.Name))
		return nil
	}
	c := e.columnNamed(argument(d, "column"))
	if c == nil {
		r.noColumn(d.Position, path, e, argument(d, "column"))
		return nil
	}
	f := &FilterField{Name: in.Name, GoName: goName(in.Name), Description: in.Description, Column: c, Op: argument(d, "op")}
	switch {
	case !slices.Contains(filterOps, f.Op):
		r.fail(d.Position, "%s: there is no op %q; use one of %s", path, f.Op, strings.Join(filterOps, ", "))
		return nil
	case in.Type.NonNull || in.Type.Elem != nil:
		r.fail(in.Position, "%s: a field of a filter must be optional and no list; write %s instead of %s", path, in.Type.Name(), in.Type)
		return nil
	case in.Type.NamedType != c.Type:
		r.fail(in.Position, "%s: the column %s has the type %s, so the field must have it too instead of %s", path, c.Name, c.Type, in.Type.NamedType)
		return nil
	case f.Op == "startsWith" && c.Type != "String":
		r.fail(d.Position, "%s: startsWith compares texts, and %s has the type %s; use another op", path, c.Name, c.Type)
		return nil
	case f.Op != "=" && (c.Type == "ID" || c.Type == "Boolean" || c.Enum):
		r.fail(d.Position, "%s: a column of type %s can only be compared with =", path, c.Type)
		return nil
	}
	if c.Type == "ID" {
		if f.Kind = c.Target; f.Kind == nil {
			f.Kind = e
		}
	}
	return f
}
