package loaders

import (
	"context"

	"backline/loaders/fieldcache"
	"backline/store"
)

// cachedMany are the pages of a window, from the cache or from the store: whole rows, as with cachedOne.
//
// Their rows are not kept by id along the way. A value may only be written to Redis under a lease that
// was taken before it was read, and to the memory of the process under the mark that its key had then;
// of the rows of a page nobody knows the ids before they are there.
type cachedMany[T any] struct {
	*window[T]
	space   *fieldcache.Space
	parents []store.ID
	batch   *fieldcache.Batch
	pages   *store.PagesQuery[T] // of the misses
}

func (s *cachedMany[T]) query() *store.Query  { return nil }
func (s *cachedMany[T]) send(context.Context) {}

func (s *cachedMany[T]) look(r *fieldcache.Round) {
	list, window, from := s.list, s.window.window, s.set.options.Store // what outlives the response
	s.batch = r.Add(s.space, window.Key(), numbers(s.parents), func(ctx context.Context, parents []int64) ([]any, []error) {
		q := list.Pages(from, window, keysOf(parents), nil)
		from.Run(ctx, &q.Query)
		return pagesFor(q)
	})
}

func (s *cachedMany[T]) lookup() (string, *fieldcache.Batch) { return s.list.Loader, s.batch }

func (s *cachedMany[T]) ask() *store.Query {
	if len(s.batch.Misses()) == 0 {
		s.pages = nil
		return nil
	}
	s.pages = s.list.Pages(s.set.options.Store, s.window.window, missing(s.parents, s.batch), nil)
	return &s.pages.Query
}

func (s *cachedMany[T]) answer() {
	values, errs := pagesFor(s.pages)
	put(s.batch, values, errs)
}

func (s *cachedMany[T]) take() {
	pages := make([]store.Page[T], len(s.parents))
	values := make([]*store.Page[T], len(s.parents))
	for i, v := range s.batch.Values {
		if p, ok := v.(*store.Page[T]); ok {
			pages[i] = p.At(s.window.window, s.parents[i])
			values[i] = &pages[i]
		}
	}
	s.memo.put(values, s.batch.Errs)
	s.note(pages)
}

// pagesFor are pages as the cache takes them.
func pagesFor[T any](q *store.PagesQuery[T]) ([]any, []error) {
	pages, errs := q.Take()
	values := make([]any, len(pages))
	for i := range pages {
		values[i] = &pages[i]
	}
	return values, errs
}
