package store_test

import (
	"testing"

	"backline/store"
)

// What a statement takes besides its rows: no context with a timer, nothing that a connection watches, and
// no room for each of the parts of a batch that has one.
func TestAllocationsOfARow(t *testing.T) { //nolint:paralleltest // counts the process's allocations
	f := setup(t, 1)
	s, err := store.Open(t.Context(), store.Config{URLs: f.URLs}) // without an observer
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key := []store.ID{f.books[0].ID}
	load := func() {
		rows := f.Book.Rows(s, key, 0, nil)
		s.Run(t.Context(), &rows.Query)
		if got, errs := rows.Take(); errs != nil || got[0] == nil {
			t.Fatal(got, errs)
		}
	}
	load()
	const bound = 20
	n := testing.AllocsPerRun(200, load)
	t.Logf("%v allocations for a row", n)
	if n > bound {
		t.Errorf("%v allocations for a row, at most %d expected", n, bound)
	}
}
