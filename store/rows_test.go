package store_test

import (
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"backline/store"
)

// TestRowsById asks for all rows, for some that do not exist, in no order, and compares every
// column of every one.
func TestRowsByID(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		books := map[store.ID]store.FamilyBook{}
		var known []store.ID
		for _, b := range f.books {
			books[b.ID] = b
			known = append(known, b.ID)
		}
		rapid.Check(t, func(rt *rapid.T) {
			keys := rapid.SliceOfNDistinct(rapid.OneOf(
				rapid.SampledFrom(known),
				rapid.Map(rapid.Int64Range(1, 1<<62), func(n int64) store.ID { return store.ID(n) }),
			), 0, 900, rapid.ID).Draw(rt, "ids")
			f.Statements.Reset()
			q := f.Book.Rows(f.Store, keys, 0, nil)
			f.Store.Run(t.Context(), &q.Query)
			rows, errs := q.Take()
			if errs != nil {
				rt.Fatal(errs)
			}
			if len(rows) != len(keys) {
				rt.Fatalf("%d rows for %d keys", len(rows), len(keys))
			}
			for i, key := range keys {
				want, ok := books[key]
				switch {
				case !ok && rows[i] != nil:
					rt.Fatalf("id %d, which no row has, gives %v", key, rows[i])
				case ok && !sameBook(rows[i], &want):
					rt.Fatalf("id %d\n got %+v\nwant %+v", key, rows[i], want)
				}
			}
			for call, n := range f.Statements.Counts() {
				if n != 1 || call.Loader != "BookByID" {
					rt.Fatalf("%d statements for %v", n, call)
				}
			}
			if n := f.Statements.Total(); n > f.shards || len(keys) == 0 && n > 0 {
				rt.Fatalf("%d statements for %d keys on %d shards", n, len(keys), f.shards)
			}
		})
	})
}

// sameBook compares all columns; NaN equals NaN.
func sameBook(a, b *store.FamilyBook) bool {
	if a == nil {
		return false
	}
	x, y := *a, *b
	if x.Weight != x.Weight && y.Weight != y.Weight { // NaN
		x.Weight, y.Weight = 0, 0
	}
	return reflect.DeepEqual(x, y)
}

func TestReferenceRowsComeFromOneShard(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		keys := []store.ID{f.labels[3].ID, 77, f.labels[0].ID}
		q := f.Label.Rows(f.Store, keys, 0, nil)
		f.Store.Run(t.Context(), &q.Query)
		rows, errs := q.Take()
		if errs != nil || *rows[0] != f.labels[3] || rows[1] != nil || *rows[2] != f.labels[0] {
			t.Errorf("got %v, %v", rows, errs)
		}
		if got := f.Statements.String(); got != "LabelByID 0:1" {
			t.Errorf("statements %q", got)
		}
	})
}

// TestRowsInAnyOrder feeds a query as a database would that returns rows in an order of its own,
// twice, or unasked.
func TestRowsInAnyOrder(t *testing.T) {
	t.Parallel()
	label := store.NewFamily().Label
	rapid.Check(t, func(rt *rapid.T) {
		s := store.Unconnected(rapid.IntRange(1, 5).Draw(rt, "shards"))
		id := rapid.Map(rapid.Int64Range(1, 1<<40), func(n int64) store.ID { return store.ID(n) })
		keys := rapid.SliceOfNDistinct(id, 1, 50, rapid.ID).Draw(rt, "keys")
		q := label.Rows(s, keys, 0, nil)
		came := map[store.ID]bool{}
		feed := rapid.SliceOf(rapid.OneOf(id, rapid.SampledFrom(keys))).Draw(rt, "rows")
		for _, part := range q.Parts {
			for _, id := range feed {
				part.Row([][]byte{binary.BigEndian.AppendUint64(nil, uint64(id)), []byte("name")})
				came[id] = true
			}
		}
		rows, errs := q.Take()
		if errs != nil {
			rt.Fatal(errs)
		}
		for i, k := range keys {
			if (rows[i] != nil) != came[k] || rows[i] != nil && rows[i].ID != k {
				rt.Fatalf("key %d: %v", k, rows[i])
			}
		}
	})
}

// TestPagesOutOfOrder: rows of a relation must come parent by parent. If they ever do not, an error
// is better than a row under the wrong parent.
func TestPagesOutOfOrder(t *testing.T) {
	t.Parallel()
	picks := store.NewFamily().Picks
	w, err := picks.Window(store.PageArgs{}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := picks.Pages(store.Unconnected(1), w, []store.ID{10, 20, 30}, nil)
	for _, parent := range []uint64{20, 10} {
		q.Parts[0].Row([][]byte{binary.BigEndian.AppendUint64(nil, parent), make([]byte, 8), make([]byte, 4)})
	}
	if _, errs := q.Take(); len(errs) != 3 || errs[0] == nil || errs[1] == nil || errs[2] == nil {
		t.Errorf("errors %v", errs)
	}
}

func TestNoKeysNoStatement(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		rows := f.Book.Rows(f.Store, nil, 0, nil)
		w, err := f.BooksByShelf.Window(store.PageArgs{}, f.BookOrders[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		pages := f.BooksByShelf.Pages(f.Store, w, nil, nil)
		f.Store.Run(t.Context(), &rows.Query, &pages.Query)
		f.Store.Run(t.Context())
		if r, errs := rows.Take(); len(r) != 0 || errs != nil {
			t.Errorf("rows %v, %v", r, errs)
		}
		if p, errs := pages.Take(); len(p) != 0 || errs != nil {
			t.Errorf("pages %v, %v", p, errs)
		}
		if n := f.Statements.Total(); n != 0 {
			t.Errorf("%d statements for nothing", n)
		}
	})
}

// TestStatementsNameTheBucket: the bucket changes no answer, but lets a database that is divided by
// it look in one place only.
func TestStatementsNameTheBucket(t *testing.T) {
	t.Parallel()
	f, s := store.NewFamily(), store.Unconnected(2)
	w, err := f.BooksByShelf.Window(store.PageArgs{}, f.BookOrders[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	for sql, bucket := range map[string]bool{
		f.Book.Rows(s, []store.ID{1}, 0, nil).Parts[0].Statement.SQL:          true,
		f.BooksByShelf.Pages(s, w, []store.ID{1}, nil).Parts[0].Statement.SQL: true,
		f.Label.Rows(s, []store.ID{1}, 0, nil).Parts[0].Statement.SQL:         false, // a reference table has none
	} {
		if strings.Contains(sql, "t.bucket = ") != bucket {
			t.Errorf("bucket %v: %s", bucket, sql)
		}
	}
}
