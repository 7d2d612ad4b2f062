package fieldcache_test

import (
	"testing"
	"time"

	"backline/loaders/fieldcache"
)

// atHand is what AtHand says of albums, once L1 serves.
func (f *fixture) atHand(space, arguments, viewer string, ids ...int64) ([]any, bool) {
	f.t.Helper()
	f.ready()
	values := make([]any, len(ids))
	ok := fieldcache.AtHand(f.Session(viewer), f.Space(space), arguments, ids, values)
	return values, ok
}

// TestAtHand: all values or none, and only those that a round would take from L1 without a second thought.
func TestAtHand(t *testing.T) {
	t.Parallel()
	f := setup(t, options{policy: fieldcache.Policy{TTL: time.Hour, StaleWhileRevalidate: time.Hour}})
	f.get("Album", "", "", 1, 2, 300)
	f.get("Artist.albums", "first: 1", "", 1)
	f.get("Query.me", "", "ada", 1)
	has := func(what string, yes bool, space, arguments, viewer string, ids ...int64) {
		t.Helper()
		// A process that was frozen begins anew, so what should be there is read once more.
		f.until(what, func() bool {
			_, ok := f.atHand(space, arguments, viewer, ids...)
			if yes && !ok {
				f.get(space, arguments, viewer, ids...)
			}
			return ok == yes
		})
	}
	has("rows, and that there is none", true, "Album", "", "", 1, 300, 2)
	values, _ := f.atHand("Album", "", "", 300, 2)
	if values[0] != nil || values[1] != nil && values[1].(*album).ID != 2 {
		t.Errorf("got %v", values)
	}
	has("one is missing", false, "Album", "", "", 1, 3)
	has("a page", true, "Artist.albums", "first: 1", "", 1)
	has("other arguments", false, "Artist.albums", "first: 2", "", 1)
	has("a viewer's own", true, "Query.me", "", "ada", 1)
	has("of another", false, "Query.me", "", "bob", 1)
	has("of nobody", false, "Query.me", "", "", 1)

	local := f.count("Album local")
	has("counted", true, "Album", "", "", 1, 2)
	if n := f.count("Album local"); n < local+2 {
		t.Errorf("%d lookups are counted, and not two more than %d", n, local)
	}
	if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 1}); err != nil {
		t.Fatal(err)
	}
	has("what was invalidated", false, "Album", "", "", 1)
	has("another", true, "Album", "", "", 2)
	f.clock.advance(80 * time.Minute)
	has("what is old", false, "Album", "", "", 2)
}

// TestPrime: what came along without being asked for is kept, if nothing was invalidated meanwhile.
func TestPrime(t *testing.T) {
	t.Parallel()
	f := setup(t, options{policy: fieldcache.Policy{TTL: time.Hour, StaleWhileRevalidate: time.Hour}})
	row := &album{ID: 7, Title: "came along", Year: 2000}
	prime := func(meanwhile ...fieldcache.Ref) {
		t.Helper()
		f.ready()
		m := f.Moment()
		for _, ref := range meanwhile {
			if err := f.Invalidate(t.Context(), ref); err != nil {
				t.Fatal(err)
			}
		}
		f.Prime(m, f.Space("Album"), 7, row)
	}
	has := func() bool { _, ok := f.atHand("Album", "", "", 7); return ok }
	for _, ref := range []fieldcache.Ref{{Space: "Album", ID: 7}, {Space: "Album", ID: 8}, {Space: "Album"}, {Space: "Artist.albums", ID: 1}, {}} {
		if prime(ref); has() {
			t.Errorf("kept, though %v was invalidated", ref)
		}
	}
	f.until("it is kept", func() bool { prime(); return has() })
	row.Title = "changed by whoever read it"
	f.until("it is served", func() bool {
		f.ready()
		b := f.get("Album", "", "", 7)
		if b.Counts.Local == 1 {
			want(t, "title", titleOf(t, b), "came along")
			return true
		}
		prime()
		return false
	})
	if err := f.Invalidate(t.Context(), fieldcache.Ref{Space: "Album", ID: 7}); err != nil {
		t.Fatal(err)
	}
	want(t, "after an invalidation", has(), false)

	// Nobody else could load it anew, so it is not served after its time.
	f.until("it is kept again", func() bool { prime(); return has() })
	f.clock.advance(80 * time.Minute)
	f.ready()
	want(t, "after its time", titleOf(t, f.get("Album", "", "", 7)), "first")
}
