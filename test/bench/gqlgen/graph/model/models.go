// Package model holds the rows that the resolvers return. Their fields are in the order of the
// columns in package loader.
package model

import "time"

// Artist is a row of its table.
type Artist struct {
	ID   int
	Name string
}

// Album is a row of its table.
type Album struct {
	ID       int
	Title    string
	ArtistID int
}

// Track is a row of its table.
type Track struct {
	ID           int
	Name         string
	Milliseconds int
	UnitPrice    string
	AlbumID      *int
	GenreID      *int
	MediaTypeID  int
}

// Genre is a row of its table.
type Genre struct {
	ID   int
	Name string
}

// MediaType is a row of its table.
type MediaType struct {
	ID   int
	Name string
}

// Customer is a row of its table.
type Customer struct {
	ID           int
	FirstName    string
	LastName     string
	SupportRepID *int
}

// Employee is a row of its table.
type Employee struct {
	ID        int
	FirstName string
	LastName  string
}

// Invoice is a row of its table.
type Invoice struct {
	ID         int
	Date       time.Time
	Total      string
	CustomerID int
}

// InvoiceDate is a field of the schema.
func (i *Invoice) InvoiceDate() string { return i.Date.Format(time.RFC3339Nano) }

// InvoiceLine is a row of its table.
type InvoiceLine struct {
	ID        int
	UnitPrice string
	Quantity  int
	InvoiceID int
	TrackID   int
}
