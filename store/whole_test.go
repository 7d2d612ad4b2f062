package store_test

import (
	"fmt"
	"slices"
	"testing"

	"backline/store"
)

// TestWholeLists: lists that are known to be short are asked for as a whole, and give the pages that
// LATERAL gives; one that turns out to be long is asked for again.
func TestWholeLists(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		var shelves []store.ID
		most := 0
		perShelf := map[store.ID]int{}
		for _, s := range f.shelves {
			shelves = append(shelves, s.ID)
		}
		for _, b := range f.books {
			perShelf[b.ShelfID]++
			most = max(most, perShelf[b.ShelfID])
		}
		if most < 3 || most >= store.MaxPageSize {
			t.Fatalf("the longest shelf has %d books", most)
		}
		slices.Reverse(shelves) // not as the index has them
		pages := func(limit int32) (text string, statements int) {
			w, err := f.BooksByShelf.Window(store.PageArgs{First: &limit}, f.BookOrders[0], nil)
			if err != nil {
				t.Fatal(err)
			}
			f.Statements.Reset()
			q := f.BooksByShelf.Pages(f.Store, w, shelves, nil)
			f.Store.Run(t.Context(), &q.Query)
			answer, errs := q.Take()
			if errs != nil {
				t.Fatal(errs[0])
			}
			for i := range answer {
				text += fmt.Sprint(answer[i].HasNextPage, answer[i].HasPreviousPage, ":")
				for k, b := range answer[i].Nodes {
					if b.ShelfID != shelves[i] {
						t.Fatalf("a book of shelf %d is on the page of %d", b.ShelfID, shelves[i])
					}
					text += " " + b.Title + answer[i].Cursor(k)
				}
				text += "\n"
			}
			return text, f.Statements.Total()
		}
		short := int32(most - 1)
		wantAll, _ := pages(store.MaxPageSize)
		wantShort, _ := pages(short)
		if _, n := pages(store.MaxPageSize); n != f.shards {
			t.Errorf("%d statements on %d shards", n, f.shards)
		}

		f.BooksByShelf.Known(most)
		got, n := pages(store.MaxPageSize)
		if got != wantAll {
			t.Errorf("whole lists: got\n%swant\n%s", got, wantAll)
		}
		if n != f.shards {
			t.Errorf("whole lists: %d statements on %d shards", n, f.shards)
		}
		if !f.BooksByShelf.IsWhole(store.MaxPageSize) || f.BooksByShelf.IsWhole(int(short)) {
			t.Error("the list does not know how long it is")
		}
		if got, _ := pages(short); got != wantShort {
			t.Errorf("pages of a list that is longer: got\n%swant\n%s", got, wantShort)
		}

		want, repeated := map[int32]string{}, 0
		for limit := int32(1); limit <= short; limit++ {
			for _, known := range []int{store.MaxPageSize, 1} { // LATERAL, then the mistake
				f.BooksByShelf.Known(known)
				got, n := pages(limit)
				repeated += n - f.shards
				if want[limit] == "" {
					want[limit] = got
				}
				if got != want[limit] {
					t.Errorf("%d books, known %d: got\n%swant\n%s", limit, known, got, want[limit])
				}
			}
			if f.BooksByShelf.IsWhole(int(limit)) {
				t.Errorf("%d books: the list has not learned from its mistake", limit)
			}
		}
		if repeated == 0 {
			t.Error("no list was longer than its pages")
		}
	})
}
