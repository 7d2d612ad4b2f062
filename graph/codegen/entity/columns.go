package entity

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// scalars are the types that a column can have.
var scalars = []string{"String", "Int", "Float", "Boolean", "DateTime", "Decimal"}

// columns reads the fields that are columns, and the foreign keys of @belongsTo.
func (r *reader) columns(e *Entity) {
	id := e.def.Fields.ForName("id")
	if id == nil || id.Type.String() != "ID!" {
		r.fail(e.def.Position, "%s has a @table, so it needs the field id: ID!", e.Name)
	}
	e.Columns = append(e.Columns, &Column{Name: "id", GoName: "ID", Field: "id", Type: "ID"})
	for _, f := range e.def.Fields {
		if f.Name == "id" || isRelation(f) || strings.HasPrefix(f.Name, "__") {
			continue
		}
		if c := r.column(e, f); c != nil {
			e.Columns = append(e.Columns, c)
		} else {
			e.refused = append(e.refused, snake(f.Name))
		}
	}
	for _, f := range e.def.Fields {
		if d := f.Directives.ForName("belongsTo"); d != nil {
			r.belongsTo(e, f, d)
		}
	}
	r.distinct(e)
}

// distinct refuses two columns of one name, in Postgres or in Go.
func (r *reader) distinct(e *Entity) {
	columns, names := map[string]string{}, map[string]string{"NodeID": "the method NodeID of every row"}
	for _, i := range r.schema.GetImplements(e.def) {
		names["Is"+i.Name] = "the method Is" + i.Name + " of every " + i.Name
	}
	for _, c := range e.Columns {
		at, what := e.def.Position, "the column "+c.Name
		if f := e.def.Fields.ForName(c.Field); f != nil {
			at, what = f.Position, e.Name+"."+f.Name
		}
		if other, ok := columns[c.Name]; ok {
			r.fail(at, "%s: the column %s holds %s already; name another with @column(name: …)", what, c.Name, other)
		}
		if other, ok := names[c.GoName]; ok {
			r.fail(at, "%s and %s would both be called %s in Go; rename one", what, other, c.GoName)
		}
		columns[c.Name], names[c.GoName] = what, what
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
	connected := r.byName[strings.TrimSuffix(f.Type.NamedType, "Connection")]
	if connected != nil && connected.Name != f.Type.NamedType {
		r.fail(f.Position, "%s: say which column of %s names the %s: @hasMany(key: %q), or @belongsToMany where a table of links does", path, connected.Name, e.Name, snake(e.Name)+"_id")
		return nil
	}
	if len(f.Arguments) > 0 {
		r.fail(f.Position, "%s has arguments, so it is no column; say @computed and write its resolver", path)
		return nil
	}
	if f.Type.Elem != nil {
		r.fail(f.Position, "%s is a list, which a column cannot hold; say @computed, or for rows of another table @hasMany or @belongsToMany with a connection", path)
		return nil
	}
	c := &Column{Name: snake(f.Name), GoName: goName(f.Name), Field: f.Name, Type: f.Type.NamedType, Null: !f.Type.NonNull}
	if d := f.Directives.ForName("column"); d != nil {
		c.Name = argument(d, "name")
	}
	r.columnName(f.Position, path, c.Name)
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
		r.fail(f.Position, "%s: the type %s has no @table; give it one and say @belongsTo here, or say @computed and write a resolver", path, c.Type)
		return nil
	}
	return c
}

// columnName refuses what cannot be the name of a column.
func (r *reader) columnName(at *ast.Position, path, name string) {
	if !identifiers.MatchString(name) {
		r.fail(at, "%s: %q is no column name; use lower case letters, digits and _", path, name)
	}
	if name == "bucket" {
		r.fail(at, "%s: the column bucket says where a row lies and is the store's own; choose another name", path)
	}
}

func (r *reader) enum(def *ast.Definition) {
	for _, e := range r.model.Enums {
		if e.Name == def.Name {
			return
		}
	}
	e := &Enum{Name: def.Name, Description: def.Description}
	for _, v := range def.EnumValues {
		e.Values = append(e.Values, &EnumValue{Name: v.Name, Description: v.Description})
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
	r.columnName(d.Position, path, key)
	c := e.columnNamed(key)
	switch {
	case c == nil:
		c = &Column{Name: key, GoName: goName(key), Type: "ID", Null: !f.Type.NonNull, Target: target}
		e.Columns = append(e.Columns, c)
	case c.Target != target:
		r.fail(d.Position, "%s: the column %q is used for something else already; write another key", path, key)
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

// noColumn refuses the name of a column that does not exist, unless it does not exist because of a
// mistake that has been told.
func (r *reader) noColumn(at *ast.Position, path string, e *Entity, name string) {
	if slices.Contains(e.refused, name) {
		return
	}
	var names []string
	for _, c := range e.Columns {
		names = append(names, c.Name)
	}
	r.fail(at, "%s: %s has no column %q; its columns are %s", path, e.Name, name, strings.Join(names, ", "))
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
		if f := e.def.Fields.ForName(name); f != nil && f.Directives.ForName("belongsTo") != nil {
			return // what is wrong with it has been told
		}
		hint := "add one, or remove colocatedBy"
		if len(e.BelongsTo) > 0 {
			var names []string
			for _, b := range e.BelongsTo {
				names = append(names, b.Field)
			}
			hint = "write " + core.OrList(names...)
		}
		r.fail(d.Position, "%s: colocatedBy names a field of %s with @belongsTo, which %s is not; %s", e.Name, e.Name, name, hint)
		return
	case e.ColocatedBy.Target.Reference:
		r.fail(d.Position, "%s: it cannot be colocated with %s, whose rows lie on every shard; remove colocatedBy", e.Name, e.ColocatedBy.Target.Name)
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
