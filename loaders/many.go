package loaders

import (
	"context"
	"slices"

	"backline/store"
)

// Many loads pages of a list: one for each parent, or the one of a root list.
type Many[T any] struct {
	set  *Set
	list *store.List[T]
	// Fields with other arguments ask for other rows: each window has its own keys. There are few.
	windows []*window[T]
}

type window[T any] struct {
	*Many[T]
	window *store.Window[T]
	leads  store.Below // the children that are to come with the rows; nil: none
	memo   memo[store.ID, *store.Page[T]]
}

func (l *Many[T]) attach(s *Set, list *store.List[T]) { l.set, l.list = s, list }

// LoadAll gives the page of each of n parents. The error, if any, is an Errors with one place per
// parent.
func (l *Many[T]) LoadAll(_ context.Context, w *store.Window[T], n int, parent func(i int) store.ID) ([]*store.Page[T], error) {
	w = w.Within(l.set.Reach(l.list.Table.Owners))
	l.set.mu.Lock()
	ours := l.at(w)
	l.set.mu.Unlock()
	return load(l.set, ours, &ours.memo, n, parent)
}

// at is what is known of a window. set.mu is held.
func (l *Many[T]) at(w *store.Window[T]) *window[T] {
	at := slices.IndexFunc(l.windows, func(known *window[T]) bool { return known.window.Key() == w.Key() })
	if at < 0 {
		at = len(l.windows)
		l.windows = append(l.windows, &window[T]{Many: l, window: w})
	}
	return l.windows[at]
}

// Load gives the page of a root list.
func (l *Many[T]) Load(ctx context.Context, w *store.Window[T]) (*store.Page[T], error) {
	return single(l.LoadAll(ctx, w, 1, func(int) store.ID { return store.Root }))
}

func (w *window[T]) prepare() sender {
	parents := w.memo.take()
	if len(parents) == 0 {
		return nil
	}
	if space := w.set.space(w.list.Field, w.list.Policy()); space != nil {
		return &cachedMany[T]{window: w, space: space, parents: parents}
	}
	return &manySender[T]{w, w.list.PagesWith(w.set.options.Store, w.window, parents, w.set.needs, w.leads)}
}

type manySender[T any] struct {
	*window[T]
	pages *store.PagesQuery[T]
}

func (s *manySender[T]) query() *store.Query  { return &s.pages.Query }
func (s *manySender[T]) send(context.Context) {}

func (s *manySender[T]) take() {
	pages, errs := s.pages.Take()
	values := make([]*store.Page[T], len(pages))
	for i := range pages {
		values[i] = &pages[i]
	}
	s.memo.put(values, errs)
	s.note(pages)
	if c := s.pages.Below(); c != nil {
		s.set.children = append(s.set.children, c)
	}
}

// note notes the rows of pages that a scope opened.
func (w *window[T]) note(pages []store.Page[T]) {
	t := w.list.Table
	if w.set.options.Auditor == nil || !w.set.Reach(t.Owners).ByScope() {
		return
	}
	a := access{what: w.list.Field, kind: t.Kind}
	for i := range pages {
		a.ids = append(a.ids, keys(t, pages[i].Nodes)...)
	}
	w.set.note(a)
}
