// Package entity reads from a schema what the generator needs to know: which types have rows, where
// these lie, how they refer to each other, and in which ways clients may list them.
//
// It is the pure core of the generator: SDL in, a Model or the errors out. It writes nothing, and it
// knows nothing of any particular domain.
package entity

import "github.com/vektah/gqlparser/v2/ast"

// Model is all that follows from the directives of a schema, in the order of names.
type Model struct {
	Schema      *ast.Schema
	Entities    []*Entity
	Enums       []*Enum
	Orders      []*OrderEnum
	Filters     []*Filter
	Lists       []*List // root lists, by field
	Computed    []*Computed
	Connections []*Connection
	Abstracts   []*Abstract
	Policies    map[string]*Policy // of object types that say one, by name
}

// Entity is an object type with rows.
type Entity struct {
	Name        string // of the GraphQL type
	Description string
	GoName      string // of the row type
	Table       string
	Prefix      string
	Reference   bool
	ColocatedBy *BelongsTo // nil for roots and reference tables
	Columns     []*Column  // in the order of the fields, the id first, foreign keys last
	BelongsTo   []*BelongsTo
	HasMany     []*List
	ManyToMany  []*List
	Abstracts   []string // interfaces and unions that it is a member of
	Cached      *Cached  // nil: its rows are not kept by id
	Policy      *Policy  // never nil

	def     *ast.Definition
	refused []string // columns that a mistake keeps out
}

// Column is a column of a table.
type Column struct {
	Name   string // in Postgres
	GoName string
	Field  string // of the GraphQL type; "" for foreign keys
	Type   string // a GraphQL scalar, an enum, or "ID" for keys
	Enum   bool
	Null   bool
	Target *Entity // for foreign keys: whose id it holds
}

// BelongsTo is a field whose value is the one row that a column names.
type BelongsTo struct {
	Field  string
	Column *Column
	Target *Entity
}

// List is a field whose value is a connection.
type List struct {
	Field      string  // "albums"
	Parent     *Entity // nil for a root list
	Target     *Entity
	GoName     string // of the list in the store and its loader: "AlbumsByArtistID", "Artists"
	Key        string // the column that names the parent; "" for a root list
	KeyGo      string
	Colocated  bool
	PageSize   int
	Orders     *OrderEnum // nil where the order is fixed
	FixedOrder *Order
	Filter     *Filter // nil if the field has none
	Links      *Links  // nil but for many-to-many
	FilterArg  string
	Cached     *Cached // nil: its pages are not kept
}

// Path is "Artist.albums" or "Query.artists".
func (l *List) Path() string {
	if l.Parent == nil {
		return "Query." + l.Field
	}
	return l.Parent.Name + "." + l.Field
}

// Links is the table of a many-to-many relation.
type Links struct {
	Table    string
	Key      string
	Target   string
	Position string
}

// OrderEnum is an enum whose values are ways to sort the rows of one entity.
type OrderEnum struct {
	Name        string // of the GraphQL enum
	GoName      string
	Variable    string // of the store, holding its orders
	Description string
	Entity      *Entity
	Orders      []*Order
}

// Order is one of them.
type Order struct {
	Name        string
	GoName      string
	Description string
	Column      *Column // nil: by id alone
	Descending  bool
}

// Filter is an input whose fields compare columns of one entity.
type Filter struct {
	Name        string // of the GraphQL input
	GoName      string
	Description string
	Entity      *Entity
	Fields      []*FilterField
}

// FilterField compares one column.
type FilterField struct {
	Name        string
	GoName      string
	Description string
	Column      *Column
	Op          string
	Kind        *Entity // for a field of type ID: whose id it must be
}

// Enum is an enum that is the type of a column.
type Enum struct {
	Name        string // of the GraphQL enum
	GoName      string
	Description string
	Values      []*EnumValue
}

// EnumValue is one value of an enum.
type EnumValue struct {
	Name        string
	GoName      string
	Description string
}

// Abstract is an interface or a union whose members all have rows.
type Abstract struct {
	Name        string
	GoName      string
	Description string
}

// Connection is a generated connection type with its edge.
type Connection struct {
	Name   string // "AlbumConnection"
	Edge   string // "AlbumEdge"
	Target *Entity
}
