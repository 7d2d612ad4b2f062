package store_test

import (
	"fmt"
	"strings"
	"testing"

	"backline/store"
	"backline/store/shard"
	"backline/store/storetest"
)

// discography is artists with up to three albums each, and these with up to four tracks, on shards of the
// product's tables. Its lists are those of the product, and have learned nothing yet.
type discography struct {
	*storetest.Cluster
	shards  int
	albums  *store.List[store.Album]
	tracks  *store.List[store.Track]
	artists []store.ID
	// albumsOf and tracksOf are what there is, by parent, in order.
	albumsOf, tracksOf map[store.ID][]store.ID
}

func newDiscography(t *testing.T, shards int) *discography {
	t.Helper()
	d := &discography{
		Cluster: storetest.NewCluster(t, shards), shards: shards,
		albumsOf: map[store.ID][]store.ID{}, tracksOf: map[store.ID][]store.ID{},
		albums: &store.List[store.Album]{
			Field: "Artist.albums", Loader: "AlbumsByArtistID", Table: store.AlbumTable, ID: "id", PageSize: 20, Order: store.AlbumOrderID.Order(),
			Parent: "artist_id", ParentOf: func(r *store.Album) store.ID { return r.ArtistID }, Colocated: true,
		},
		tracks: &store.List[store.Track]{
			Field: "Album.tracks", Loader: "TracksByAlbumID", Table: store.TrackTable, ID: "id", PageSize: 20, Order: store.TrackOrderID.Order(),
			Parent: "album_id", ParentOf: func(r *store.Track) store.ID { return r.AlbumID }, Colocated: true,
		},
	}
	sql := make([]strings.Builder, shards)
	var nextAlbum, nextTrack int64
	for n := range int64(48) {
		artist := imported(n+1, shard.BucketOf(n+1))
		d.artists = append(d.artists, artist)
		on := &sql[d.Store.Topology().Owner(artist.Bucket())]
		fmt.Fprintf(on, "INSERT INTO artist VALUES (%d, %d, 'artist %d');", artist, artist.Bucket(), n)
		for range n % 4 {
			nextAlbum++
			album := imported(1000-nextAlbum, artist.Bucket()) // the last artist has the first albums
			d.albumsOf[artist] = append([]store.ID{album}, d.albumsOf[artist]...)
			fmt.Fprintf(on, "INSERT INTO album VALUES (%d, %d, 'album %d', %d);", album, album.Bucket(), nextAlbum, artist)
			for range nextAlbum % 5 {
				nextTrack++
				track := imported(nextTrack, artist.Bucket())
				d.tracksOf[album] = append(d.tracksOf[album], track)
				fmt.Fprintf(on, "INSERT INTO track (id, bucket, name, milliseconds, unit_price, album_id, media_type_id) VALUES (%d, %d, 'track %d', 1, 1.5, %d, 1);",
					track, track.Bucket(), nextTrack, album)
			}
		}
	}
	d.Exec(t, "INSERT INTO media_type VALUES (1, 'MPEG')")
	for i := range sql {
		if sql[i].Len() > 0 {
			d.ExecOn(t, i, sql[i].String())
		}
	}
	d.albums.Known(3)
	d.tracks.Known(4)
	d.Statements.Reset()
	return d
}

