package seed

import "backline/store/shard"

// Table is a table that a seed fills.
type Table int

// The tables, each after those that it refers to.
const (
	Genre Table = iota
	MediaType
	Employee
	Artist
	Album
	Track
	Playlist
	PlaylistTrack
	Customer
	Invoice
	InvoiceLine
	tableCount
)

// layout is a table's name and its columns in the order that its rows are encoded.
type layout struct {
	name    string
	columns []string
	// reference tables hold the same rows on every shard.
	reference bool
}

var layouts = [tableCount]layout{
	Genre:     {"genre", []string{"id", "name"}, true},
	MediaType: {"media_type", []string{"id", "name"}, true},
	Employee: {"employee", []string{"id", "first_name", "last_name", "title", "birth_date", "hire_date",
		"address", "city", "state", "country", "postal_code", "phone", "fax", "email", "reports_to"}, true},
	Artist: {"artist", []string{"id", "bucket", "name"}, false},
	Album:  {"album", []string{"id", "bucket", "title", "artist_id"}, false},
	Track: {"track", []string{"id", "bucket", "name", "composer", "milliseconds", "bytes", "unit_price",
		"album_id", "media_type_id", "genre_id"}, false},
	Playlist:      {"playlist", []string{"id", "bucket", "name"}, false},
	PlaylistTrack: {"playlist_track", []string{"playlist_id", "bucket", "track_id", "position"}, false},
	Customer: {"customer", []string{"id", "bucket", "first_name", "last_name", "company", "address", "city",
		"state", "country", "postal_code", "phone", "fax", "email", "support_rep_id"}, false},
	Invoice: {"invoice", []string{"id", "bucket", "invoice_date", "billing_address", "billing_city",
		"billing_state", "billing_country", "billing_postal_code", "total", "customer_id"}, false},
	InvoiceLine: {"invoice_line", []string{"id", "bucket", "unit_price", "quantity", "invoice_id", "track_id"}, false},
}

// String is the table's name in the database.
func (t Table) String() string { return layouts[t].name }

// catalogue is a set of rows that can be loaded: the demo, or a script that has been read.
type catalogue interface {
	// fingerprint tells this catalogue from every other; equal fingerprints mean equal rows.
	fingerprint() string
	// rows is how many rows a table has over all shards; those of reference tables count once.
	rows(Table) int64
	// write hands over a table's rows that belong to the buckets that owns reports (for a reference
	// table: all of them) in the order of their keys. It may run for several shards at once, and
	// ends early with the error of out.failed.
	write(t Table, owns func(shard.Bucket) bool, out *copyWriter) error
}
