package store_test

import (
	"math"
	"testing"

	"backline/store"
)

func TestWindowRefuses(t *testing.T) {
	t.Parallel()
	f := store.NewFamily()
	n, s := ptr[int32], ptr[string]
	cursor := store.CursorOf("Query.books", "ID", 5, "")
	for name, c := range map[string]struct {
		args store.PageArgs
		want string
	}{
		"first and last":   {store.PageArgs{First: n(1), Last: n(1)}, "first and last must not be given together"},
		"after and before": {store.PageArgs{After: &cursor, Before: &cursor}, "after and before must not be given together"},
		"all four":         {store.PageArgs{First: n(1), Last: n(1), After: &cursor, Before: &cursor}, "first and last must not be given together"},
		"last and after":   {store.PageArgs{Last: n(1), After: &cursor}, "with last use before"},
		"first and before": {store.PageArgs{First: n(1), Before: &cursor}, "with first use after"},
		"first 0":          {store.PageArgs{First: n(0)}, "first must be between 1 and 100, not 0"},
		"first -1":         {store.PageArgs{First: n(-1)}, "first must be between 1 and 100, not -1"},
		"first 101":        {store.PageArgs{First: n(101)}, "first must be between 1 and 100, not 101"},
		"first max":        {store.PageArgs{First: n(math.MaxInt32)}, "between 1 and 100, not 2147483647"},
		"last 0":           {store.PageArgs{Last: n(0)}, "last must be between 1 and 100, not 0"},
		"last min":         {store.PageArgs{Last: n(math.MinInt32)}, "last must be between 1 and 100, not -2147483648"},
		"last 101":         {store.PageArgs{Last: n(101), Before: &cursor}, "last must be between 1 and 100, not 101"},
		"empty after":      {store.PageArgs{After: s("")}, `after: "" is not a cursor`},
		"empty before":     {store.PageArgs{Last: n(1), Before: s("")}, `before: "" is not a cursor`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := f.Books.Window(c.args, f.BookOrders[0], nil)
			wantCode(t, err, store.CodeBadUserInput, c.want)
			if w != nil {
				t.Error("and yet there is a window")
			}
		})
	}
}

func TestWindowAccepts(t *testing.T) {
	t.Parallel()
	f := store.NewFamily()
	cursor := store.CursorOf("Query.books", "ID", 5, "")
	keys := map[string]string{}
	for name, a := range map[string]store.PageArgs{
		"nothing": {}, "first": {First: ptr(int32(1))}, "most": {First: ptr(int32(100))}, "last": {Last: ptr(int32(1))},
		"after": {After: &cursor}, "before": {Before: &cursor}, "first after": {First: ptr(int32(1)), After: &cursor}, "last before": {Last: ptr(int32(1)), Before: &cursor},
	} {
		w, err := f.Books.Window(a, f.BookOrders[0], nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if other, taken := keys[w.Key()]; taken {
			t.Errorf("%s and %s ask for the same: %q", name, other, w.Key())
		}
		keys[w.Key()] = name
		again, err := f.Books.Window(a, f.BookOrders[0], (*store.FamilyFilter)(nil))
		if err != nil || again.Key() != w.Key() {
			t.Errorf("%s: a nil filter changes the key", name)
		}
	}
	twenty, err := f.Books.Window(store.PageArgs{First: ptr(int32(20))}, f.BookOrders[0], nil)
	if err != nil || keys[twenty.Key()] != "nothing" {
		t.Errorf("the default page size is not 20: %v", err)
	}
}

// TestWindowKeysOfFilters: two windows with equal keys share a batch, so different filters must
// never have the same.
func TestWindowKeysOfFilters(t *testing.T) {
	t.Parallel()
	f := store.NewFamily()
	s := ptr[string]
	seen := map[string]int{}
	for i, filter := range []*store.FamilyFilter{
		nil, {Title: s("")}, {Title: s(`"`)}, {Title: s(`""`)}, {Title: s(`a" "b`)}, {TitleStartsWith: s("")}, {TitleStartsWith: s("a")}, {Title: s("a")},
		{MinPages: ptr(int32(1))}, {MaxPages: ptr(int32(1))}, {MinPages: ptr(int32(1)), MaxPages: ptr(int32(1))}, {PagesBelow: ptr(int32(1))},
	} {
		w, err := f.Books.Window(store.PageArgs{}, f.BookOrders[0], filter)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[w.Key()]; ok {
			t.Errorf("filters %d and %d have the same key", i, other)
		}
		seen[w.Key()] = i
	}
}
