package store_test

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"backline/store"
	"backline/store/storetest"
)

// page asks for one page of one parent.
func page[T any](t testing.TB, s *store.Store, l *store.List[T], a store.PageArgs, o *store.Order[T], f store.Filter, parent store.ID) store.Page[T] {
	t.Helper()
	w, err := l.Window(a, o, f)
	if err != nil {
		t.Fatal(err)
	}
	q := l.Pages(s, w, []store.ID{parent}, nil)
	s.Run(t.Context(), &q.Query)
	pages, errs := q.Take()
	if errs != nil {
		t.Fatal(errs[0])
	}
	return pages[0]
}

// walk reads a list to its end, and then back to its beginning, and checks what each page says of
// itself on the way.
func walk[T any](t *testing.T, f *fixture, l *store.List[T], o *store.Order[T], filter store.Filter, parent store.ID, size int32, statements int) (forward, backward []*T) {
	t.Helper()
	var after *string
	for {
		f.Statements.Reset()
		p := page(t, f.Store, l, store.PageArgs{First: &size, After: after}, o, filter, parent)
		if n := f.Statements.Total(); n != statements {
			t.Fatalf("a page of %s took %d statements, want %d:\n%s", l.Field, n, statements, f.Statements)
		}
		if p.HasPreviousPage != (after != nil) {
			t.Fatalf("hasPreviousPage is %v with after: %v", p.HasPreviousPage, after)
		}
		forward = append(forward, p.Nodes...)
		after = p.Info().EndCursor()
		if !p.HasNextPage {
			break
		}
		if len(p.Nodes) != int(size) {
			t.Fatalf("a page of %d has %d nodes and yet a next one", size, len(p.Nodes))
		}
	}
	var before *string
	for {
		p := page(t, f.Store, l, store.PageArgs{Last: &size, Before: before}, o, filter, parent)
		if p.HasNextPage != (before != nil) {
			t.Fatalf("hasNextPage is %v with before: %v", p.HasNextPage, before)
		}
		backward = append(slices.Clone(p.Nodes), backward...)
		before = p.Info().StartCursor()
		if !p.HasPreviousPage {
			return forward, backward
		}
	}
}

func wantWalk[T any](t *testing.T, f *fixture, l *store.List[T], o *store.Order[T], parent store.ID, size int32, statements int, want []store.ID) {
	t.Helper()
	forward, backward := walk(t, f, l, o, nil, parent, size, statements)
	if got := ids(forward, l.Table.Key); !slices.Equal(got, want) {
		t.Errorf("%s by %s, %d a page: forward\n got %v\nwant %v", l.Field, o.Name, size, got, want)
	}
	if got := ids(backward, l.Table.Key); !slices.Equal(got, want) {
		t.Errorf("%s by %s, %d a page: backward\n got %v\nwant %v", l.Field, o.Name, size, got, want)
	}
}

func TestWalkRootList(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		for _, o := range f.BookOrders {
			for _, size := range []int32{23, 100} {
				wantWalk(t, f, f.Books, o, store.Root, size, f.shards, f.expected(o.Name, nil))
			}
		}
	})
}

func TestWalkColocatedRelation(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		for _, o := range f.BookOrders {
			for _, s := range f.shelves[len(f.shelves)-4:] { // the last two are empty
				want := f.expected(o.Name, func(b *store.FamilyBook) bool { return b.ShelfID == s.ID })
				wantWalk(t, f, f.BooksByShelf, o, s.ID, 4, 1, want)
			}
		}
	})
}

func TestWalkScatteredRelation(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		for _, o := range f.BookOrders {
			for _, l := range f.labels[len(f.labels)-2:] { // the last is empty
				want := f.expected(o.Name, func(b *store.FamilyBook) bool { return b.LabelID == l.ID })
				wantWalk(t, f, f.BooksByLabel, o, l.ID, 31, f.shards, want)
			}
		}
	})
}

func TestWalkReferenceAndLinks(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		wantWalk(t, f, f.Labels, f.LabelOrder, store.Root, 4, 1, sorted(f.labels, func(a, b store.FamilyLabel) bool {
			return a.Name < b.Name || a.Name == b.Name && a.ID < b.ID
		}, func(l store.FamilyLabel) store.ID { return l.ID }))
		wantWalk(t, f, f.Shelves, f.ShelfOrder, store.Root, 7, f.shards, sorted(f.shelves, func(a, b store.FamilyShelf) bool {
			return a.Name < b.Name || a.Name == b.Name && a.ID < b.ID
		}, func(s store.FamilyShelf) store.ID { return s.ID }))
		for _, s := range f.shelves[:8] {
			var links []store.Link
			for _, p := range f.picks {
				if p.Parent == s.ID {
					links = append(links, p)
				}
			}
			wantWalk(t, f, f.Picks, f.Picks.Order, s.ID, 3, 1, sorted(links, func(a, b store.Link) bool {
				return a.Position < b.Position || a.Position == b.Position && a.Target < b.Target
			}, func(l store.Link) store.ID { return l.Target }))
		}
	})
}

