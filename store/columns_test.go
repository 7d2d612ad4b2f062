package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"backline/store"
)

// columnsOf are the columns that the statement of a query reads of a table's alias.
func columnsOf(q *store.Query, alias string) []string {
	sql := q.Parts[0].Statement.SQL
	if _, inner, ok := strings.Cut(sql, "LATERAL ("); ok {
		sql = inner
	}
	list, _, _ := strings.Cut(strings.TrimPrefix(sql, "SELECT "), " FROM ")
	var names []string
	for c := range strings.SplitSeq(list, ", ") {
		if name, ok := strings.CutPrefix(c, alias+"."); ok {
			names = append(names, name)
		}
	}
	return names
}

// TestNeeds: no statement reads more columns than the operation needs.
func TestNeeds(t *testing.T) {
	t.Parallel()
	needs := store.NeedsOf(map[string][]string{
		"Query":           {"__typename", "artist", "nodes"},
		"Artist":          {"__typename", "albums", "name"},
		"Album":           {"artist", "tracks"},
		"Track":           {"genre", "milliseconds"},
		"AlbumConnection": {"edges", "nodes", "pageInfo", "totalCount"},
		"TrackConnection": {"nodes"}, "AlbumEdge": {"cursor", "node"}, "PageInfo": {"endCursor"},
		"Customer": {},
	})
	if needs == nil {
		t.Fatal("the operation needs whole rows")
	}
	s, first := store.Unconnected(1), int32(2)
	byLength := store.TrackOrderLength.Order()
	pages := func(w *store.Window[store.Track], err error) *store.Query {
		if err != nil {
			t.Fatal(err)
		}
		return &store.TracksByAlbumID.Pages(s, w, []store.ID{1}, needs).Query
	}
	for _, c := range []struct {
		what  string
		query *store.Query
		alias string
		want  string
	}{
		{"what is selected, and the id", &store.ArtistTable.Rows(s, []store.ID{1}, 0, needs).Query, "t", "id name"},
		{"the keys of relations", &store.AlbumTable.Rows(s, []store.ID{1}, 0, needs).Query, "t", "id artist_id"},
		{"nothing is selected", &store.CustomerTable.Rows(s, []store.ID{1}, 0, needs).Query, "t", "id"},
		{"a type that the operation does not have", &store.GenreTable.Rows(s, []store.ID{1}, 0, needs).Query, "t", "id name"},
		{"a row", &store.TrackTable.Rows(s, []store.ID{1}, 2, needs).Query, "t", "id milliseconds genre_id"},
		{"the row above it", &store.TrackTable.Rows(s, []store.ID{1}, 2, needs).Query, "p1", "id artist_id"},
		{"the row above that", &store.TrackTable.Rows(s, []store.ID{1}, 2, needs).Query, "p2", "id name"},
		{"a page, with the parent", pages(store.TracksByAlbumID.Window(store.PageArgs{First: &first}, store.TrackOrderID.Order(), nil)), "t", "id milliseconds album_id genre_id"},
		{"a sorted page, with what it is sorted by", pages(store.TracksByAlbumID.Window(store.PageArgs{First: &first}, store.TrackOrderName.Order(), nil)), "t", "id name milliseconds album_id genre_id"},
		{"a page sorted by what is selected", pages(store.TracksByAlbumID.Window(store.PageArgs{First: &first}, byLength, nil)), "t", "id milliseconds album_id genre_id"},
		{"nobody said what is needed", &store.TrackTable.Rows(s, []store.ID{1}, 0, nil).Query, "t", strings.Join(store.TrackTable.Columns, " ")},
	} {
		if got := strings.Join(columnsOf(c.query, c.alias), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

// TestNeedsOfHandwritten: what the schema's directives do not explain may look at any column.
func TestNeedsOfHandwritten(t *testing.T) {
	t.Parallel()
	for _, selected := range []map[string][]string{
		{"Album": {"title", "computed"}},
		{"Query": {"album", "search"}},
		{"AlbumConnection": {"nodes", "average"}},
		{"Stranger": {"name"}},
	} {
		if store.NeedsOf(selected) != nil {
			t.Errorf("%v: whole rows are needed", selected)
		}
	}
	if store.NeedsOf(map[string][]string{"Stranger": {"__typename"}, "Query": {"__schema"}}) == nil {
		t.Error("introspection reads no rows")
	}
}

// TestAlways: a table may want columns whatever is selected.
func TestAlways(t *testing.T) {
	t.Parallel()
	s, none := store.Unconnected(1), store.NeedsOf(nil)
	table := store.NewTable(&store.Table[store.Track]{
		Name: "track", Kind: store.KindTrack, Columns: store.TrackTable.Columns, Always: []string{"composer"},
		Fields: store.TrackTable.Fields, Key: store.TrackTable.Key, Decode: store.TrackTable.Decode,
	})
	if got := columnsOf(&table.Rows(s, []store.ID{1}, 0, none).Query, "t"); !slices.Equal(got, table.Columns) {
		t.Errorf("of a type that is not selected: %s", got)
	}
	needs := store.NeedsOf(map[string][]string{"Track": {"name"}})
	if got := strings.Join(columnsOf(&table.Rows(s, []store.ID{1}, 0, needs).Query, "t"), " "); got != "id name composer" {
		t.Errorf("got %s", got)
	}
}

// TestManyChoices: clients cannot make connections prepare statements without end.
func TestManyChoices(t *testing.T) {
	t.Parallel()
	s, first := store.Unconnected(1), int32(2)
	rows, pages, wide := map[string]bool{}, map[string]bool{}, 0
	table := store.NewTable(&store.Table[store.Customer]{
		Name: "customer", Kind: store.KindCustomer, Columns: store.CustomerTable.Columns,
		Key: store.CustomerTable.Key, Decode: store.CustomerTable.Decode,
	})
	list := &store.List[store.Customer]{Field: "Query.all", Table: table, ID: "id", PageSize: 20}
	w, err := list.Window(store.PageArgs{First: &first}, store.CustomerOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	fields := []string{"firstName", "lastName", "company", "address", "city", "state", "country", "postalCode", "phone", "fax", "email"}
	for i := range 1 << len(fields) {
		var selected []string
		for n, f := range fields {
			if i&(1<<n) != 0 {
				selected = append(selected, f)
			}
		}
		needs := store.NeedsOf(map[string][]string{"Customer": selected})
		q := table.Rows(s, []store.ID{1}, 0, needs)
		rows[q.Parts[0].Statement.SQL] = true
		pages[list.Pages(s, w, []store.ID{store.Root}, needs).Parts[0].Statement.SQL] = true
		got := columnsOf(&q.Query, "t")
		if len(got) == len(table.Columns) {
			wide++
		}
		for n, f := range fields {
			if i&(1<<n) != 0 && !slices.Contains(got, store.CustomerTable.Fields[f]) {
				t.Fatalf("%s is selected and not read", f)
			}
		}
	}
	if len(rows) > 65 || len(pages) > 65 || wide < 1000 {
		t.Errorf("%d statements by id, %d of a list; %d times all columns", len(rows), len(pages), wide)
	}
	if got := fmt.Sprint(columnsOf(&table.Rows(s, []store.ID{1}, 0, nil).Query, "t")); got != fmt.Sprint(table.Columns) {
		t.Errorf("whole rows have %s", got)
	}
}

// TestPagesReadWhatTheyAsk: a statement that came to the bound reads all columns, and so does what
// takes its rows. A list has two statements for a choice, so that either may be the one that does.
func TestPagesReadWhatTheyAsk(t *testing.T) {
	t.Parallel()
	s, first := store.Unconnected(1), int32(100)
	table := store.NewTable(&store.Table[store.Customer]{
		Name: "customer", Kind: store.KindCustomer, Columns: store.CustomerTable.Columns,
		Fields: store.CustomerTable.Fields, Key: store.CustomerTable.Key,
		Decode: func(_ *store.Decoder, row *store.Customer, places []uint16, values [][]byte) {
			row.SupportRepID = 1
			if len(places) != len(values) {
				t.Errorf("%d columns are read, and %d expected", len(values), len(places))
			}
		},
	})
	list := &store.List[store.Customer]{
		Field: "Employee.all", Table: table, ID: "id", Parent: "support_rep_id", Colocated: true, PageSize: 20,
		ParentOf: func(r *store.Customer) store.ID { return r.SupportRepID },
	}
	list.Known(1)
	parents := []store.ID{1, 2, 3, 4, 5, 6, 7, 8, 9}
	ask := func(parents []store.ID, selected ...string) (columns int) {
		w, err := list.Window(store.PageArgs{First: &first}, store.CustomerOrderID.Order(), nil)
		if err != nil {
			t.Fatal(err)
		}
		q := list.Pages(s, w, parents, store.NeedsOf(map[string][]string{"Customer": selected}))
		columns = len(columnsOf(&q.Query, "t"))
		q.Parts[0].Row(make([][]byte, columns))
		return columns
	}
	ask(parents[:1], "company") // an odd number of statements
	fields := []string{"firstName", "lastName", "address", "city", "state", "country", "phone"}
	wide := 0
	for i := range 1 << len(fields) {
		var selected []string
		for n, f := range fields {
			if i&(1<<n) != 0 {
				selected = append(selected, f)
			}
		}
		if ask(parents, selected...) == len(table.Columns) {
			wide++
		}
	}
	if wide == 0 {
		t.Error("no statement came to the bound")
	}
}
