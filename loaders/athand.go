package loaders

import (
	"slices"

	"backline/loaders/fieldcache"
	"backline/store"
)

// Mostly a batch finds all that it needs in this process. Then nobody has to wait, and there is no round:
// what follows fills the memo of a loader while its resolver holds Set.mu. Where anything is missing, or
// has to be loaded anew, or somebody waits for this batch already, a round does it.
//
// Rows that are not everybody's always take a round, which tells the auditor.

// keeper is a batch whose values the process may have.
type keeper interface {
	batch
	// atHand takes the values of all fresh keys, or of none. Set.mu is held.
	atHand() bool
}

// atHand says whether all that a batch needs is there now. s.mu is held.
func (s *Set) atHand(b batch) bool {
	if s.session == nil || s.trace != nil {
		return false
	}
	k, ok := b.(keeper)
	return ok && !slices.Contains(s.queue, b) && k.atHand()
}

// look gives the values of ids if the process has them all; else nil. s.mu is held.
func look[ID ~int64](s *Set, loader string, space *fieldcache.Space, arguments string, ids []ID, values []any) bool {
	if !fieldcache.AtHand(s.session, space, arguments, ids, values) {
		return false
	}
	if s.reads != nil {
		for _, id := range ids {
			s.reads.Add(space, int64(id))
		}
	}
	if o := s.options.Observer; o != nil {
		o.BatchLooked(s.ctx, loader, len(ids), 0, 0, 0, 0)
	}
	return true
}

// few is how many values there is room for without the heap.
const few = 24

func (l *One[T]) atHand() bool {
	ids := l.memo.fresh()
	if len(ids) == 0 || len(l.table.Owners) > 0 {
		return false
	}
	space := l.set.space(l.table.Kind.String(), l.table.Policy())
	if space == nil {
		return false
	}
	var room [few]any
	values := slices.Grow(room[:0], len(ids))[:len(ids)]
	if !look(l.set, l.table.Loader, space, "", ids, values) {
		return false
	}
	l.memo.take()
	l.along = 0
	l.memo.put(rowsOf[T](values), nil)
	return true
}

// rowsOf are rows as the cache has them.
func rowsOf[T any](values []any) []*T {
	rows := make([]*T, len(values))
	for i, v := range values {
		rows[i], _ = v.(*T)
	}
	return rows
}

func (w *window[T]) atHand() bool {
	parents := w.memo.fresh()
	if len(parents) == 0 || len(w.list.Table.Owners) > 0 {
		return false
	}
	space := w.set.space(w.list.Field, w.list.Policy())
	if space == nil {
		return false
	}
	var room [few]any
	values := slices.Grow(room[:0], len(parents))[:len(parents)]
	if !look(w.set, w.list.Loader, space, w.window.Key(), parents, values) {
		return false
	}
	w.memo.take()
	w.keep(parents, values, nil)
	return true
}

// keep remembers pages as the cache has them. The places are the window's: values are shared.
func (w *window[T]) keep(parents []store.ID, values []any, errs []error) []store.Page[T] {
	places := make([]store.Page[T], len(parents))
	pages := make([]*store.Page[T], len(parents))
	for i, v := range values {
		if p, ok := v.(*store.Page[T]); ok {
			places[i] = p.At(w.window, parents[i])
			pages[i] = &places[i]
		}
	}
	w.memo.put(pages, errs)
	return places
}

func (l *totals) atHand() bool {
	parents := l.memo.fresh()
	if len(parents) == 0 {
		return false
	}
	space := l.space()
	if space == nil || space.IsPrivate() {
		return false
	}
	var room [few]any
	values := slices.Grow(room[:0], len(parents))[:len(parents)]
	if !look(l.set, l.total.Loader(), space, l.total.Key(), parents, values) {
		return false
	}
	l.memo.take()
	l.keep(values, nil)
	return true
}

// space is where the cache keeps these totals, nil if it does not.
func (l *totals) space() *fieldcache.Space {
	field, policy := l.total.List()
	if policy == nil {
		return nil
	}
	return l.set.space(totalSpace(field), policy)
}

// keep remembers totals as the cache has them.
func (l *totals) keep(values []any, errs []error) {
	counts := make([]int32, len(values))
	for i, v := range values {
		if n, ok := v.(*int); ok {
			counts[i] = bounded(*n)
		}
	}
	l.memo.put(counts, errs)
}

// atHand gives the answer to a question if the process has it. s.mu is held.
func (k *keptQuestion) atHand() *answer {
	var room [1]any
	ids := [1]store.ID{k.keep.ID}
	if k.set.trace != nil || !look(k.set, k.question.Asked().Loader, k.space, k.keep.Arguments, ids[:], room[:]) {
		return nil
	}
	a, _ := room[0].(*answer)
	return a
}
