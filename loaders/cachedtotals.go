package loaders

import (
	"context"

	"backline/loaders/fieldcache"
	"backline/store"
)

// cachedTotals are totals, from the cache or from the store.
type cachedTotals struct {
	*totals
	space   *fieldcache.Space
	parents []store.ID
	batch   *fieldcache.Batch
	counts  *store.TotalsQuery // of the misses
}

func (s *cachedTotals) query() *store.Query  { return nil }
func (s *cachedTotals) send(context.Context) {}

func (s *cachedTotals) look(r *fieldcache.Round) {
	total, from := s.total, s.set.options.Store // what outlives the response
	s.batch = r.Add(s.space, total.Key(), numbers(s.parents), func(ctx context.Context, parents []int64) ([]any, []error) {
		q := total.Totals(from, keysOf(parents))
		from.Run(ctx, &q.Query)
		return countsFor(q)
	})
}

func (s *cachedTotals) lookup() (string, *fieldcache.Batch) { return s.total.Loader(), s.batch }

func (s *cachedTotals) ask() *store.Query {
	if len(s.batch.Misses()) == 0 {
		s.counts = nil
		return nil
	}
	s.counts = s.total.Totals(s.set.options.Store, missing(s.parents, s.batch))
	return &s.counts.Query
}

func (s *cachedTotals) answer() {
	values, errs := countsFor(s.counts)
	put(s.batch, values, errs)
}

func (s *cachedTotals) take() {
	s.keep(s.batch.Values, s.batch.Errs)
}

// countsFor are totals as the cache takes them.
func countsFor(q *store.TotalsQuery) ([]any, []error) {
	counts, errs := q.Take()
	values := make([]any, len(counts))
	for i := range counts {
		values[i] = &counts[i]
	}
	return values, errs
}
