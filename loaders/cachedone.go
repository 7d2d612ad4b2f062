package loaders

import (
	"context"

	"backline/loaders/fieldcache"
	"backline/store"
)

// cachedOne are rows by id, from the cache or from the store. They are read whole, whatever the
// operation needs of them: the next one needs something else.
type cachedOne[T any] struct {
	*One[T]
	space *fieldcache.Space
	ids   []store.ID
	along int
	batch *fieldcache.Batch
	rows  *store.RowsQuery[T] // of the misses
}

func (s *cachedOne[T]) query() *store.Query  { return nil }
func (s *cachedOne[T]) send(context.Context) {}

func (s *cachedOne[T]) look(r *fieldcache.Round) {
	table, from, by := s.table, s.set.options.Store, s.set.reacher() // what outlives the response
	s.batch = r.Add(s.space, "", numbers(s.ids), func(ctx context.Context, ids []int64) ([]any, []error) {
		q := table.RowsWithin(from, keysOf(ids), 0, nil, by)
		from.Run(ctx, &q.Query)
		return answersOf(q, keysOf(ids))
	})
}

func (s *cachedOne[T]) lookup() (string, *fieldcache.Batch) { return s.table.Loader, s.batch }

func (s *cachedOne[T]) ask() *store.Query {
	if len(s.batch.Misses()) == 0 {
		s.rows = nil
		return nil
	}
	// Public rows are everybody's; the parents that come along may not be.
	s.rows = s.table.RowsWithin(s.set.options.Store, missing(s.ids, s.batch), s.table.Unkept(s.along), nil, s.set)
	return &s.rows.Query
}

func (s *cachedOne[T]) answer() {
	values, errs := answersOf(s.rows, missing(s.ids, s.batch))
	put(s.batch, values, errs)
	s.set.mu.Lock()
	s.set.primed = append(s.set.primed, s.rows.Along()...)
	s.set.mu.Unlock()
}

func (s *cachedOne[T]) take() {
	rows := rowsOf[T](s.batch.Values)
	var out []store.ID // of reach
	for i, v := range s.batch.Values {
		if _, isDenied := v.(denied); isDenied {
			out = append(out, s.ids[i])
		}
	}
	s.memo.put(rows, s.batch.Errs)
	noteRows(s.set, s.table, s.set.Reach(s.table.Owners), out, rows)
}

// answersOf are the rows as the cache takes them: nil, and not a nil pointer, where there is none.
func answersOf[T any](q *store.RowsQuery[T], ids []store.ID) ([]any, []error) {
	rows, errs := q.Take()
	values := make([]any, len(rows))
	for i, row := range rows {
		if row != nil {
			values[i] = row
		}
	}
	if refused := q.Denied(); len(refused) > 0 {
		places := make(map[store.ID]int, len(ids)) // each is asked for once
		for i, id := range ids {
			places[id] = i
		}
		for _, id := range refused {
			values[places[id]] = denied{}
		}
	}
	return values, errs
}
