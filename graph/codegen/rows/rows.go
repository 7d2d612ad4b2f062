// Package rows writes the store's part of the schema: a file per entity with its row type, table,
// relations, orders and filter, and one file with what belongs to all of them.
package rows

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"

	"backline/graph/codegen/entity"
	"backline/graph/codegen/output"
)

var (
	//go:embed row.gotpl
	rowTemplate string
	//go:embed schema.gotpl
	schemaTemplate string
)

// Files renders the generated files of the store.
func Files(m *entity.Model) ([]output.File, error) {
	s := schema{m}
	funcs := map[string]any{
		"goType": s.goType, "decode": s.decode, "filterType": s.filterType, "condition": condition,
		"orderBy": orderBy, "place": place, "postgresType": postgresType, "sorted": s.sorted,
		"ordersOf": s.ordersOf, "filtersOf": s.filtersOf, "rootOf": s.rootOf, "listsOf": s.listsOf,
		"columns": func(e *entity.Entity) []string { return columns(e, func(*entity.Column) bool { return true }) },
		"textColumns": func(e *entity.Entity) []string {
			return columns(e, func(c *entity.Column) bool { return c.Type == "Decimal" })
		},
		"valueNames": valueNames, "readers": readers, "references": references, "rowless": s.rowless,
		"owners": owners, "gate": gate, "pack": pack, "layout": s.layout, "packs": m.Packs, "cachePolicy": cachePolicy,
	}
	var files []output.File
	for _, e := range m.Entities {
		name := e.Table + "_gen.go"
		if e.Table == "schema" {
			name = "schema_row_gen.go" // the other name is taken
		}
		f, err := output.Go(name, rowTemplate, funcs, e)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	f, err := output.Go("schema_gen.go", schemaTemplate, funcs, m)
	return append(files, f), err
}

// schema finds what the templates ask for.
type schema struct{ *entity.Model }

func (s schema) ordersOf(e *entity.Entity) []*entity.OrderEnum {
	return only(s.Orders, func(o *entity.OrderEnum) bool { return o.Entity == e })
}

func (s schema) filtersOf(e *entity.Entity) []*entity.Filter {
	return only(s.Filters, func(f *entity.Filter) bool { return f.Entity == e })
}

func (s schema) rootOf(e *entity.Entity) []*entity.List {
	return only(s.Lists, func(l *entity.List) bool { return l.Target == e })
}

// listsOf are the relations whose rows are those of an entity: they stand with it, whichever entity
// they belong to.
func (s schema) listsOf(e *entity.Entity) []*entity.List {
	return only(s.relations(), func(l *entity.List) bool { return l.Target == e })
}

func (s schema) relations() []*entity.List {
	var all []*entity.List
	for _, parent := range s.Entities {
		all = append(all, parent.HasMany...)
	}
	return all
}

// sorted says whether an order or a filter compares a column by more than equality.
func (s schema) sorted(c *entity.Column) bool {
	for _, o := range s.Orders {
		if slices.ContainsFunc(o.Orders, func(o *entity.Order) bool { return o.Column == c }) {
			return true
		}
	}
	for _, f := range s.Filters {
		if slices.ContainsFunc(f.Fields, func(f *entity.FilterField) bool { return f.Column == c && f.Op != "=" }) {
			return true
		}
	}
	return slices.ContainsFunc(slices.Concat(s.Lists, s.relations()), func(l *entity.List) bool {
		return l.FixedOrder != nil && l.FixedOrder.Column == c
	})
}

// enum is the Go type of an enum.
func (s schema) enum(name string) string {
	for _, e := range s.Enums {
		if e.Name == name {
			return e.GoName
		}
	}
	return name
}

func only[T any](all []T, wanted func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(t T) bool { return !wanted(t) })
}

func columns(e *entity.Entity, wanted func(*entity.Column) bool) []string {
	var names []string
	for _, c := range only(e.Columns, wanted) {
		names = append(names, c.Name)
	}
	return names
}

// reader is a field that reads a column of its row.
type reader struct{ Field, Column string }

// readers are the fields of an entity that the store knows all about: columns, and relations with
// the key that they follow.
func readers(e *entity.Entity) []reader {
	var all []reader
	for _, c := range e.Columns {
		if c.Field != "" {
			all = append(all, reader{c.Field, c.Name})
		}
	}
	for _, b := range e.BelongsTo {
		all = append(all, reader{b.Field, b.Column.Name})
	}
	for _, l := range slices.Concat(e.HasMany, e.ManyToMany) {
		all = append(all, reader{l.Field, "id"})
	}
	return all
}

// references are the fields of an entity that lead to rows of reference tables.
func references(e *entity.Entity) []*entity.BelongsTo {
	var all []*entity.BelongsTo
	for _, b := range e.BelongsTo {
		if b.Target.Reference {
			all = append(all, b)
		}
	}
	return all
}

// fieldsOf are fields of a type without a table.
type fieldsOf struct {
	Type   string
	Fields []string
}

