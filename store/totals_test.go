package store_test

import (
	"testing"

	"backline/store"
)

func total(t testing.TB, f *fixture, total store.Total, parent store.ID) int {
	t.Helper()
	q := total.Totals(f.Store, []store.ID{parent})
	f.Store.Run(t.Context(), &q.Query)
	n, errs := q.Take()
	if errs != nil {
		t.Fatal(errs[0])
	}
	return n[0]
}

func TestTotalsOfABatch(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		var shelves, labels []store.ID
		for _, s := range f.shelves {
			shelves = append(shelves, s.ID)
		}
		for _, l := range f.labels {
			labels = append(labels, l.ID)
		}
		filter := &store.FamilyFilter{Signed: ptr(true)}
		for _, c := range []struct {
			list    *store.List[store.FamilyBook]
			parents []store.ID
			of      func(b *store.FamilyBook) store.ID
		}{
			{f.BooksByShelf, shelves, func(b *store.FamilyBook) store.ID { return b.ShelfID }},
			{f.BooksByLabel, labels, func(b *store.FamilyBook) store.ID { return b.LabelID }},
		} {
			w, err := c.list.Window(store.PageArgs{}, f.BookOrders[0], filter)
			if err != nil {
				t.Fatal(err)
			}
			pages := c.list.Pages(f.Store, w, c.parents, nil)
			f.Store.Run(t.Context(), &pages.Query)
			taken, _ := pages.Take()
			f.Statements.Reset()
			q := taken[0].Total().Totals(f.Store, c.parents)
			f.Store.Run(t.Context(), &q.Query)
			counts, errs := q.Take()
			if errs != nil {
				t.Fatal(errs)
			}
			for i, p := range c.parents {
				want := len(f.expected("ID", func(b *store.FamilyBook) bool { return c.of(b) == p && b.Signed }))
				if counts[i] != want {
					t.Errorf("%s of parent %d: %d, want %d", c.list.Field, i, counts[i], want)
				}
			}
			if n := f.Statements.Total(); n != f.shards {
				t.Errorf("%d statements on %d shards", n, f.shards)
			}
			if a, b := taken[0].Total().Key(), taken[1].Total().Key(); a != b {
				t.Errorf("totals of one batch have the keys %q and %q", a, b)
			}
		}
	})
}