func sorted[T any](rows []T, less func(a, b T) bool, key func(T) store.ID) []store.ID {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b T) int {
		if less(a, b) {
			return -1
		}
		return 1
	})
	out := make([]store.ID, len(rows))
	for i, r := range rows {
		out[i] = key(r)
	}
	return out
}

// TestBatchOfPages asks for all parents at once: one statement per shard, however many there are.
func TestBatchOfPages(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		shelves := make([]store.ID, 0, len(f.shelves)+1)
		for _, s := range f.shelves {
			shelves = append(shelves, s.ID)
		}
		shelves = append(shelves, imported(999, 5)) // there is none
		for _, o := range f.BookOrders {
			w, err := f.BooksByShelf.Window(store.PageArgs{Last: ptr(int32(5))}, o, nil)
			if err != nil {
				t.Fatal(err)
			}
			f.Statements.Reset()
			q := f.BooksByShelf.Pages(f.Store, w, shelves, nil)
			f.Store.Run(t.Context(), &q.Query)
			pages, errs := q.Take()
			if errs != nil {
				t.Fatal(errs)
			}
			for i, p := range pages {
				all := f.expected(o.Name, func(b *store.FamilyBook) bool { return b.ShelfID == shelves[i] })
				want := all[max(0, len(all)-5):]
				if got := ids(p.Nodes, f.Book.Key); !slices.Equal(got, want) || p.HasPreviousPage != (len(all) > 5) || p.HasNextPage {
					t.Errorf("shelf %d by %s: got %v, want %v", i, o.Name, got, want)
				}
			}
			for call, n := range f.Statements.Counts() {
				if n != 1 {
					t.Errorf("%d statements for %v", n, call)
				}
			}
			if n := f.Statements.Total(); n != f.shards {
				t.Errorf("%d statements on %d shards", n, f.shards)
			}
		}
	})
}

// TestPagesAreTheSameOnEveryTopology draws pages and holds the topologies against each other and
// against the data, cursors included.
func TestPagesAreTheSameOnEveryTopology(t *testing.T) {
	t.Parallel()
	var all []*fixture
	for _, n := range []int{1, 2, 4} {
		all = append(all, setup(t, n))
	}
	all = append(all, setup(t, 2, storetest.WithReferenceShard(1)))
	l := data()
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(all[0].BookOrders)-1).Draw(rt, "order")
		order := all[0].BookOrders[at]
		size := rapid.Int32Range(1, 100).Draw(rt, "size")
		backward := rapid.Bool().Draw(rt, "backward")
		filter, keep := drawFilter(rt)
		parent := store.Root
		list := rapid.SampledFrom([]string{"all", "shelf", "label"}).Draw(rt, "list")
		inParent := func(*store.FamilyBook) bool { return true }
		switch list {
		case "shelf":
			parent = l.shelves[rapid.IntRange(0, len(l.shelves)-1).Draw(rt, "shelf")].ID
			inParent = func(b *store.FamilyBook) bool { return b.ShelfID == parent }
		case "label":
			parent = l.labels[rapid.IntRange(0, len(l.labels)-1).Draw(rt, "label")].ID
			inParent = func(b *store.FamilyBook) bool { return b.LabelID == parent }
		}
		want := l.expected(order.Name, func(b *store.FamilyBook) bool { return keep(b) && inParent(b) })
		start := rapid.IntRange(-1, len(want)-1).Draw(rt, "start")

		var cursors []string
		for _, f := range all {
			lists := map[string]*store.List[store.FamilyBook]{"all": f.Books, "shelf": f.BooksByShelf, "label": f.BooksByLabel}
			a := store.PageArgs{First: &size}
			if backward {
				a = store.PageArgs{Last: &size}
			}
			expect := want
			if start >= 0 {
				from := cursorAt(t, f, lists[list], f.BookOrders[at], want[start])
				if backward {
					a.Before, expect = &from, want[:start]
				} else {
					a.After, expect = &from, want[start+1:]
				}
			}
			more := len(expect) > int(size)
			if more && backward {
				expect = expect[len(expect)-int(size):]
			} else if more {
				expect = expect[:size]
			}
			p := page(t, f.Store, lists[list], a, f.BookOrders[at], filter, parent)
			if got := ids(p.Nodes, f.Book.Key); !slices.Equal(got, expect) {
				rt.Fatalf("%d shards, %s by %s: got %v, want %v", f.shards, list, order.Name, got, expect)
			}
			if next, previous := more != backward && more || backward && start >= 0, more && backward || !backward && start >= 0; p.HasNextPage != next || p.HasPreviousPage != previous {
				rt.Fatalf("next %v, previous %v; want %v, %v", p.HasNextPage, p.HasPreviousPage, next, previous)
			}
			var here []string
			for i := range p.Nodes {
				here = append(here, p.Cursor(i))
			}
			if cursors != nil && !slices.Equal(cursors, here) {
				rt.Fatalf("cursors differ between topologies:\n%v\n%v", cursors, here)
			}
			cursors = here
			if n := total(t, f, p.Total(), parent); n != len(want) {
				rt.Fatalf("totalCount is %d, want %d", n, len(want))
			}
		}
	})
}

