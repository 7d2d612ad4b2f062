package loaders

import (
	"context"

	"backline/store"
)

// nodes is a One of any row type.
type nodes interface {
	batch
	gate() *store.Gate
	want(id store.ID) (slot int32, missing bool)
	isMissing() bool
	got(slot int32) (store.Node, error)
	adopt(a store.Along)
	whole(beside []*store.Query) sender
}

func (l *One[T]) gate() *store.Gate { return l.table.Gate }

func (l *One[T]) want(id store.ID) (int32, bool) {
	slot := l.memo.slot(id)
	return slot, int(slot) >= len(l.memo.values)
}

// isMissing says whether any row is not there that was wanted.
func (l *One[T]) isMissing() bool { return len(l.memo.keys) > len(l.memo.values) }

func (l *One[T]) got(slot int32) (store.Node, error) {
	row, err := single(l.memo.pick([]int32{slot}))
	if row == nil || err != nil {
		return nil, err
	}
	return any(row).(store.Node), nil
}

// LoadNodes gives rows of any types, nil where there is none: one batch for each type, all in one
// wave. Its first error is the error of all; so is that of a type that the viewer may not see at all,
// before anything is loaded.
func (s *Set) LoadNodes(_ context.Context, ids []store.NodeID) ([]store.Node, error) {
	if len(ids) > store.MaxPageSize {
		return nil, store.BadInput("ids must hold at most %d IDs, not %d", store.MaxPageSize, len(ids))
	}
	for _, id := range ids {
		if l := s.byKind(id.Kind); l != nil && l.gate() != nil {
			if err := s.pass(l.gate()); err != nil {
				return nil, err
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	loaders, slots := make([]nodes, len(ids)), make([]int32, len(ids))
	isMissing := false
	for i, id := range ids {
		l := s.byKind(id.Kind)
		if l == nil {
			continue
		}
		var missing bool
		slots[i], missing = l.want(id.ID)
		loaders[i], isMissing = l, isMissing || missing
	}
	if isMissing {
		s.await(loaders)
	}
	out := make([]store.Node, len(ids))
	for i, l := range loaders {
		if l == nil {
			continue
		}
		row, err := l.got(slots[i])
		if err != nil {
			return nil, err
		}
		out[i] = row
	}
	return out, nil
}

// await parks the resolver until all loaders have their rows, if they are not there. s.mu is held.
func (s *Set) await(all []nodes) {
	var parked nodes
	for _, l := range all {
		if l != nil && l.isMissing() && !s.atHand(l) {
			s.enqueue(l)
			parked = l
		}
	}
	if parked != nil {
		s.park(parked)
	}
}

// LoadNode gives a row of any type, nil if there is none.
func (s *Set) LoadNode(ctx context.Context, id store.NodeID) (store.Node, error) {
	rows, err := s.LoadNodes(ctx, []store.NodeID{id})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}
