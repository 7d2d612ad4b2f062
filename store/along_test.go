package store_test

import (
	"slices"
	"testing"

	"backline/store"
	"backline/store/storetest"
)

// TestParentsComeAlong: the parents that lie with the rows cost no statement of their own.
func TestParentsComeAlong(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		keys := append(f.bookIDs(), imported(99_999, 7)) // the last does not exist
		for _, along := range []int{0, 1, 2, 100} {
			f.Statements.Reset()
			q := f.Book.Rows(f.Store, keys, along, nil)
			f.Store.Run(t.Context(), &q.Query)
			rows, errs := q.Take()
			if errs != nil {
				t.Fatal(errs[0])
			}
			for i := range f.books {
				if !sameBook(rows[i], &f.books[i]) {
					t.Fatalf("%d along: book %d is %+v", along, i, rows[i])
				}
			}
			if n := f.Statements.Total(); n != f.shards {
				t.Errorf("%d along: %d statements on %d shards", along, n, f.shards)
			}
			came := map[store.ID]string{}
			for _, a := range q.Along() {
				for _, s := range a.(*store.AlongRows[store.FamilyShelf]).Rows {
					came[s.ID] = s.Name
				}
			}
			want := map[store.ID]string{}
			for _, b := range f.books {
				want[b.ShelfID] = ""
			}
			if along == 0 {
				clear(want)
			}
			for _, s := range f.shelves {
				if _, ok := want[s.ID]; ok {
					want[s.ID] = s.Name
				}
			}
			if len(came) != len(want) {
				t.Errorf("%d along: %d shelves came, want %d", along, len(came), len(want))
			}
			for id, name := range want {
				if came[id] != name {
					t.Errorf("%d along: shelf %d is %q, want %q", along, id, came[id], name)
				}
			}
		}
	})
}

// TestGrandparentsComeAlong follows two steps, over a row whose parent is null.
func TestGrandparentsComeAlong(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 2, 4} {
		c := setupCatalogue(t, shards)
		orphan := imported(1000, 3)
		c.ExecOn(t, c.Store.Topology().Owner(3), "INSERT INTO track (id, bucket, name, milliseconds, unit_price, media_type_id) VALUES ($1, 3, 'orphan', 1, 1, 1)", int64(orphan))
		keys := []store.ID{orphan}
		for _, f := range search(t, c, "queen", 100) {
			if f.Kind == store.KindTrack {
				keys = append(keys, f.ID)
			}
		}
		c.Statements.Reset()
		q := store.TrackTable.Rows(c.Store, keys, store.TrackTable.Above([]string{"album", "album.artist"}), nil)
		c.Store.Run(t.Context(), &q.Query)
		rows, errs := q.Take()
		if errs != nil || slices.Contains(rows, nil) {
			t.Fatalf("rows %v, %v", rows, errs)
		}
		var albums, artists []store.ID
		for _, a := range q.Along() {
			switch a := a.(type) {
			case *store.AlongRows[store.Album]:
				albums = append(albums, ids(a.Rows, a.Key)...)
			case *store.AlongRows[store.Artist]:
				artists = append(artists, ids(a.Rows, a.Key)...)
			}
		}
		want := slices.Sorted(slices.Values(keys[1:])) // each track has its album's and artist's number
		slices.Sort(albums)
		slices.Sort(artists)
		if !slices.Equal(albums, want) || !slices.Equal(artists, want) || len(want) != 3 {
			t.Errorf("albums %v and artists %v came, want %v", albums, artists, want)
		}
		for call, n := range c.Statements.Counts() {
			if n != 1 || call.Loader != "TrackByID" {
				t.Errorf("%d statements for %v", n, call)
			}
		}
	}
}

func TestAbove(t *testing.T) {
	t.Parallel()
	for want, ahead := range map[int][][]string{
		0: {nil, {"name"}, {"artist"}, {"album.artist"}, {"albums"}},
		1: {{"album"}, {"name", "album", "album.title", "artist"}},
		2: {{"album.artist", "album"}, {"album", "album.artist", "album.artist.albums"}},
	} {
		for _, a := range ahead {
			if got := store.TrackTable.Above(a); got != want {
				t.Errorf("above a track with %q: %d, want %d", a, got, want)
			}
		}
	}
	if n := store.ArtistTable.Above([]string{"album", "artist"}); n != 0 {
		t.Errorf("above a root: %d", n)
	}
}

// TestDeadShardWithParentsAlong: what came before a shard died is whole.
func TestDeadShardWithParentsAlong(t *testing.T) {
	t.Parallel()
	f := setup(t, 2, storetest.WithFaults())
	f.Cut(1)
	keys := f.bookIDs()
	q := f.Book.Rows(f.Store, keys, 1, nil)
	f.Store.Run(t.Context(), &q.Query)
	rows, errs := q.Take()
	f.wantLost(t, keys, rows, errs, 1, store.CodeUnavailable)
	for _, a := range q.Along() {
		for _, s := range a.(*store.AlongRows[store.FamilyShelf]).Rows {
			if f.owner(s.ID) != 0 {
				t.Errorf("a shelf of the dead shard came along")
			}
		}
	}
}