// cursorAt is the cursor of a book, made as the store makes it.
func cursorAt(t testing.TB, f *fixture, l *store.List[store.FamilyBook], o *store.Order[store.FamilyBook], id store.ID) string {
	t.Helper()
	i := slices.IndexFunc(f.books, func(b store.FamilyBook) bool { return b.ID == id })
	b := f.books[i]
	value := map[string]string{
		"TITLE": b.Title, "PAGES": strconv.Itoa(int(b.Pages)), "WEIGHT": strconv.FormatFloat(b.Weight, 'g', -1, 64),
		"PRICE": string(b.Price), "PRINTED": b.Printed.Format("2006-01-02T15:04:05.999999999Z07:00"),
	}[trimDesc(o.Name)]
	return store.CursorOf(l.Field, o.Name, id, value)
}

func trimDesc(name string) string {
	if n := len(name) - len("_DESC"); n > 0 && name[n:] == "_DESC" {
		return name[:n]
	}
	return name
}

// drawFilter gives a filter and what it means.
func drawFilter(rt *rapid.T) (*store.FamilyFilter, func(b *store.FamilyBook) bool) {
	switch rapid.IntRange(0, 7).Draw(rt, "filter") {
	case 1:
		prefix := rapid.SampledFrom([]string{"", "S", "Sam", "Same", "same", "中", "long", "%", "a%"}).Draw(rt, "prefix")
		return &store.FamilyFilter{TitleStartsWith: &prefix}, func(b *store.FamilyBook) bool {
			return len(b.Title) >= len(prefix) && b.Title[:len(prefix)] == prefix
		}
	case 2:
		low := rapid.SampledFrom([]int32{math.MinInt32, -1, 0, 100}).Draw(rt, "low")
		return &store.FamilyFilter{MinPages: &low, MaxPages: ptr(int32(250))}, func(b *store.FamilyBook) bool {
			return b.Pages >= low && b.Pages <= 250
		}
	case 3:
		price := rapid.SampledFrom([]store.Decimal{"-9.99", "0", "9.990", "10", "99999999999999999999.5"}).Draw(rt, "price")
		return &store.FamilyFilter{MinPrice: &price, Signed: ptr(true)}, func(b *store.FamilyBook) bool {
			return rational(b.Price).Cmp(rational(price)) >= 0 && b.Signed
		}
	case 4:
		at := data().books[rapid.IntRange(0, 20).Draw(rt, "book")].Printed
		return &store.FamilyFilter{PrintedFrom: &at}, func(b *store.FamilyBook) bool { return !b.Printed.Before(at) }
	case 5:
		return &store.FamilyFilter{MaxWeight: ptr(1.5)}, func(b *store.FamilyBook) bool { return b.Weight <= 1.5 }
	case 6:
		return &store.FamilyFilter{Title: ptr("?"), PagesBelow: ptr(int32(100))}, func(b *store.FamilyBook) bool { return b.Title == "?" && b.Pages < 100 }
	case 7:
		from := rapid.SampledFrom([]string{"", "Same", "Z", "é"}).Draw(rt, "from")
		return &store.FamilyFilter{TitleFrom: &from, TitleTo: ptr("中文"), MinWeight: ptr(0.0)}, func(b *store.FamilyBook) bool {
			return b.Title >= from && b.Title <= "中文" && (b.Weight > 0 || math.IsNaN(b.Weight))
		}
	default:
		return nil, func(*store.FamilyBook) bool { return true }
	}
}

func TestLinkedLeavesOutLostRows(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		shelf := f.picks[0].Parent
		links := page(t, f.Store, f.Picks, store.PageArgs{}, f.Picks.Order, nil, shelf)
		rows := make([]*store.FamilyBook, len(links.Nodes))
		for i := range rows {
			if i != 1 {
				rows[i] = &store.FamilyBook{ID: links.Nodes[i].Target}
			}
		}
		p := store.Linked(&links, rows)
		if len(rows) < 3 || len(p.Nodes) != len(rows)-1 || len(links.Nodes) != len(rows) {
			t.Fatalf("%d links, %d rows, %d left", len(links.Nodes), len(rows), len(p.Nodes))
		}
		if p.Nodes[1] != rows[2] || p.Cursor(1) != links.Cursor(2) || p.Cursor(0) != links.Cursor(0) {
			t.Error("the row behind the lost one has another place")
		}
		if n := total(t, f, p.Total(), shelf); n != len(rows) {
			t.Errorf("totalCount %d, want %d", n, len(rows))
		}
	})
}
