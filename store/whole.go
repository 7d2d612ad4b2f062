package store

import (
	"slices"
	"sync/atomic"
)

// Most lists of a relation are short: their pages hold all rows of each parent, and to ask for these at
// once, `parent = ANY ($1)` in the order of the parents, takes Postgres a fifth to a third less than a
// LATERAL query for each (64 albums with 580 tracks: 244 µs instead of 306, 50 artists with 60 albums:
// 53 instead of 81). Such a statement must not read a list that is long, so a list remembers how
// many rows a parent has had at most; and it reads no more rows than all pages could hold. Should it
// meet that bound, which happens once for a list that has grown, it is asked again with LATERAL.
//
// It does not name the bucket: `bucket = ANY ($2)` would cost what it gains, and a shard is one
// Postgres, which has nothing to prune.

const (
	// fewParents are not worth it.
	fewParents = 8
	// knownParents must have been seen before the length of a list is taken for known.
	knownParents = 1000
)

// lengths is what a list remembers of its parents.
type lengths struct {
	longest atomic.Int32 // rows of one parent, or one more than the page that cut them off
	seen    atomic.Int32 // parents whose rows were all on the page
}

// holds says that a page of so many rows most likely holds all rows of a parent.
func (l *lengths) holds(limit int) bool {
	return l.seen.Load() >= knownParents && int(l.longest.Load()) <= limit
}

func (l *lengths) learn(longest, whole int) {
	for {
		old := l.longest.Load()
		if int(old) >= longest || l.longest.CompareAndSwap(old, int32(longest)) { //nolint:gosec // rows of a batch
			break
		}
	}
	if l.seen.Load() < knownParents {
		l.seen.Add(int32(whole)) //nolint:gosec // parents of a batch
	}
}

// plain says that a window shows the beginning of a list in the order of its index on the parent.
func (w *Window[T]) plain() bool {
	return w.from == nil && !w.descending() && w.order.Column == "" && w.where.text == "" && w.list.Colocated
}

// inOrder are the keys in their order, and where they were.
func (k keyedPart) inOrder() keyedPart {
	if slices.IsSorted(k.keys) {
		return k
	}
	order := make([]int32, len(k.keys))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return int(k.keys[a] - k.keys[b]) })
	sorted := keyedPart{make([]ID, len(order)), make([]int32, len(order))}
	for i, from := range order {
		sorted.keys[i], sorted.at[i] = k.keys[from], int32(k.place(int(from))) //nolint:gosec // keys of a batch
	}
	return sorted
}

// wholeSQL reads all rows of all parents, up to a bound.
func (l *List[T]) wholeSQL(s *choice) string {
	return "SELECT " + s.columns("t") + " FROM " + l.Table.Name + " AS t WHERE t." + l.Parent + " = ANY ($1::bigint[])" +
		" ORDER BY t." + l.Parent + ", t." + l.ID + " LIMIT $2"
}
