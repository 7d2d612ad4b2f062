package store_test

import (
	"slices"
	"testing"

	"backline/store"
)

// TestAll: a small reference table is read whole, of a shard that is asked anyway; of a large one some
// rows come, and it is not read whole again.
func TestAll(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		last := f.shards - 1
		beside := []*store.Query{store.RawQuery("beside", []int{last}, "SELECT 1", 1, ignore)}
		ask := func() []*store.FamilyLabel {
			q := f.Label.All(f.Store, beside, nil)
			if q == nil {
				return nil
			}
			if got := q.Parts[0].Shard; got != last {
				t.Errorf("it asks shard %d, others %d", got, last)
			}
			f.Store.Run(t.Context(), &q.Query)
			return q.Take().(*store.AlongRows[store.FamilyLabel]).Rows
		}
		got := ids(ask(), f.Label.Key)
		slices.Sort(got)
		if want := sorted(f.labels, func(a, b store.FamilyLabel) bool { return a.ID < b.ID }, func(l store.FamilyLabel) store.ID { return l.ID }); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if f.Book.All(f.Store, beside, nil) != nil {
			t.Error("a table that shards have parts of was asked for as a whole")
		}
		beside = append(beside, store.RawQuery("too", []int{0}, "SELECT 1", 1, ignore))
		if q := f.Label.All(f.Store, beside, nil); q.Parts[0].Shard != 0 {
			t.Errorf("it asks shard %d instead of that of reference tables", q.Parts[0].Shard)
		}
		beside = beside[:1]

		const most = 64
		f.ExecOn(t, last, "INSERT INTO label SELECT n, 'more' FROM generate_series(1, $1) AS n", most-len(f.labels))
		if n := len(ask()); n != most {
			t.Errorf("%d rows of %d", n, most)
		}
		f.ExecOn(t, last, "INSERT INTO label VALUES (1000, 'one too many')")
		if n := len(ask()); n != most+1 {
			t.Errorf("%d rows of a large table", n)
		}
		if ask() != nil {
			t.Error("it is still asked for as a whole")
		}
	})
}

// TestAllThatFails: that what was asked for beside other rows does not come is no error of its own.
func TestAllThatFails(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	f.Exec(t, "ALTER TABLE label RENAME TO gone")
	q := f.Label.All(f.Store, nil, nil)
	f.Store.Run(t.Context(), &q.Query)
	if rows := q.Take().(*store.AlongRows[store.FamilyLabel]).Rows; rows != nil || q.Err() == nil {
		t.Errorf("%d rows, %v", len(rows), q.Err())
	}
}

// TestBeside: only tables that anybody may see are read before somebody asks for their rows.
func TestBeside(t *testing.T) {
	t.Parallel()
	needs := store.NeedsOf(map[string][]string{"Track": {"genre", "name", "mediaType"}, "Customer": {"supportRep"}, "Album": {"title"}})
	for kind, want := range map[store.Kind][]store.Kind{
		store.KindTrack: {store.KindGenre, store.KindMediaType}, store.KindCustomer: nil, store.KindAlbum: nil, 0: nil,
	} {
		if got := needs.Beside(&store.Query{Kind: kind}); !slices.Equal(got, want) {
			t.Errorf("beside %s: %v, want %v", kind, got, want)
		}
	}
	if got := (*store.Needs)(nil).Beside(&store.Query{Kind: store.KindTrack}); got != nil {
		t.Errorf("beside whole rows: %v", got)
	}
}
