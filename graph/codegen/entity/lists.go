package entity

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// maxPageSize is store.MaxPageSize, which the generator must not import.
const maxPageSize = 100

func (r *reader) relation(e *Entity, f *ast.FieldDefinition) {
	if d := f.Directives.ForName("hasMany"); d != nil {
		r.hasMany(e, f, d)
	}
	if d := f.Directives.ForName("belongsToMany"); d != nil {
		r.belongsToMany(e, f, d)
	}
}

func (r *reader) hasMany(e *Entity, f *ast.FieldDefinition, d *ast.Directive) {
	l := r.list(e, f)
	if l == nil {
		return
	}
	r.ordering(l, f, d)
	l.Key = argument(d, "key")
	c := l.Target.columnNamed(l.Key)
	if c == nil || c.Target != e {
		var keys []string
		for _, b := range l.Target.BelongsTo {
			if b.Target == e {
				keys = append(keys, b.Column.Name)
			}
		}
		hint := "give " + l.Target.Name + " a field of type " + e.Name + " with @belongsTo(key: \"" + l.Key + "\")"
		if len(keys) > 0 {
			hint = "write one of: " + strings.Join(keys, ", ")
		}
		r.fail(d.Position, "%s: %s has no column %q that names a %s; %s", l.Path(), l.Target.Name, l.Key, e.Name, hint)
		return
	}
	l.KeyGo = c.GoName
	l.Colocated = l.Target.ColocatedBy != nil && l.Target.ColocatedBy.Column == c
	e.HasMany = append(e.HasMany, l)
}

func (r *reader) belongsToMany(e *Entity, f *ast.FieldDefinition, d *ast.Directive) {
	l := r.list(e, f)
	if l == nil {
		return
	}
	l.Links = &Links{Table: argument(d, "through"), Key: argument(d, "key"), Target: argument(d, "target"), Position: argument(d, "order")}
	if slices.Contains(sqlWords, l.Links.Table) {
		r.fail(d.Position, "%s: %q is a word of SQL and cannot be a table's name; choose another", l.Path(), l.Links.Table)
	}
	for _, name := range []string{l.Links.Table, l.Links.Key, l.Links.Target, l.Links.Position} {
		if !identifiers.MatchString(name) || name == "bucket" {
			r.fail(d.Position, "%s: %q is no name of a table or column of links; use lower case letters, digits and _", l.Path(), name)
		}
	}
	if k := l.Links; k.Key == k.Target || k.Key == k.Position || k.Target == k.Position {
		r.fail(d.Position, "%s: key, target and order must be three columns of %s", l.Path(), k.Table)
	}
	for _, a := range f.Arguments {
		if def := r.schema.Types[a.Type.Name()]; a.Name == "orderBy" || def.Kind == ast.InputObject {
			r.fail(a.Position, "%s: a @belongsToMany list is sorted by its links and has no filter; remove the argument %s", l.Path(), a.Name)
		}
	}
	if e.Reference {
		r.fail(d.Position, "%s: links lie in one bucket with their row, and the rows of a reference table lie in none; remove reference from %s, or say @computed", l.Path(), e.Name)
	}
	l.Key = l.Links.Key
	e.ManyToMany = append(e.ManyToMany, l)
}

// root reads a field of Query.
func (r *reader) root(f *ast.FieldDefinition) {
	if d := f.Directives.ForName("list"); d != nil {
		if l := r.list(nil, f); l != nil {
			r.ordering(l, f, d)
			r.model.Lists = append(r.model.Lists, l)
		}
	}
	if d := f.Directives.ForName("get"); d != nil {
		id := f.Arguments.ForName("id")
		if r.byName[f.Type.NamedType] == nil || id == nil || id.Type.String() != "ID!" || len(f.Arguments) > 1 {
			r.fail(f.Position, "Query.%s: @get needs the one argument id: ID! and a type with a @table, such as %s(id: ID!): %s @get", f.Name, f.Name, r.example(f.Type.Name()))
		}
	}
	if d := f.Directives.ForName("node"); d != nil {
		one, many := f.Arguments.ForName("id"), f.Arguments.ForName("ids")
		single := f.Type.NamedType == "Node" && one != nil && one.Type.String() == "ID!"
		several := f.Type.String() == "[Node]" && many != nil && many.Type.String() == "[ID!]!"
		if !single && !several {
			r.fail(d.Position, "Query.%s: write %s(id: ID!): Node @node or %s(ids: [ID!]!): [Node] @node", f.Name, f.Name, f.Name)
		}
	}
}

// example is the name of a type with a table, name itself if it is one.
func (r *reader) example(name string) string {
	if name = strings.TrimSuffix(name, "Connection"); r.byName[name] == nil && len(r.model.Entities) > 0 {
		name = r.model.Entities[0].Name
	}
	return name
}

// list reads what every connection field has; nil if its type is none.
func (r *reader) list(parent *Entity, f *ast.FieldDefinition) *List {
	l := &List{Field: f.Name, Parent: parent}
	name, ok := strings.CutSuffix(f.Type.NamedType, "Connection")
	if l.Target = r.byName[name]; !ok || l.Target == nil {
		if def := r.schema.Types[name]; ok && def != nil && def.Kind == ast.Object {
			r.fail(f.Position, "%s: %s has no @table; give it one, or say @computed here", l.Path(), name)
			return nil
		}
		r.fail(f.Position, "%s: a list must be a connection of a type with a @table, such as %sConnection, not %s", l.Path(), r.example(f.Type.Name()), f.Type)
		return nil
	}
	if f.Type.NonNull {
		r.fail(f.Position, "%s must be nullable: a list may need a shard that cannot be reached, and that should cost this field alone; write %s without the !", l.Path(), f.Type.NamedType)
	}
	r.paging(l, f)
	r.arguments(l, f)
	return l
}

