package loaders

import (
	"context"
	"time"

	"backline/loaders/fieldcache"
	"backline/store"
)

// cachedSender are keys on their way whose values may be in the cache.
type cachedSender interface {
	sender
	// look adds the keys to a round of the cache.
	look(r *fieldcache.Round)
	// lookup is the name of the loader, and the batch that look has made.
	lookup() (loader string, b *fieldcache.Batch)
	// ask is the question for what the cache misses, nil if it misses nothing.
	ask() *store.Query
	// answer gives the cache what the store has answered.
	answer()
}

// sendCached looks up what may be in the cache and asks the store for the rest, together with the
// queries that no cache is for. It tells what became of those keys.
func (s *Set) sendCached(cached []cachedSender, queries []*store.Query) []looked {
	r := s.session.Round()
	defer r.Close()
	all := make([]looked, len(cached))
	for i, c := range cached {
		c.look(r)
		all[i].sender = c
	}
	for more := r.Next(s.ctx); more || len(queries) > 0; more = r.Next(s.ctx) {
		var answers []cachedSender
		for i, c := range cached {
			if q := c.ask(); q != nil {
				queries, answers = append(queries, q), append(answers, c)
				all[i].queries = append(all[i].queries, q)
			}
		}
		s.runGated(queries, len(answers) > 0)
		for _, c := range answers {
			c.answer()
		}
		queries = nil
	}
	s.tellLooked(all)
	return all
}

// runGated asks the store, and waits for a seat first if the cache is away and would have been asked.
func (s *Set) runGated(queries []*store.Query, gated bool) {
	if gated {
		leave, err := s.options.Cache.Gate().Enter(s.ctx)
		if err != nil {
			for _, q := range queries {
				for i := range q.Parts {
					q.Parts[i].Err = err
				}
			}
			return
		}
		defer leave()
	}
	s.run(queries)
}

// rowsByID is what the cache keeps of a table. The name is that of the type.
func rowsByID[T any](t *store.Table[T]) fieldcache.SpaceConfig {
	return fieldcache.SpaceConfig{
		Name: t.Kind.String(),
		Policy: fieldcache.Policy{
			TTL:                  seconds(t.Cache.TTL),
			StaleWhileRevalidate: seconds(t.Cache.StaleWhileRevalidate),
			StaleIfError:         seconds(t.Cache.StaleIfError),
		},
		Codec: fieldcache.CodecOf(t.AppendRow, t.ReadRow),
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// space is where the cache keeps the rows, nil if it does not. Rows that are not everybody's are never
// kept, whatever the table says: they are given to anybody.
func (l *One[T]) space() *fieldcache.Space {
	if l.set.session == nil || l.table.Cache == nil || l.table.Owners != nil || l.table.Gate != nil {
		return nil
	}
	return l.set.options.Cache.Space(l.table.Kind.String())
}

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
	ids := make([]int64, len(s.ids))
	for i, id := range s.ids {
		ids[i] = int64(id)
	}
	table, from := s.table, s.set.options.Store // what outlives the response
	s.batch = r.Add(s.space, "", ids, func(ctx context.Context, ids []int64) ([]any, []error) {
		return reload(ctx, table, from, ids)
	})
}

func (s *cachedOne[T]) lookup() (string, *fieldcache.Batch) { return s.table.Loader, s.batch }

func (s *cachedOne[T]) ask() *store.Query {
	misses := s.batch.Misses()
	if len(misses) == 0 {
		s.rows = nil
		return nil
	}
	ids := make([]store.ID, len(misses))
	for i, at := range misses {
		ids[i] = s.ids[at]
	}
	// The rows are everybody's; the parents that come along may not be.
	s.rows = s.table.RowsWithin(s.set.options.Store, ids, s.along, nil, s.set)
	return &s.rows.Query
}

func (s *cachedOne[T]) answer() {
	rows, errs := s.rows.Take()
	for i := range rows {
		value, err := answerOf(rows, errs, i)
		s.batch.Put(i, value, err)
	}
	s.set.mu.Lock()
	s.set.primed = append(s.set.primed, s.rows.Along()...)
	s.set.mu.Unlock()
}

func (s *cachedOne[T]) take() {
	rows := make([]*T, len(s.ids))
	for i, v := range s.batch.Values {
		rows[i], _ = v.(*T)
	}
	s.memo.put(rows, s.batch.Errs)
}

// answerOf is row i as the cache takes it: nil, and not a nil pointer, where there is none.
func answerOf[T any](rows []*T, errs []error, i int) (any, error) {
	if errs != nil && errs[i] != nil {
		return nil, errs[i]
	}
	if rows[i] == nil {
		return nil, nil //nolint:nilnil // there is no such row
	}
	return rows[i], nil
}

// reload loads rows before they are asked for.
func reload[T any](ctx context.Context, t *store.Table[T], from *store.Store, ids []int64) ([]any, []error) {
	keys := make([]store.ID, len(ids))
	for i, id := range ids {
		keys[i] = store.ID(id)
	}
	q := t.Rows(from, keys, 0, nil)
	from.Run(ctx, &q.Query)
	rows, errs := q.Take()
	values := make([]any, len(rows))
	for i := range rows {
		values[i], _ = answerOf(rows, errs, i)
	}
	return values, errs
}
