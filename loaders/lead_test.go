package loaders_test

import (
	"context"
	"testing"

	"backline/loaders"
	"backline/store"
)

// learned makes the lists of albums and tracks known for short: no test is needed for that, only parents.
func (f *fixture) learned(t *testing.T, albums []store.ID) {
	t.Helper()
	for range 1000/len(albums) + 1 {
		ctx := loaders.Attach(t.Context(), &f.options, false)
		l := loaders.For(ctx)
		w := f.windows(t)
		wave(ctx, func() {
			if _, err := l.AlbumsByArtistID.LoadAll(ctx, w.albums, artists, func(i int) store.ID { return artistID(t, int64(i)+1) }); err != nil {
				t.Error(err)
			}
		}, func() {
			if _, err := l.TracksByAlbumID.LoadAll(ctx, w.tracks, len(albums), func(i int) store.ID { return albums[i] }); err != nil {
				t.Error(err)
			}
		})
	}
}

type windows struct {
	albums *store.Window[store.Album]
	tracks *store.Window[store.Track]
}

func (*fixture) windows(t *testing.T) (w windows) {
	t.Helper()
	var err error
	if w.albums, err = store.AlbumsByArtistID.WindowOf(arguments(albumOrder, 100)); err != nil {
		t.Fatal(err)
	}
	if w.tracks, err = store.TracksByAlbumID.WindowOf(arguments(trackOrder, 100)); err != nil {
		t.Fatal(err)
	}
	return w
}

const albumOrder, trackOrder = store.AlbumOrderID, store.TrackOrderID

// arguments are those of a list field, as its resolver gets them.
func arguments(order any, first int32) map[string]any {
	return map[string]any{"first": &first, "orderBy": order}
}

// discography loads the albums of all artists in one wave, and the tracks of all of these in another.
func (f *fixture) discography(ctx context.Context, t *testing.T) (tracks int) {
	t.Helper()
	l, w := loaders.For(ctx), f.windows(t)
	var albums []*store.Album
	wave(ctx, func() {
		pages, err := l.AlbumsByArtistID.LoadAll(ctx, w.albums, artists, func(i int) store.ID { return artistID(t, int64(i)+1) })
		if err != nil {
			t.Error(err)
			return
		}
		for i, p := range pages {
			if len(p.Nodes) != albumsEach || p.Nodes[0].ArtistID != artistID(t, int64(i)+1) {
				t.Errorf("page %d has %d albums", i, len(p.Nodes))
			}
			albums = append(albums, p.Nodes...)
		}
	})
	wave(ctx, func() {
		pages, err := l.TracksByAlbumID.LoadAll(ctx, w.tracks, len(albums), func(i int) store.ID { return albums[i].ID })
		if err != nil {
			t.Error(err)
			return
		}
		for i, p := range pages {
			for _, track := range p.Nodes {
				if tracks++; track.AlbumID != albums[i].ID {
					t.Errorf("a track of album %d is on the page of %d", track.AlbumID, albums[i].ID)
				}
			}
		}
	})
	return tracks
}

// TestLead: children of which the loaders know before come with the rows that they belong to; where they may
// not, all is as it is without.
func TestLead(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 2, 4} {
		f := setup(t, shards)
		albums := f.tracks(t, artists)
		f.learned(t, albums)
		lead := func(l *loaders.Set) {
			l.Lead("Artist.albums", "Album.tracks", arguments(albumOrder, 100), arguments(trackOrder, 100))
		}
		for _, c := range []struct {
			name    string
			options loaders.Options
			lead    func(l *loaders.Set)
			waves   int
		}{
			{"nothing is said", f.options, func(*loaders.Set) {}, 2},
			{"a list leads to another", f.options, lead, 1},
			{"lists are asked for alone", loaders.Options{Store: f.Store, Alone: true}, lead, 2},
			{"a page that another list shows", f.options, func(l *loaders.Set) {
				l.Lead("Artist.albums", "Album.tracks", arguments(albumOrder, 99), arguments(trackOrder, 100))
			}, 2},
			{"a page of children that nobody asks for, then the right one", f.options, func(l *loaders.Set) {
				l.Lead("Artist.albums", "Album.tracks", arguments(albumOrder, 100), arguments(trackOrder, 99))
				lead(l)
			}, 2},
			{"a page of children that cannot be, then the right one", f.options, func(l *loaders.Set) {
				l.Lead("Artist.albums", "Album.tracks", arguments(albumOrder, 100), arguments(trackOrder, 101))
				l.Lead("Artist.albums", "Album.tracks", arguments(albumOrder, 0), arguments(trackOrder, 100))
				lead(l)
			}, 1},
			{"a list that has no such children", f.options, func(l *loaders.Set) {
				l.Lead("Customer.invoices", "Album.tracks", arguments(albumOrder, 100), arguments(trackOrder, 100))
				l.Lead("Artist.albums", "Genre.tracks", arguments(albumOrder, 100), arguments(trackOrder, 100))
			}, 2},
		} {
			ctx := loaders.Attach(t.Context(), &c.options, true)
			c.lead(loaders.For(ctx))
			if n := f.discography(ctx, t); n != artists {
				t.Errorf("%s: %d tracks", c.name, n)
			}
			if trace := loaders.TraceOf(ctx); trace.Waves != c.waves || trace.Statements != c.waves*shards {
				t.Errorf("%s on %d shards: %d waves, %d statements", c.name, shards, trace.Waves, trace.Statements)
			}
		}
	}
}

// TestLeadWhatIsKnown: what has been asked for already is not taken from what came along.
func TestLeadWhatIsKnown(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	albums := f.tracks(t, artists)
	f.learned(t, albums)
	ctx := loaders.Attach(t.Context(), &f.options, true)
	l, w := loaders.For(ctx), f.windows(t)
	tracks := func() {
		if _, err := l.TracksByAlbumID.LoadAll(ctx, w.tracks, 3, func(i int) store.ID { return albums[2*i] }); err != nil {
			t.Error(err)
		}
	}
	wave(ctx, tracks)
	f.Exec(t, "UPDATE track SET name = 'new'")
	l.Lead("Artist.albums", "Album.tracks", arguments(albumOrder, 100), arguments(trackOrder, 100))
	if n := f.discography(ctx, t); n != artists {
		t.Errorf("%d tracks", n)
	}
	if trace := loaders.TraceOf(ctx); trace.Statements != 2 {
		t.Errorf("%d statements", trace.Statements)
	}
	wave(ctx, func() {
		pages, err := l.TracksByAlbumID.LoadAll(ctx, w.tracks, len(albums), func(i int) store.ID { return albums[i] })
		if err != nil {
			t.Error(err)
			return
		}
		for i, p := range pages {
			want := "new"
			if i < 6 && i%2 == 0 {
				want = "track" // as it was when it was asked for
			}
			if len(p.Nodes) != 1 || p.Nodes[0].Name != want {
				t.Errorf("album %d has the tracks %v, want %q", i, p.Nodes, want)
			}
		}
	})
}

// TestLeads: lists may lead to lists that everybody may see, of the rows that they have.
func TestLeads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows, children string
		want           bool
	}{
		{"Artist.albums", "Album.tracks", true},
		{"Artist.albums", "Artist.albums", false},
		{"Customer.invoices", "Invoice.lines", false}, // the customer's
		{"Query.artists", "Artist.albums", false},
		{"Artist.albums", "Genre.tracks", false},
		{"Artist.albums", "Album.artist", false},
	} {
		if got := loaders.Leads(c.rows, c.children); got != c.want {
			t.Errorf("%s leads to %s: %t", c.rows, c.children, got)
		}
	}
}