// rowless are the types without tables whose fields read nothing of rows but where these are.
func (s schema) rowless() []fieldsOf {
	var all []fieldsOf
	for _, c := range s.Connections {
		all = append(all, fieldsOf{c.Name, []string{"edges", "nodes", "pageInfo", "totalCount"}}, fieldsOf{c.Edge, []string{"cursor", "node"}})
	}
	if s.Schema.Types["PageInfo"] != nil {
		all = append(all, fieldsOf{"PageInfo", []string{"endCursor", "hasNextPage", "hasPreviousPage", "startCursor"}})
	}
	if s.Schema.Query != nil {
		query := fieldsOf{Type: s.Schema.Query.Name}
		for _, f := range s.Schema.Query.Fields {
			for _, directive := range []string{"get", "list", "node"} {
				if f.Directives.ForName(directive) != nil {
					query.Fields = append(query.Fields, f.Name)
				}
			}
		}
		all = append(all, query)
	}
	return all
}

func valueNames(e *entity.Enum) []string {
	var names []string
	for _, v := range e.Values {
		names = append(names, v.Name)
	}
	return names
}

var goTypes = map[string]string{
	"String": "string", "Int": "int32", "Float": "float64", "Boolean": "bool",
	"DateTime": "time.Time", "Decimal": "Decimal", "ID": "ID",
}

func (s schema) goType(c *entity.Column) string {
	t := goTypes[c.Type]
	if c.Enum {
		t = s.enum(c.Type)
	}
	if c.Null && c.Type != "ID" {
		return "*" + t
	}
	return t
}

var decoders = map[string]string{
	"String": "String", "Int": "Int", "Float": "Float", "Boolean": "Bool",
	"DateTime": "Time", "Decimal": "Decimal",
}

// decode is the expression that reads column c from value v.
func (s schema) decode(c *entity.Column, v string) string {
	switch {
	case c.Type == "ID":
		return "d.ID(" + v + ")"
	case c.Enum && c.Null:
		return "(*" + s.enum(c.Type) + ")(d.NullString(" + v + "))"
	case c.Enum:
		return s.enum(c.Type) + "(d.String(" + v + "))"
	case c.Null:
		return "d.Null" + decoders[c.Type] + "(" + v + ")"
	default:
		return "d." + decoders[c.Type] + "(" + v + ")"
	}
}

// pack is the statement that writes a column for the cache.
func pack(c *entity.Column) string {
	value := "r." + c.GoName
	switch {
	case c.Type == "ID":
		return "p.ID(" + value + ")"
	case (c.Enum || c.Type == "Decimal") && c.Null:
		return "p.NullString((*string)(" + value + "))"
	case c.Enum || c.Type == "Decimal":
		return "p.String(string(" + value + "))"
	case c.Null:
		return "p.Null" + decoders[c.Type] + "(" + value + ")"
	default:
		return "p." + decoders[c.Type] + "(" + value + ")"
	}
}

func orderBy(e *entity.Entity, o *entity.Order) string {
	direction := "ascending"
	if o.Descending {
		direction = "descending"
	}
	if o.Column == nil {
		return `orderByID[` + e.GoName + `]("` + o.Name + `", ` + direction + `)`
	}
	kind := map[string]string{"String": "String", "Int": "Int", "Float": "Float", "DateTime": "Time", "Decimal": "Decimal"}[o.Column.Type]
	return `orderBy` + kind + `("` + o.Name + `", "` + o.Column.Name + `", ` + direction +
		`, func(r *` + e.GoName + `) ` + goTypes[o.Column.Type] + ` { return r.` + o.Column.GoName + ` })`
}

func (s schema) filterType(f *entity.FilterField) string {
	if f.Kind != nil {
		return "*NodeID"
	}
	if f.Column.Enum {
		return "*" + s.enum(f.Column.Type)
	}
	return "*" + goTypes[f.Column.Type]
}

// condition is the statement that adds a filter's field to conditions c.
func condition(f *entity.FilterField) string {
	column := `"t.` + f.Column.Name + `"`
	field := `"` + f.Name + `"`
	switch {
	case f.Kind != nil:
		return "refersTo(&c, " + field + ", " + column + ", Kind" + f.Kind.GoName + ", f." + f.GoName + ")"
	case f.Op == "startsWith":
		return "startsWith(&c, " + field + ", " + column + ", f." + f.GoName + ")"
	case f.Column.Enum:
		return "compare(&c, " + field + ", " + column + `, "=", (*string)(f.` + f.GoName + "))"
	default:
		return "compare(&c, " + field + ", " + column + `, "` + f.Op + `", f.` + f.GoName + ")"
	}
}

// place says in words where the rows of an entity lie.
func place(e *entity.Entity) string {
	switch {
	case e.Reference:
		return "which every shard holds whole"
	case e.ColocatedBy != nil:
		return "colocated with its " + words(e.ColocatedBy.Target.Name)
	default:
		return "a root"
	}
}

// words turns InvoiceLine into invoice line.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

var postgresTypes = map[string]string{
	"String": "text", "Int": "integer", "Float": "double precision", "Boolean": "boolean",
	"DateTime": "timestamp with time zone", "Decimal": "numeric", "ID": "bigint",
}

func postgresType(c *entity.Column) string {
	if c.Enum {
		return "text"
	}
	return postgresTypes[c.Type]
}