func window[T any](t *testing.T, l *store.List[T], first int32) *store.Window[T] {
	t.Helper()
	w, err := l.WindowOf(map[string]any{"first": &first})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// ask reads the albums of all artists, with as many tracks of each as come with them.
func (d *discography) ask(t *testing.T, below store.Below, needs *store.Needs) (came map[store.ID]store.Page[store.Track]) {
	t.Helper()
	q := d.albums.PagesWith(d.Store, window(t, d.albums, 100), d.artists, needs, below)
	d.Store.Run(t.Context(), &q.Query)
	pages, errs := q.Take()
	if errs != nil {
		t.Fatalf("albums: %v", errs)
	}
	for i, p := range pages {
		if got, want := ids(p.Nodes, store.AlbumTable.Key), d.albumsOf[d.artists[i]]; fmt.Sprint(got) != fmt.Sprint(want) && len(got)+len(want) > 0 {
			t.Fatalf("artist %d has the albums %v, want %v", d.artists[i], got, want)
		}
	}
	if q.Below() == nil {
		return nil
	}
	parents, tracks := q.Below().(*store.ChildPages[store.Track]).Pages()
	came = map[store.ID]store.Page[store.Track]{}
	for i, parent := range parents {
		came[parent] = tracks[i]
	}
	return came
}

// want compares what came with what there is.
func (d *discography) want(t *testing.T, came map[store.ID]store.Page[store.Track], first int) {
	t.Helper()
	for album, p := range came {
		want := d.tracksOf[album]
		more := len(want) > first
		if more {
			want = want[:first]
		}
		if got := ids(p.Nodes, store.TrackTable.Key); fmt.Sprint(got) != fmt.Sprint(want) && len(got)+len(want) > 0 || p.HasNextPage != more {
			t.Errorf("album %d has the tracks %v and more: %t; want %v and %t", album, got, p.HasNextPage, want, more)
		}
	}
}

// TestBelow: the rows of short lists bring their children, with the statements that they take alone.
func TestBelow(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 2, 4} {
		d := newDiscography(t, shards)
		needs := store.NeedsOf(map[string][]string{"Album": {"title"}, "Track": {"name", "unitPrice", "mediaType"}, "MediaType": {"name"}})
		for _, needs := range []*store.Needs{nil, needs} {
			d.Statements.Reset()
			came := d.ask(t, window(t, d.tracks, 100), needs)
			empty := 0
			for _, albums := range d.albumsOf {
				for _, album := range albums {
					p, ok := came[album]
					if !ok {
						t.Errorf("the tracks of album %d have not come", album)
					} else if len(p.Nodes) == 0 {
						empty++
					} else if r := p.Nodes[0]; r.Name == "" || r.UnitPrice != "1.50" || (r.Milliseconds == 0) != (needs != nil) {
						t.Errorf("a track is %+v", r)
					}
				}
			}
			d.want(t, came, 100)
			if empty == 0 {
				t.Error("no album is empty")
			}
			if n := d.Statements.Total(); n != shards {
				t.Errorf("%d statements on %d shards", n, shards)
			}
		}
		q := d.albums.PagesWith(d.Store, window(t, d.albums, 100), d.artists, needs, window(t, d.tracks, 100))
		if kinds := needs.Beside(&q.Query); len(kinds) != 1 || kinds[0] != store.KindMediaType {
			t.Errorf("beside tracks that come along there are %v", kinds)
		}
	}
}

// TestBelowThatIsLong: where a list is longer than it was known to be, what has come is right, and next time
// it is asked for by itself.
func TestBelowThatIsLong(t *testing.T) {
	t.Parallel()
	d := newDiscography(t, 2)
	for first := int32(1); first < 4; first++ {
		d.tracks.Known(1)
		came := d.ask(t, window(t, d.tracks, first), nil)
		if len(came) == 0 {
			t.Error("nothing has come")
		}
		d.want(t, came, int(first))
		if came := d.ask(t, window(t, d.tracks, first), nil); came != nil {
			t.Errorf("%d tracks of a longer list are still brought", first)
		}
	}
}

// TestBelowTheBound: of very many children some come, and none of those albums whose tracks have not all come.
func TestBelowTheBound(t *testing.T) {
	t.Parallel()
	d := newDiscography(t, 1)
	var long store.ID
	for _, a := range d.albumsOf[d.artists[23]] {
		long = a
	}
	d.Exec(t, fmt.Sprintf("INSERT INTO track (id, bucket, name, milliseconds, unit_price, album_id, media_type_id) "+
		"SELECT ((100000 + n)::bigint << 22) | (%d << 12), %d, 'more', 1, 1, %d, 1 FROM generate_series(1, 5000) AS n", long.Bucket(), long.Bucket(), long))
	came := d.ask(t, window(t, d.tracks, 100), nil)
	if _, ok := came[long]; ok {
		t.Error("the tracks of the long album have come")
	}
	if len(came) == 0 {
		t.Error("no tracks have come")
	}
	d.want(t, came, 100)
	if came := d.ask(t, window(t, d.tracks, 100), nil); came != nil {
		t.Error("the list is still taken for short")
	}
}

// TestBelowThatFails: children that cannot be read take no rows with them, neither now nor later.
func TestBelowThatFails(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{"ALTER TABLE track RENAME TO gone", "ALTER TABLE track RENAME COLUMN name TO gone"} {
		for _, isAlone := range []bool{true, false} {
			d := newDiscography(t, 2)
			if !isAlone {
				d.ask(t, window(t, d.tracks, 100), nil) // every connection knows the statement
			}
			d.Exec(t, sql)
			if came := d.ask(t, window(t, d.tracks, 100), nil); len(came) > 0 {
				t.Errorf("%s: %d albums have tracks", sql, len(came))
			}
			d.Statements.Reset()
			if came := d.ask(t, window(t, d.tracks, 100), nil); came != nil || d.Statements.Total() != d.shards {
				t.Errorf("%s: tracks are still asked for, with %d statements", sql, d.Statements.Total())
			}
		}
	}
}

