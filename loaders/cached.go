package loaders

import (
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
	s.recordLooked(all)
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

// missing are the keys that the store must be asked for.
func missing(keys []store.ID, b *fieldcache.Batch) []store.ID {
	misses := b.Misses()
	if len(misses) == len(keys) {
		return keys
	}
	some := make([]store.ID, len(misses))
	for i, at := range misses {
		some[i] = keys[at]
	}
	return some
}

// put gives a batch what the store has answered to its misses.
func put(b *fieldcache.Batch, values []any, errs []error) {
	for i := range values {
		if errs != nil && errs[i] != nil {
			b.Put(i, nil, errs[i])
			continue
		}
		b.Put(i, values[i], nil)
	}
}

// numbers are keys as the cache has them.
func numbers(keys []store.ID) []int64 {
	ids := make([]int64, len(keys))
	for i, k := range keys {
		ids[i] = int64(k)
	}
	return ids
}

// keysOf are ids as the store has them.
func keysOf(ids []int64) []store.ID {
	keys := make([]store.ID, len(ids))
	for i, id := range ids {
		keys[i] = store.ID(id)
	}
	return keys
}
