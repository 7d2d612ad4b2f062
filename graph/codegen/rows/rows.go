// Package rows writes the store's part of the schema: a file per entity with its row type, table,
// relations, orders and filter, and one file with what belongs to all of them.
package rows

import (
	_ "embed"
	"strings"

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
	funcs := map[string]any{
		"goType": goType, "decode": decode, "orderBy": orderBy, "filterType": filterType, "condition": condition,
		"ordersOf": func(e *entity.Entity) (out []*entity.OrderEnum) {
			for _, o := range m.Orders {
				if o.Entity == e {
					out = append(out, o)
				}
			}
			return out
		},
		"filtersOf": func(e *entity.Entity) (out []*entity.Filter) {
			for _, f := range m.Filters {
				if f.Entity == e {
					out = append(out, f)
				}
			}
			return out
		},
		"rootOf": func(e *entity.Entity) (out []*entity.List) {
			for _, l := range m.Lists {
				if l.Target == e {
					out = append(out, l)
				}
			}
			return out
		},
		// The lists of an entity's rows stand with it, whichever entity they belong to.
		"listsOf": func(e *entity.Entity) (out []*entity.List) {
			for _, parent := range m.Entities {
				for _, l := range parent.HasMany {
					if l.Target == e {
						out = append(out, l)
					}
				}
			}
			return out
		},
		"place":        place,
		"variable":     variable,
		"postgresType": postgresType,
		"sorted":       func(e *entity.Entity, c *entity.Column) bool { return sorted(m, e, c) },
	}
	var files []output.File
	for _, e := range m.Entities {
		f, err := output.Go(e.Table+"_gen.go", rowTemplate, funcs, e)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	f, err := output.Go("schema_gen.go", schemaTemplate, funcs, m)
	return append(files, f), err
}

var goTypes = map[string]string{
	"String": "string", "Int": "int32", "Float": "float64", "Boolean": "bool",
	"DateTime": "time.Time", "Decimal": "Decimal", "ID": "ID",
}

func goType(c *entity.Column) string {
	t := goTypes[c.Type]
	if c.Enum {
		t = c.Type
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
func decode(c *entity.Column, v string) string {
	switch {
	case c.Type == "ID":
		return "d.ID(" + v + ")"
	case c.Enum && c.Null:
		return "(*" + c.Type + ")(d.NullString(" + v + "))"
	case c.Enum:
		return c.Type + "(d.String(" + v + "))"
	case c.Null:
		return "d.Null" + decoders[c.Type] + "(" + v + ")"
	default:
		return "d." + decoders[c.Type] + "(" + v + ")"
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

func filterType(f *entity.FilterField) string {
	if f.Kind != nil {
		return "*NodeID"
	}
	if f.Column.Enum {
		return "*" + f.Column.Type
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
		return "colocated with its " + strings.ToLower(e.ColocatedBy.Target.Name)
	default:
		return "a root"
	}
}

// variable is a Go name that is not exported.
func variable(name string) string { return strings.ToLower(name[:1]) + name[1:] }

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

// sorted says whether a list is sorted by a column.
func sorted(m *entity.Model, e *entity.Entity, c *entity.Column) bool {
	for _, o := range m.Orders {
		for _, order := range o.Orders {
			if o.Entity == e && order.Column == c {
				return true
			}
		}
	}
	lists := m.Lists
	for _, parent := range m.Entities {
		lists = append(lists[:len(lists):len(lists)], parent.HasMany...)
	}
	for _, l := range lists {
		if l.FixedOrder != nil && l.FixedOrder.Column == c {
			return true
		}
	}
	return false
}
