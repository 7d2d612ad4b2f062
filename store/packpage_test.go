package store_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"backline/store"
)

// drawPage is a page of any rows.
func drawPage[T any](t *rapid.T, row func(t *rapid.T) T) store.Page[T] {
	p := store.Page[T]{Nodes: []*T{}, HasNextPage: rapid.Bool().Draw(t, "next"), HasPreviousPage: rapid.Bool().Draw(t, "previous")}
	for range rapid.IntRange(0, store.MaxPageSize).Draw(t, "rows") {
		r := row(t)
		p.Nodes = append(p.Nodes, &r)
	}
	return p
}

// same says that two pages show the same.
func same[T any](a, b store.Page[T]) bool {
	return a.HasNextPage == b.HasNextPage && a.HasPreviousPage == b.HasPreviousPage && reflect.DeepEqual(a.Nodes, b.Nodes)
}

// checkPages: a page is read as it was packed, what is cut off is refused, and what lies behind is left.
func checkPages[T any](t *rapid.T, list *store.List[T], row func(t *rapid.T) T) {
	page := drawPage(t, row)
	b := list.AppendPage([]byte("before"), &page)[len("before"):]
	var got store.Page[T]
	rest, err := list.ReadPage(append(b, "behind"...), &got)
	if err != nil || string(rest) != "behind" {
		t.Fatalf("%v, %q behind", err, rest)
	}
	if !same(got, page) {
		t.Fatalf("packed %+v, read %+v", page, got)
	}
	for i := 0; i < len(b); i += 1 + len(b)/50 {
		if _, err := list.ReadPage(b[:i:i], &store.Page[T]{}); err == nil {
			t.Fatalf("read what was cut off at %d of %d", i, len(b))
		}
	}
}

func TestPagesAreReadAsTheyWerePacked(t *testing.T) {
	t.Parallel()
	id := func(t *rapid.T) store.ID { return store.ID(rapid.Int64().Draw(t, "id")) }
	rapid.Check(t, func(t *rapid.T) {
		checkPages(t, store.AlbumsByArtistID, func(t *rapid.T) store.Album {
			return store.Album{ID: id(t), Title: rapid.String().Draw(t, "title"), ArtistID: id(t)}
		})
	})
	rapid.Check(t, func(t *rapid.T) {
		checkPages(t, store.TracksByPlaylistID, func(t *rapid.T) store.Link {
			return store.Link{Parent: id(t), Target: id(t), Position: rapid.Int32().Draw(t, "position")}
		})
	})
}

// TestPagesOfAnotherShapeAreRefused: nothing is taken for what it is not.
func TestPagesOfAnotherShapeAreRefused(t *testing.T) {
	t.Parallel()
	albums := store.AlbumsByArtistID.AppendPage(nil, &store.Page[store.Album]{Nodes: []*store.Album{{ID: 1}}})
	if _, err := store.TracksByAlbumID.ReadPage(albums, &store.Page[store.Track]{}); err == nil {
		t.Error("albums were read as tracks")
	}
	if _, err := store.AlbumsByArtistID.ReadPage(store.AlbumTable.AppendRow(nil, &store.Album{ID: 1}), &store.Page[store.Album]{}); err == nil {
		t.Error("a row was read as a page")
	}
	many := store.Page[store.Album]{}
	for range store.MaxPageSize + 1 {
		many.Nodes = append(many.Nodes, &store.Album{})
	}
	if _, err := store.AlbumsByArtistID.ReadPage(store.AlbumsByArtistID.AppendPage(nil, &many), &store.Page[store.Album]{}); err == nil {
		t.Error("a page of more rows than a page has was read")
	}
}

func TestTotalsAreReadAsTheyWerePacked(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 1 << 40} {
		var got int
		if rest, err := store.ReadTotal(store.AppendTotal(nil, &n), &got); err != nil || got != n || len(rest) > 0 {
			t.Errorf("%d is read as %d, %v", n, got, err)
		}
	}
	minus := -1
	if _, err := store.ReadTotal(store.AppendTotal(nil, &minus), new(int)); err == nil {
		t.Error("a total of less than nothing was read")
	}
}

// TestSearchesAreReadAsTheyWerePacked: what is unpacked is taken, and what is not understood is refused.
func TestSearchesAreReadAsTheyWerePacked(t *testing.T) {
	t.Parallel()
	c := setupCatalogue(t, 2)
	ask := func() *store.SearchQuery {
		q, err := store.Search(c.Store, "a", 5)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	q := ask()
	c.Store.Run(t.Context(), q.Asked())
	packed, err := q.Pack(nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := q.Take()
	if err != nil || len(want) == 0 {
		t.Fatalf("found %v, %v", want, err)
	}
	again := ask()
	if err := again.Unpack(packed); err != nil {
		t.Fatal(err)
	}
	if got, err := again.Take(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("packed %v, read %v, %v", want, got, err)
	}
	for i := range packed {
		if ask().Unpack(packed[:i]) == nil {
			t.Errorf("read what was cut off at %d of %d", i, len(packed))
		}
	}
	if ask().Unpack(append(packed, 0)) == nil {
		t.Error("read what has something behind")
	}
}

func FuzzReadPage(f *testing.F) {
	f.Add(store.AlbumsByArtistID.AppendPage(nil, &store.Page[store.Album]{Nodes: []*store.Album{{ID: 1, Title: "a"}}}))
	f.Add(store.TracksByPlaylistID.AppendPage(nil, &store.Page[store.Link]{Nodes: []*store.Link{{Parent: 1}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var albums store.Page[store.Album]
		if rest, err := store.AlbumsByArtistID.ReadPage(b, &albums); err == nil {
			again := store.AlbumsByArtistID.AppendPage(nil, &albums)
			var got store.Page[store.Album]
			if _, err := store.AlbumsByArtistID.ReadPage(again, &got); err != nil || !same(albums, got) {
				t.Errorf("%d bytes, %d behind, are written as what is not read: %v", len(b), len(rest), err)
			}
		}
		_, _ = store.TracksByPlaylistID.ReadPage(b, &store.Page[store.Link]{})
		_, _ = store.ReadTotal(b, new(int))
		_ = (&store.SearchQuery{}).Unpack(b)
	})
}
