package loaders_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/store"
)

// calls counts what is asked of Redis.
type calls struct {
	fieldcache.Observer // nil: of the others nothing is called here
	reads               atomic.Int32
}

func (c *calls) Called(call string, _ time.Duration, _ bool) {
	if call == "read" {
		c.reads.Add(1)
	}
}
func (*calls) Looked(string, int, int, int, int, int) {}
func (*calls) Filled(string, int, int, int)           {}
func (*calls) Available(bool)                         {}
func (*calls) Flushed(string)                         {}

// TestOneReadOfRedisForAWave: rows, pages of two lists and totals are looked up together, and what is
// missing takes a statement for each loader and shard.
func TestOneReadOfRedisForAWave(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	observer := &calls{}
	f.options.Cache = openCache(t, fieldcache.Config{Observer: observer})
	albums, err := store.AlbumsByArtistID.Window(store.PageArgs{}, store.AlbumOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	last := int32(2)
	backward, err := store.AlbumsByArtistID.Window(store.PageArgs{Last: &last}, store.AlbumOrderTitle.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	artists, err := store.Artists.Window(store.PageArgs{}, store.ArtistOrderName.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	parent := func(i int) store.ID { return artistID(t, int64(i)+1) }
	ask := func() (answer string) {
		ctx := loaders.Attach(t.Context(), &f.options, true)
		set := loaders.For(ctx)
		answers := make([]string, 5)
		var pages []*store.Page[store.Album]
		wave(ctx,
			func() {
				row, err := set.ArtistByID.LoadOne(ctx, artistID(t, 3))
				answers[0] = fmt.Sprint(*row, err)
			},
			func() {
				var err error
				pages, err = set.AlbumsByArtistID.LoadAll(ctx, albums, 5, parent)
				for _, p := range pages {
					answers[1] += fmt.Sprint(len(p.Nodes), p.HasNextPage, *p.Info().EndCursor(), err)
				}
			},
			func() {
				pages, err := set.AlbumsByArtistID.LoadAll(ctx, backward, 5, parent)
				for _, p := range pages {
					answers[2] += fmt.Sprint(p.Nodes[1].Title, p.HasPreviousPage, p.Cursor(1), err)
				}
			},
			func() {
				page, err := set.Artists.Load(ctx, artists)
				answers[3] = fmt.Sprint(len(page.Nodes), page.Nodes[0].Name, page.HasNextPage, *page.Info().StartCursor(), err)
			})
		wave(ctx, func() {
			totals, err := set.Totals.LoadAll(ctx, 5, func(i int) store.Total { return pages[i].Total() })
			answers[4] = fmt.Sprint(totals, err)
		})
		return strings.Join(answers, "\n")
	}
	observer.reads.Store(0)
	cold := ask()
	if n := observer.reads.Load(); n != 2 {
		t.Errorf("two waves read Redis %d times", n)
	}
	if n := f.Statements.Total(); n > 2*5 {
		t.Errorf("five loaders took %d statements on two shards", n)
	}
	until(t, "it is in Redis", func() bool {
		f.Statements.Reset()
		if warm := ask(); warm != cold {
			t.Fatalf("got\n%s\nnot\n%s", warm, cold)
		}
		return f.Statements.Total() == 0
	})
	f.options.Cache = nil
	if plain := ask(); plain != cold {
		t.Errorf("without a cache it is\n%s\nnot\n%s", plain, cold)
	}
}

// marked is a question whose answer is a word.
type marked struct {
	asked  *store.SearchQuery
	answer string
	fail   bool
	panics bool // in Pack
}

func (m *marked) Asked() *store.Query { return m.asked.Asked() }

func (m *marked) Pack(b []byte) ([]byte, error) {
	if m.panics {
		panic("what was written by hand is wrong")
	}
	if m.fail {
		return nil, errors.New("there is no answer")
	}
	return append(b, m.answer...), nil
}

func (m *marked) Unpack(b []byte) error {
	switch m.answer = string(b); m.answer {
	case "unreadable":
		return errors.New("this is not understood")
	case "deadly":
		panic("what was written by hand is wrong")
	}
	return nil
}

// TestKeptQuestions: an answer is kept under what it depends on, an error is not kept, and what is not
// understood is asked for again.
func TestKeptQuestions(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 1)
	ask := func(arguments string, m marked) (got *marked, statements int, err error) {
		c.Statements.Reset()
		ctx := loaders.Attach(t.Context(), &c.options, true)
		wave(ctx, func() {
			got, err = loaders.AskKept(loaders.For(ctx), loaders.Keep{Field: "Query.search", ID: store.Root, Arguments: arguments}, func() *marked {
				q, err := store.Search(c.Store, "artist", 3)
				if err != nil {
					t.Error(err)
				}
				fresh := m
				fresh.asked = q
				return &fresh
			})
		})
		return got, c.Statements.Total(), err
	}
	if _, n, err := ask("a", marked{fail: true}); err == nil || n != 1 {
		t.Errorf("a failure is %v, %d statements", err, n)
	}
	for _, n := range []int{1, 0} {
		if got, ran, err := ask("a", marked{answer: "one"}); err != nil || got.answer != "one" || ran != n {
			t.Errorf("got %q, %v, %d statements", got.answer, err, ran)
		}
	}
	if got, n, _ := ask("b", marked{answer: "two"}); got.answer != "two" || n != 1 {
		t.Errorf("other arguments give %q with %d statements", got.answer, n)
	}
	for arguments, answer := range map[string]string{"c": "unreadable", "d": "deadly"} {
		for range 2 { // the second time it is found, and not understood
			if _, n, err := ask(arguments, marked{answer: answer}); err != nil || n != 1 {
				t.Errorf("what is %s gives %v with %d statements", answer, err, n)
			}
		}
	}
	if _, n, err := ask("e", marked{panics: true}); err == nil || n != 1 {
		t.Errorf("a panic gives %v with %d statements", err, n)
	}
	if err := c.cache.Invalidate(t.Context(), fieldcache.Ref{Space: "Query.search"}); err != nil {
		t.Fatal(err)
	}
	if got, n, _ := ask("a", marked{answer: "three"}); got.answer != "three" || n != 1 {
		t.Errorf("after a change it gives %q with %d statements", got.answer, n)
	}
}

// TestTouches says what a change of a row touches: for every sort of change, and where not all is told.
func TestTouches(t *testing.T) {
	t.Parallel()
	known := func(ids ...int64) []loaders.Value {
		row := make([]loaders.Value, len(ids))
		for i, id := range ids {
			row[i] = loaders.Value{ID: id, IsKnown: id >= 0}
		}
		return row
	}
	for _, c := range []struct {
		what, table   string
		before, after []loaders.Value
		space, want   string
	}{
		{"an insert", "album", nil, known(1, 5), "Artist.albums", "[0 5]"},
		{"an insert", "album", nil, known(1, 5), "Album", "[0 1]"},
		{"an insert", "album", nil, known(1, 5), "Query.albums", "all"},
		{"a move", "album", known(1, 5), known(1, 6), "Artist.albums#total", "[5 6]"},
		{"a delete", "album", known(1, 5), nil, "Artist.albums", "[5 0]"},
		{"a truncate", "album", nil, nil, "Artist.albums", "all"},
		{"a truncate", "album", nil, nil, "Album", "all"},
		{"no parent any more", "track", known(1, 5, 7), known(1, 0, 7), "Album.tracks", "[5 0]"},
		{"a parent that is not told", "album", known(1, -1), known(1, 6), "Artist.albums", "all"},
		{"a link", "playlist_track", known(3), known(4), "Playlist.tracks", "[3 4]"},
		{"a customer of the same employee", "customer", known(1, 2), known(1, 2), "Invoice", "[0 0]"},
		{"a customer of another employee", "customer", known(1, 2), known(1, 3), "Invoice", "all"},
		{"a customer of nobody", "customer", known(1, 2), known(1, 0), "Invoice.lines", "all"},
		{"a customer whose employee is not told", "customer", known(1, -1), known(1, 3), "Invoice", "all"},
		{"a new customer", "customer", nil, known(1, 2), "Invoice", "all"},
		{"a customer less", "customer", known(1, 2), nil, "Invoice", "all"},
		{"a customer", "customer", known(1, 2), known(1, 2), "Customer.invoices", "[1 1]"},
		{"a new line", "invoice_line", nil, known(9), "Invoice.lines", "[0 9]"},
		{"an artist", "artist", known(1), known(1), "Query.search", "all"},
	} {
		tables := loaders.Dependents()
		table := tables[slices.IndexFunc(tables, func(d loaders.Dependent) bool { return d.Table == c.table })]
		at := slices.IndexFunc(table.Touches, func(t loaders.Touch) bool { return t.Space == c.space })
		if at < 0 {
			t.Errorf("%s touches no %s", c.what, c.space)
			continue
		}
		ids, all := table.Touches[at].IDs(c.before, c.after)
		got := fmt.Sprint(ids)
		if all {
			got = "all"
		}
		if got != c.want {
			t.Errorf("%s in %s touches %s of %s, not %s", c.what, c.table, got, c.space, c.want)
		}
	}
}
