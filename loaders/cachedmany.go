package loaders

import (
	"context"

	"backline/loaders/fieldcache"
	"backline/store"
)

// cachedMany are the pages of a window, from the cache or from the store: whole rows, as with cachedOne.
//
// Their rows are not written to Redis by id along the way. A value may only be written under a lease that
// was taken before it was read, and of the rows of a page nobody knows the ids before they are there. This
// process remembers them where there are few: who looks at a list often looks at one of its rows next.
type cachedMany[T any] struct {
	*window[T]
	space   *fieldcache.Space
	parents []store.ID
	batch   *fieldcache.Batch
	pages   *store.PagesQuery[T] // of the misses
	moment  fieldcache.Moment    // before they were read
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
	s.moment = s.set.options.Cache.Moment()
	s.pages = s.list.Pages(s.set.options.Store, s.window.window, missing(s.parents, s.batch), nil)
	return &s.pages.Query
}

func (s *cachedMany[T]) answer() {
	values, errs := pagesFor(s.pages)
	put(s.batch, values, errs)
	s.prime(values)
}

// fewRows is up to how many rows are remembered by their ids when they came on pages.
const fewRows = 32

// prime remembers rows that were read with their pages, where everybody may see both.
func (s *cachedMany[T]) prime(pages []any) {
	t := s.list.Table
	if s.set.trace != nil || s.space.IsPrivate() {
		return // what a trace shows of an operation is the same each time
	}
	space := s.set.space(t.Kind.String(), t.Policy())
	if space == nil || space.IsPrivate() {
		return
	}
	n := 0
	for _, v := range pages {
		if n += len(v.(*store.Page[T]).Nodes); n > fewRows {
			return
		}
	}
	for _, v := range pages {
		for _, row := range v.(*store.Page[T]).Nodes {
			s.set.options.Cache.Prime(s.moment, space, int64(t.Key(row)), row)
		}
	}
}

func (s *cachedMany[T]) take() {
	s.note(s.keep(s.parents, s.batch.Values, s.batch.Errs))
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
