package store_test

import (
	"testing"
	"time"

	"backline/store"
)

func TestFiltersThatAreRefused(t *testing.T) {
	t.Parallel()
	f := store.NewFamily()
	day := func(n int) *time.Time { return ptr(time.Date(2020, 1, n, 0, 0, 0, 0, time.UTC)) }
	for name, c := range map[string]struct {
		filter store.FamilyFilter
		want   string
	}{
		"numbers":           {store.FamilyFilter{MinPages: ptr(int32(5)), MaxPages: ptr(int32(4))}, "filter: minPages lies after maxPages"},
		"one of two limits": {store.FamilyFilter{MinPages: ptr(int32(5)), MaxPages: ptr(int32(9)), PagesBelow: ptr(int32(2))}, "filter: minPages lies after pagesBelow"},
		"decimals":          {store.FamilyFilter{MinPrice: ptr(store.Decimal("10")), MaxPrice: ptr(store.Decimal("9.99"))}, "minPrice lies after maxPrice"},
		"times":             {store.FamilyFilter{PrintedFrom: day(2), PrintedBefore: day(1)}, "printedFrom lies after printedBefore"},
		"texts":             {store.FamilyFilter{TitleFrom: ptr("b"), TitleTo: ptr("a")}, "titleFrom lies after titleTo"},
		"upper limit first": {store.FamilyFilter{MinWeight: ptr(2.5), MaxWeight: ptr(2.25)}, "minWeight lies after maxWeight"},
		"zero byte":         {store.FamilyFilter{Title: ptr("a\x00")}, "title must not contain the character U+0000"},
		"zero byte prefix":  {store.FamilyFilter{TitleStartsWith: ptr("\x00")}, "titleStartsWith must not contain the character U+0000"},
		"broken UTF-8":      {store.FamilyFilter{Title: ptr("\xc3")}, "title must be UTF-8"},
		"year 0":            {store.FamilyFilter{PrintedFrom: ptr(time.Date(0, 6, 1, 0, 0, 0, 0, time.UTC))}, "printedFrom must be in the years 1 to 9999"},
		"year 10000 in UTC": {store.FamilyFilter{PrintedBefore: ptr(time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200)))}, "in the years 1 to 9999"},
		"another type's id": {store.FamilyFilter{Owner: &store.NodeID{Kind: 2, ID: 1}}, "filter: owner: " + store.NodeID{Kind: 2, ID: 1}.String() + " is the ID of "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := f.Books.Window(store.PageArgs{}, f.BookOrders[0], &c.filter)
			wantCode(t, err, store.CodeBadUserInput, c.want)
		})
	}
	for _, ok := range []store.FamilyFilter{
		{MinPages: ptr(int32(5)), MaxPages: ptr(int32(5))},
		{MinPrice: ptr(store.Decimal("9.990")), MaxPrice: ptr(store.Decimal("9.99"))},
		{PrintedFrom: ptr(time.Date(2020, 1, 1, 12, 0, 0, 0, time.FixedZone("", 7200))), PrintedBefore: day(2)},
	} {
		if _, err := f.Books.Window(store.PageArgs{}, f.BookOrders[0], &ok); err != nil {
			t.Errorf("%+v: %v", ok, err)
		}
	}
}

// TestFilterByReference and times with an offset, which the drawn filters leave out.
func TestFilterValues(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		label := f.labels[1].ID
		east := time.Date(2020, 1, 10, 5, 0, 0, 0, time.FixedZone("", 5*3600))
		for name, c := range map[string]struct {
			filter store.FamilyFilter
			keep   func(b *store.FamilyBook) bool
		}{
			"reference":  {store.FamilyFilter{Owner: &store.NodeID{Kind: 1, ID: label}}, func(b *store.FamilyBook) bool { return b.LabelID == label }},
			"offset":     {store.FamilyFilter{PrintedFrom: &east, Signed: ptr(false)}, func(b *store.FamilyBook) bool { return !b.Printed.Before(east) && !b.Signed }},
			"quotes":     {store.FamilyFilter{Title: ptr("O'Hara's \"quoted\"")}, func(b *store.FamilyBook) bool { return b.Title == "O'Hara's \"quoted\"" }},
			"last years": {store.FamilyFilter{PrintedFrom: ptr(time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC))}, func(b *store.FamilyBook) bool { return b.Printed.Year() == 9999 }},
		} {
			w, err := f.Books.Window(store.PageArgs{First: ptr(int32(100))}, f.BookOrders[0], &c.filter)
			if err != nil {
				t.Fatal(err)
			}
			q := f.Books.Pages(f.Store, w, []store.ID{store.Root}, nil)
			f.Store.Run(t.Context(), &q.Query)
			pages, errs := q.Take()
			if errs != nil {
				t.Fatal(errs)
			}
			want := f.expected("ID", c.keep)
			if got := total(t, f, pages[0].Total(), store.Root); got != len(want) || len(want) == 0 {
				t.Errorf("%s: %d pass, want %d", name, got, len(want))
			}
			for i, b := range pages[0].Nodes {
				if b.ID != want[i] {
					t.Fatalf("%s: book %d is %d, want %d", name, i, b.ID, want[i])
				}
			}
		}
	})
}