// paging demands the four arguments of a connection, and a bound.
func (r *reader) paging(l *List, f *ast.FieldDefinition) {
	for _, want := range []string{"first: Int", "after: String", "last: Int", "before: String"} {
		name, typ, _ := strings.Cut(want, ": ")
		if a := f.Arguments.ForName(name); a == nil || a.Type.String() != typ {
			r.fail(f.Position, "%s: a connection needs the argument %s", l.Path(), want)
		}
	}
	size := f.Directives.ForName("listSize")
	if size != nil {
		l.PageSize, _ = strconv.Atoi(argument(size, "assumedSize"))
	}
	if size == nil || l.PageSize < 1 || l.PageSize > maxPageSize ||
		!slices.Equal(texts(size, "slicingArguments"), []string{"first", "last"}) || !slices.Equal(texts(size, "sizedFields"), []string{"nodes", "edges"}) {
		r.fail(f.Position, "%s is a list without a bound; add @listSize(assumedSize: 20, slicingArguments: [\"first\", \"last\"], sizedFields: [\"nodes\", \"edges\"], requireOneSlicingArgument: false), where assumedSize is the page size when a client names none, at most %d", l.Path(), maxPageSize)
	}
}

// arguments reads the filter, and refuses what nothing would look at.
func (r *reader) arguments(l *List, f *ast.FieldDefinition) {
	for _, a := range f.Arguments {
		switch def := r.schema.Types[a.Type.Name()]; {
		case slices.Contains([]string{"first", "after", "last", "before", "orderBy"}, a.Name):
		case def.Kind != ast.InputObject:
			r.fail(a.Position, "%s: nothing looks at the argument %s; make it a field of a filter: filter: %sFilter", l.Path(), a.Name, l.Target.Name)
		case a.Type.NonNull || a.Type.Elem != nil:
			r.fail(a.Position, "%s: a filter must be optional and no list; write %s: %s", l.Path(), a.Name, def.Name)
		case l.Filter != nil:
			r.fail(a.Position, "%s has two filters, %s and %s; make them one input", l.Path(), l.FilterArg, a.Name)
		default:
			l.Filter, l.FilterArg = r.filter(l.Target, def), a.Name
		}
	}
}

// ordering finds the orders of a list: an argument orderBy, or a fixed one.
func (r *reader) ordering(l *List, f *ast.FieldDefinition, d *ast.Directive) {
	fixed := argument(d, "order")
	by := f.Arguments.ForName("orderBy")
	switch {
	case by == nil && fixed == "":
		r.fail(f.Position, "%s is a list without an order; add the argument orderBy: %sOrder! = ID with an enum whose values have @order, or say @%s(…, order: \"id\")", l.Path(), l.Target.Name, d.Name)
	case by != nil && fixed != "":
		r.fail(f.Position, "%s: orderBy and a fixed order contradict each other; remove one", l.Path())
	case by != nil:
		def := r.schema.Types[by.Type.Name()]
		if def.Kind != ast.Enum || !by.Type.NonNull || by.Type.Elem != nil || by.DefaultValue == nil {
			r.fail(by.Position, "%s: orderBy must be an enum with a default, such as orderBy: %sOrder! = ID", l.Path(), l.Target.Name)
			return
		}
		l.Orders = r.orders(l.Target, def)
	default:
		l.FixedOrder = r.order(l.Target, l.Path(), d.Position, "FIXED", fixed, false)
	}
}

func (r *reader) orders(e *Entity, def *ast.Definition) *OrderEnum {
	for _, o := range r.model.Orders {
		if o.Name == def.Name {
			if o.Entity != e {
				r.fail(def.Position, "%s sorts %s and %s; write an enum for each", def.Name, o.Entity.Name, e.Name)
			}
			return o
		}
	}
	o := &OrderEnum{Name: def.Name, Description: def.Description, Entity: e}
	for _, v := range def.EnumValues {
		d := v.Directives.ForName("order")
		if d == nil {
			r.fail(v.Position, "%s.%s: say what it sorts by: @order(by: \"id\")", def.Name, v.Name)
			continue
		}
		if order := r.order(e, def.Name+"."+v.Name, d.Position, v.Name, argument(d, "by"), argument(d, "descending") == "true"); order != nil {
			order.Description = v.Description
			o.Orders = append(o.Orders, order)
		}
	}
	r.model.Orders = append(r.model.Orders, o)
	return o
}

func (r *reader) order(e *Entity, path string, at *ast.Position, name, column string, descending bool) *Order {
	o := &Order{Name: name, Descending: descending}
	if column == "id" {
		return o
	}
	c := e.columnNamed(column)
	switch {
	case c == nil:
		r.noColumn(at, path, e, column)
		return nil
	case c.Null:
		r.fail(at, "%s: %s.%s may be null, and a row without a value has no place in an order; sort by a column that is never null", path, e.Name, c.Name)
		return nil
	case c.Type == "Boolean" || c.Type == "ID" || c.Enum:
		r.fail(at, "%s: cannot sort by %s.%s of type %s; sort by a text, a number or a time", path, e.Name, c.Name, c.Type)
		return nil
	}
	o.Column = c
	return o
}
