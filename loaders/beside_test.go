package loaders_test

import (
	"fmt"
	"testing"

	"backline/loaders"
	"backline/store"
	"backline/store/shard"
	"backline/store/storetest"
)

// tracks gives the first album of each of artists 1 to n a track of genre 1 and media type 1.
func (f *fixture) tracks(t *testing.T, n int64) (albums []store.ID) {
	t.Helper()
	f.Exec(t, "INSERT INTO genre VALUES (1, 'Rock'), (2, 'Jazz'); INSERT INTO media_type VALUES (1, 'MPEG'), (2, 'AAC')")
	for i := range n {
		artist := artistID(t, i+1)
		album, err := shard.Imported(i*albumsEach+1, artist.Bucket())
		if err != nil {
			t.Fatal(err)
		}
		albums = append(albums, album)
		f.ExecOn(t, f.Store.Topology().Owner(artist.Bucket()), fmt.Sprintf(
			"INSERT INTO track (id, bucket, name, milliseconds, unit_price, album_id, media_type_id, genre_id) VALUES (%d, %d, 'track', 1, 1, %d, 1, 1)",
			album, album.Bucket(), album))
	}
	f.Statements.Reset()
	return albums
}

// selected are the columns of tracks with their genres and media types.
func selected(t *testing.T) *store.Needs {
	t.Helper()
	needs := store.NeedsOf(map[string][]string{"Track": {"name", "genre", "mediaType"}, "Genre": {"name"}, "MediaType": {"name"}})
	if needs == nil {
		t.Fatal("whole rows are needed")
	}
	return needs
}

// genres loads the tracks of albums and then the genre and the media type of each.
func (f *fixture) genres(t *testing.T, albums []store.ID, needs *store.Needs) (l *loaders.Set, trace *loaders.Trace) {
	t.Helper()
	ctx := loaders.Attach(t.Context(), &f.options, true)
	l = loaders.For(ctx)
	l.Read(needs)
	w, err := store.TracksByAlbumID.Window(store.PageArgs{}, store.TrackOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var tracks []*store.Track
	wave(ctx, func() {
		pages, err := l.TracksByAlbumID.LoadAll(ctx, w, len(albums), func(i int) store.ID { return albums[i] })
		if err != nil {
			t.Error(err)
			return
		}
		for _, p := range pages {
			tracks = append(tracks, p.Nodes...)
		}
	})
	if len(tracks) != len(albums) {
		t.Fatalf("%d tracks of %d albums", len(tracks), len(albums))
	}
	wave(ctx, func() {
		rows, err := l.GenreByID.LoadAll(ctx, len(tracks), func(i int) store.ID { return tracks[i].GenreID })
		for i := range rows {
			if rows[i] == nil || rows[i].Name != "Rock" {
				t.Errorf("genre %d is %v, %v", i, rows[i], err)
			}
		}
	}, func() {
		rows, err := l.MediaTypeByID.LoadAll(ctx, len(tracks), func(i int) store.ID { return tracks[i].MediaTypeID })
		for i := range rows {
			if rows[i] == nil || rows[i].Name != "MPEG" {
				t.Errorf("media type %d is %v, %v", i, rows[i], err)
			}
		}
	})
	return l, loaders.TraceOf(ctx)
}

// TestReferencesComeBesideRows: the reference rows that rows lead to take no round trip of their own.
func TestReferencesComeBesideRows(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 2, 4} {
		f := setup(t, shards)
		albums := f.tracks(t, artists)
		_, trace := f.genres(t, albums, selected(t))
		if trace.Waves != 1 || trace.Statements != shards+2 {
			t.Errorf("%d shards: %d waves, %d statements", shards, trace.Waves, trace.Statements)
		}
		if _, trace = f.genres(t, albums, nil); trace.Waves != 2 || trace.Statements != shards+2 {
			t.Errorf("%d shards, by id: %d waves, %d statements", shards, trace.Waves, trace.Statements)
		}
	}
}

// What has been asked for by id is not asked for again, and what there is not is asked for by id.
func TestReferencesThatWereAskedFor(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	albums := f.tracks(t, artists)
	l, trace := f.genres(t, albums, selected(t))
	ctx := t.Context()
	before := trace.Statements
	l.Enter(1)
	if g, err := l.GenreByID.LoadOne(ctx, 99); g != nil || err != nil {
		t.Errorf("genre 99: %v, %v", g, err)
	}
	l.Leave()
	if trace.Statements != before+1 {
		t.Errorf("%d statements for a genre that there is not", trace.Statements-before)
	}

	ctx = loaders.Attach(t.Context(), &f.options, true)
	l = loaders.For(ctx)
	l.Read(selected(t))
	w, err := store.TracksByAlbumID.Window(store.PageArgs{}, store.TrackOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.Statements.Reset()
	wave(ctx, func() {
		if _, err := l.GenreByID.LoadOne(ctx, 2); err != nil {
			t.Error(err)
		}
	}, func() {
		if _, err := l.TracksByAlbumID.LoadAll(ctx, w, len(albums), func(i int) store.ID { return albums[i] }); err != nil {
			t.Error(err)
		}
	})
	for call, n := range f.Statements.Counts() {
		if n != 1 {
			t.Errorf("%d statements for %v", n, call)
		}
	}
	if n := f.Statements.Total(); n != 4 { // two shards with tracks, genre 2, and all media types
		t.Errorf("%d statements:\n%s", n, f.Statements)
	}
}

// TestReferencesBesideRowsOfALivingShard: the shard that answers for reference tables may be away, if
// another is asked anyway.
func TestReferencesBesideRowsOfALivingShard(t *testing.T) {
	t.Parallel()
	f := setup(t, 4, storetest.WithFaults())
	var albums []store.ID
	for _, a := range f.tracks(t, artists) {
		if f.Store.Topology().Owner(a.Bucket()) == 2 {
			albums = append(albums, a)
		}
	}
	f.Cut(0)
	if _, trace := f.genres(t, albums, selected(t)); trace.Waves != 1 || trace.Statements != 3 {
		t.Errorf("%d waves, %d statements", trace.Waves, trace.Statements)
	}
}