// TestNotBelow: what is not for everybody, or shows anything but the beginning of a short list, is not brought.
func TestNotBelow(t *testing.T) {
	t.Parallel()
	d := newDiscography(t, 1)
	if store.InvoiceLinesByInvoiceID.MayComeWith(store.KindInvoice) {
		t.Error("the lines of invoices may come before it is known who asks")
	}
	if store.TracksByGenreID.MayComeWith(store.KindGenre) {
		t.Error("tracks may come with genres, of all shards")
	}
	if d.tracks.MayComeWith(store.KindArtist) || !d.tracks.MayComeWith(store.KindAlbum) {
		t.Error("tracks are those of albums")
	}
	first := int32(50)
	name := "a"
	after := store.CursorOf("Album.tracks", "ID", 1, "")
	for what, make := range map[string]func() (*store.Window[store.Track], error){
		"another order": func() (*store.Window[store.Track], error) {
			return d.tracks.Window(store.PageArgs{First: &first}, store.TrackOrderName.Order(), nil)
		},
		"a filter": func() (*store.Window[store.Track], error) {
			return d.tracks.Window(store.PageArgs{First: &first}, store.TrackOrderID.Order(), &store.TrackFilter{NameStartsWith: &name})
		},
		"the end": func() (*store.Window[store.Track], error) {
			return d.tracks.Window(store.PageArgs{Last: &first}, store.TrackOrderID.Order(), nil)
		},
		"a later page": func() (*store.Window[store.Track], error) {
			return d.tracks.Window(store.PageArgs{First: &first, After: &after}, store.TrackOrderID.Order(), nil)
		},
		"less than there may be": func() (*store.Window[store.Track], error) { return window(t, d.tracks, 3), nil },
	} {
		w, err := make()
		if err != nil {
			t.Fatal(what, err)
		}
		if d.ask(t, w, nil) != nil {
			t.Errorf("tracks are brought although they are %s", what)
		}
	}
	few := d.albums.PagesWith(d.Store, window(t, d.albums, 100), d.artists[:7], nil, window(t, d.tracks, 100))
	if few.Below() != nil {
		t.Error("few artists' albums bring tracks")
	}
	if d.albums.Known(101); d.ask(t, window(t, d.tracks, 100), nil) != nil {
		t.Error("albums of a long list bring tracks")
	}
}

// TestWindowOf: a window of arguments is that of the values.
func TestWindowOf(t *testing.T) {
	t.Parallel()
	ten, text, prefix := int32(10), "A", "x"
	var noInt *int32
	var noText *string
	after := store.CursorOf("Album.tracks", "NAME", 1, text)
	before := store.CursorOf("Album.tracks", "ID", 1, "")
	for _, c := range []struct {
		arguments map[string]any
		args      store.PageArgs
		order     store.TrackOrder
		filter    *store.TrackFilter
	}{
		{map[string]any{"first": noInt, "after": noText, "last": noInt, "before": noText, "orderBy": store.TrackOrderID, "filter": (*store.TrackFilter)(nil)}, store.PageArgs{}, store.TrackOrderID, nil},
		{map[string]any{"first": &ten, "after": &after, "orderBy": store.TrackOrderName}, store.PageArgs{First: &ten, After: &after}, store.TrackOrderName, nil},
		{map[string]any{"last": &ten, "before": &before, "orderBy": store.TrackOrderID}, store.PageArgs{Last: &ten, Before: &before}, store.TrackOrderID, nil},
		{map[string]any{"orderBy": store.TrackOrderID, "filter": &store.TrackFilter{NameStartsWith: &prefix}}, store.PageArgs{}, store.TrackOrderID, &store.TrackFilter{NameStartsWith: &prefix}},
	} {
		want, err := store.TracksByAlbumID.Window(c.args, c.order.Order(), c.filter)
		if err != nil {
			t.Fatal(err)
		}
		got, err := store.TracksByAlbumID.WindowOf(c.arguments)
		if err != nil || got.Key() != want.Key() {
			t.Errorf("%v gives %q, %v, want %q", c.arguments, got.Key(), err, want.Key())
		}
	}
	if _, err := store.TracksByAlbumID.WindowOf(map[string]any{"first": &ten, "last": &ten}); err == nil {
		t.Error("first and last make a window")
	}
}
