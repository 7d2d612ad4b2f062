package seed

import (
	"fmt"
	"slices"
	"strings"

	"backline/store/shard"
)

// scriptColumns are the tables of the script with their columns; the lengths and what may be NULL
// are those of its CREATE TABLE statements, except that every name must be given.
var scriptColumns = [tableCount][]string{
	Genre:     {"genre_id", "name"},
	MediaType: {"media_type_id", "name"},
	Employee: {"employee_id", "last_name", "first_name", "title", "reports_to", "birth_date", "hire_date",
		"address", "city", "state", "country", "postal_code", "phone", "fax", "email"},
	Artist:        {"artist_id", "name"},
	Album:         {"album_id", "title", "artist_id"},
	Track:         {"track_id", "name", "album_id", "media_type_id", "genre_id", "composer", "milliseconds", "bytes", "unit_price"},
	Playlist:      {"playlist_id", "name"},
	PlaylistTrack: {"playlist_id", "track_id"},
	Customer: {"customer_id", "first_name", "last_name", "company", "address", "city", "state", "country",
		"postal_code", "phone", "fax", "email", "support_rep_id"},
	Invoice: {"invoice_id", "customer_id", "invoice_date", "billing_address", "billing_city", "billing_state",
		"billing_country", "billing_postal_code", "total"},
	InvoiceLine: {"invoice_line_id", "invoice_id", "track_id", "unit_price", "quantity"},
}

// scriptReader collects a script's rows. Until resolve gives them their ids, the ids of the rows
// are the script's own keys.
type scriptReader struct {
	script Script
	// lines of the rows of each table, in the order of the script.
	lines [tableCount][]int
	// seen holds, per table, the keys that have been read and the index of their row.
	seen [tableCount]map[scriptKey]int
}

// scriptKey is a primary key of the script; only that of playlist_track has a second column.
type scriptKey struct{ first, second int64 }

func newScriptReader() *scriptReader {
	r := &scriptReader{}
	for t := range tableCount {
		r.seen[t] = map[scriptKey]int{}
	}
	return r
}

func (r *scriptReader) empty() bool {
	for _, lines := range r.lines {
		if len(lines) > 0 {
			return false
		}
	}
	return true
}

// row reads one row of an INSERT.
func (r *scriptReader) row(in *tuple) error {
	t, err := tableOf(in)
	if err != nil {
		return err
	}
	var bad error
	for i, column := range in.columns {
		if !slices.Contains(scriptColumns[t], column) {
			return errorAt(in.line, "table %s has no column %s: its columns are %s",
				t, shorten(column), strings.Join(scriptColumns[t], ", "))
		}
		if slices.Contains(in.columns[:i], column) {
			return errorAt(in.line, "column %s is named twice", column)
		}
	}
	get := func(column string) field {
		i := slices.Index(in.columns, column)
		if i < 0 { // as in SQL, a column that is not named is NULL
			return field{column, value{token: token{line: in.line}, null: true}, &bad}
		}
		return field{column, in.values[i], &bad}
	}
	key := r.add(t, get)
	if bad != nil {
		return bad
	}
	if first, twice := r.seen[t][key]; twice {
		return errorAt(in.line, "%s %s is given twice, first in line %d", t, key, r.lines[t][first])
	}
	r.seen[t][key] = len(r.lines[t])
	r.lines[t] = append(r.lines[t], in.line)
	return nil
}

func (k scriptKey) String() string {
	if k.second != 0 {
		return fmt.Sprintf("%d, %d", k.first, k.second)
	}
	return fmt.Sprint(k.first)
}

func tableOf(in *tuple) (Table, error) {
	for t := range tableCount {
		if t.String() == in.table {
			return t, nil
		}
	}
	return 0, errorAt(in.line, "the data set has no table %s: its tables are %s",
		shorten(in.table), strings.Join(tableNames(), ", "))
}

// add reads the columns of a row, keeps it, and returns its key.
func (r *scriptReader) add(t Table, get func(string) field) scriptKey {
	s := &r.script
	key := scriptKey{first: get(scriptColumns[t][0]).key()}
	id := shard.ID(key.first)
	switch t {
	case Genre:
		s.genres = append(s.genres, nameRow{id, get("name").text(120)})
	case MediaType:
		s.mediaTypes = append(s.mediaTypes, nameRow{id, get("name").text(120)})
	case Artist:
		s.artists = append(s.artists, rootRow{id, get("name").text(120)})
	case Playlist:
		s.playlists = append(s.playlists, rootRow{id, get("name").text(120)})
	case Album:
		s.albums = append(s.albums, albumRow{id, get("title").text(160), shard.ID(get("artist_id").key())})
	case Track:
		s.tracks = append(s.tracks, trackRow{
			id: id, name: get("name").text(200), composer: get("composer").nullText(220),
			milliseconds: get("milliseconds").int32(0), bytes: get("bytes").nullInt32(0),
			unitPrice: get("unit_price").money(false), albumID: shard.ID(get("album_id").nullKey()),
			mediaTypeID: shard.ID(get("media_type_id").key()), genreID: shard.ID(get("genre_id").nullKey()),
		})
	case PlaylistTrack:
		key.second = get("track_id").key()
		s.playlistTracks = append(s.playlistTracks, playlistTrackRow{playlistID: id, trackID: shard.ID(key.second)})
	case Employee:
		s.employees = append(s.employees, employeeRow{
			id: id, firstName: get("first_name").text(20), lastName: get("last_name").text(20),
			title: get("title").nullText(30), birth: get("birth_date").nullTime(), hire: get("hire_date").nullTime(),
			address: addressOf("", get), phone: get("phone").nullText(24), fax: get("fax").nullText(24),
			email: get("email").nullText(60), reportsTo: shard.ID(get("reports_to").nullKey()),
		})
	case Customer:
		s.customers = append(s.customers, customerRow{
			id: id, firstName: get("first_name").text(40), lastName: get("last_name").text(20),
			company: get("company").nullText(80), address: addressOf("", get),
			phone: get("phone").nullText(24), fax: get("fax").nullText(24), email: get("email").text(60),
			supportRepID: shard.ID(get("support_rep_id").nullKey()),
		})
	case Invoice:
		s.invoices = append(s.invoices, invoiceRow{
			id: id, date: get("invoice_date").time(), billing: addressOf("billing_", get),
			total: get("total").money(true), customerID: shard.ID(get("customer_id").key()),
		})
	case InvoiceLine:
		s.invoiceLines = append(s.invoiceLines, invoiceLineRow{
			id: id, unitPrice: get("unit_price").money(false), quantity: get("quantity").int32(1),
			invoiceID: shard.ID(get("invoice_id").key()), trackID: shard.ID(get("track_id").key()),
		})
	}
	return key
}

func addressOf(prefix string, get func(string) field) address {
	return address{
		street: get(prefix + "address").nullText(70), city: get(prefix + "city").nullText(40),
		state: get(prefix + "state").nullText(40), country: get(prefix + "country").nullText(40),
		postalCode: get(prefix + "postal_code").nullText(10),
	}
}
