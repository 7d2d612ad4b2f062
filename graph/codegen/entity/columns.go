package entity

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// scalars are the types that a column can have.
var scalars = []string{"String", "Int", "Float", "Boolean", "DateTime", "Decimal"}

// columns reads the fields that are columns, and the foreign keys of @belongsTo.
func (r *reader) columns(e *Entity) {
	id := e.def.Fields.ForName("id")
	if id == nil || id.Type.String() != "ID!" {
		r.fail(e.def.Position, "%s has a @table, so it needs the field id: ID!", e.Name)
		return
	}
	e.Columns = append(e.Columns, &Column{Name: "id", GoName: "ID", Field: "id", Type: "ID"})
	for _, f := range e.def.Fields {
		if f.Name == "id" || isRelation(f) || strings.HasPrefix(f.Name, "__") {
			continue
		}
		if c := r.column(e, f); c != nil {
			e.Columns = append(e.Columns, c)
		}
	}
	for _, f := range e.def.Fields {
		if d := f.Directives.ForName("belongsTo"); d != nil {
			r.belongsTo(e, f, d)
		}
	}
	seen := map[string]bool{}
	for _, c := range e.Columns {
		if seen[c.GoName] {
			r.fail(e.def.Position, "%s: two fields make the Go name %s; rename one", e.Name, c.GoName)
		}
		seen[c.GoName] = true
	}
}

// isRelation says that a field is not a column.
func isRelation(f *ast.FieldDefinition) bool {
	for _, name := range []string{"belongsTo", "hasMany", "belongsToMany", "computed"} {
		if f.Directives.ForName(name) != nil {
			return true
		}
	}
	return false
}

func (r *reader) column(e *Entity, f *ast.FieldDefinition) *Column {
	path := e.Name + "." + f.Name
	if len(f.Arguments) > 0 {
		r.fail(f.Position, "%s has arguments, so it is no column; say @computed and write its resolver", path)
		return nil
	}
	if f.Type.Elem != nil {
		r.fail(f.Position, "%s is a list, which a column cannot hold; say @hasMany, @belongsToMany or @computed", path)
		return nil
	}
	c := &Column{Name: snake(f.Name), GoName: goName(f.Name), Field: f.Name, Type: f.Type.NamedType, Null: !f.Type.NonNull}
	if d := f.Directives.ForName("column"); d != nil {
		if c.Name = argument(d, "name"); !identifiers.MatchString(c.Name) {
			r.fail(d.Position, "%s: %q is no column name; use lower case letters, digits and _", path, c.Name)
		}
	}
	switch def := r.schema.Types[c.Type]; {
	case def.Kind == ast.Enum:
		c.Enum = true
		r.enum(def)
	case def.Kind == ast.Scalar && slices.Contains(scalars, c.Type):
	case def.Kind == ast.Scalar:
		r.fail(f.Position, "%s: a column cannot have the type %s; use one of %s, an enum, or say @computed", path, c.Type, strings.Join(scalars, ", "))
		return nil
	case r.byName[c.Type] != nil:
		r.fail(f.Position, "%s: say which column names the %s: @belongsTo(key: %q)", path, c.Type, snake(f.Name)+"_id")
		return nil
	default:
		r.fail(f.Position, "%s: the type %s has no @table; give it one, or say @computed and write a resolver", path, c.Type)
		return nil
	}
	return c
}

func (r *reader) enum(def *ast.Definition) {
	for _, e := range r.model.Enums {
		if e.Name == def.Name {
			return
		}
	}
	e := &Enum{Name: def.Name, Description: def.Description}
	for _, v := range def.EnumValues {
		e.Values = append(e.Values, v.Name)
	}
	r.model.Enums = append(r.model.Enums, e)
}

func (r *reader) belongsTo(e *Entity, f *ast.FieldDefinition, d *ast.Directive) {
	path, key := e.Name+"."+f.Name, argument(d, "key")
	target := r.byName[f.Type.NamedType]
	if target == nil {
		r.fail(f.Position, "%s: @belongsTo needs a type with a @table, not %s", path, f.Type.String())
		return
	}
	if !identifiers.MatchString(key) {
		r.fail(d.Position, "%s: %q is no column name; use lower case letters, digits and _", path, key)
		return
	}
	c := e.columnNamed(key)
	switch {
	case c == nil:
		c = &Column{Name: key, GoName: goName(key), Type: "ID", Null: !f.Type.NonNull, Target: target}
		e.Columns = append(e.Columns, c)
	case c.Target != target:
		r.fail(d.Position, "%s: the column %q is used for something else already", path, key)
		return
	}
	e.BelongsTo = append(e.BelongsTo, &BelongsTo{Field: f.Name, Column: c, Target: target})
}

func (e *Entity) columnNamed(name string) *Column {
	for _, c := range e.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// columnNames lists the columns for an error message.
func (e *Entity) columnNames() string {
	var out []string
	for _, c := range e.Columns {
		out = append(out, c.Name)
	}
	return strings.Join(out, ", ")
}

// colocation finds the field that decides in which bucket the rows lie.
func (r *reader) colocation(e *Entity) {
	d := e.def.Directives.ForName("table")
	name := argument(d, "colocatedBy")
	if name == "" {
		return
	}
	if e.Reference {
		r.fail(d.Position, "%s: a reference table lies on every shard; remove colocatedBy or reference", e.Name)
		return
	}
	for _, b := range e.BelongsTo {
		if b.Field == name {
			e.ColocatedBy = b
		}
	}
	switch {
	case e.ColocatedBy == nil:
		r.fail(d.Position, "%s: colocatedBy must be a field of it with @belongsTo; %q is none", e.Name, name)
		return
	case e.ColocatedBy.Target.Reference:
		r.fail(d.Position, "%s: it cannot be colocated with %s, whose rows lie on every shard", e.Name, e.ColocatedBy.Target.Name)
		return
	}
	seen := map[*Entity]bool{}
	for at := e; at != nil && at.ColocatedBy != nil; at = at.ColocatedBy.Target {
		if seen[at] {
			r.fail(d.Position, "%s: it would be colocated with itself; one type of the circle must be a root", e.Name)
			return
		}
		seen[at] = true
	}
}

// crossings refuses a field that must not be null although its row may lie on another shard.
func (r *reader) crossings(e *Entity) {
	for _, b := range e.BelongsTo {
		f := e.def.Fields.ForName(b.Field)
		if f.Type.NonNull && b != e.ColocatedBy {
			r.fail(f.Position, "%s.%s must be nullable: its %s may lie on a shard that cannot be reached, and that should cost this field alone; write %s without the !", e.Name, b.Field, b.Target.Name, b.Target.Name)
		}
	}
}
