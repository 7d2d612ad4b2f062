package loaders

import (
	"context"
	"fmt"

	"github.com/graph-gophers/dataloader/v7"

	"backline/store"
)

// Batched is a loader for whatever a dataloader v7 BatchFunc can load: another service, a computed
// value. Its batches leave with those of the wave.
type Batched[K comparable, V any] struct {
	set  *Set
	name string
	fn   dataloader.BatchFunc[K, V]
	memo memo[K, V]
}

// NewBatched makes a loader of one response. Keep it as long as the response, not longer: it
// remembers what it loaded. The zero key stands for null and is never asked for.
func NewBatched[K comparable, V any](s *Set, name string, fn dataloader.BatchFunc[K, V]) *Batched[K, V] {
	return &Batched[K, V]{set: s, name: name, fn: fn}
}

// LoadAll gives the value of each of n keys. The error, if any, is an Errors with one place per key.
func (l *Batched[K, V]) LoadAll(_ context.Context, n int, key func(i int) K) ([]V, error) {
	return load(l.set, l, &l.memo, n, key)
}

func (l *Batched[K, V]) prepare() sender {
	keys := l.memo.take()
	if len(keys) == 0 {
		return nil
	}
	return &batchedSender[K, V]{Batched: l, keys: keys}
}

type batchedSender[K comparable, V any] struct {
	*Batched[K, V]
	keys   []K
	values []V
	errs   []error
}

func (s *batchedSender[K, V]) query() *store.Query { return nil }

// send calls the batch function. What it does wrong becomes the error of its keys.
func (s *batchedSender[K, V]) send(ctx context.Context) {
	s.values = make([]V, len(s.keys))
	fail := func(err error) {
		s.errs = make([]error, len(s.keys))
		for i := range s.errs {
			s.errs[i] = err
		}
	}
	defer func() {
		if p := recover(); p != nil {
			fail(fmt.Errorf("load %s: panic: %v", s.name, p))
		}
	}()
	results := s.fn(ctx, s.keys)
	if len(results) != len(s.keys) {
		fail(fmt.Errorf("load %s: %d results for %d keys", s.name, len(results), len(s.keys)))
		return
	}
	for i, r := range results {
		switch {
		case r == nil:
			fail(fmt.Errorf("load %s: result %d is missing", s.name, i))
			return
		case r.Error != nil:
			if s.errs == nil {
				s.errs = make([]error, len(s.keys))
			}
			s.errs[i] = r.Error
		default:
			s.values[i] = r.Data
		}
	}
}

func (s *batchedSender[K, V]) take() { s.memo.put(s.values, s.errs) }
