package telemetry

import (
	"maps"
	"sync"
	"sync/atomic"
)

// family keeps the label children of a metric by key, so that observing looks up no labels and
// allocates nothing. Readers take no lock, also those of keys beyond the ones that are told apart: a
// new key replaces the whole map, which happens as often as there are keys.
type family[K comparable, T any] struct {
	children atomic.Pointer[map[K]*T]
	mu       sync.Mutex // of writers
	most     int        // keys that are told apart; 0 means all
	other    func(K) K  // what a key beyond them is counted as
	resolve  func(K) *T
}

func newFamily[K comparable, T any](most int, other func(K) K, resolve func(K) *T) *family[K, T] {
	f := &family[K, T]{most: most, other: other, resolve: resolve}
	f.children.Store(&map[K]*T{})
	return f
}

func (f *family[K, T]) of(key K) *T {
	children := *f.children.Load()
	if child, ok := children[key]; ok {
		return child
	}
	if f.isFull(children) { // for good
		if child, ok := children[f.other(key)]; ok {
			return child
		}
	}
	return f.add(key)
}

func (f *family[K, T]) isFull(children map[K]*T) bool { return f.most > 0 && len(children) >= f.most }

func (f *family[K, T]) add(key K) *T {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := *f.children.Load()
	if f.isFull(old) {
		key = f.other(key)
	}
	if child, ok := old[key]; ok {
		return child
	}
	children := maps.Clone(old)
	child := f.resolve(key)
	children[key] = child
	f.children.Store(&children)
	return child
}
