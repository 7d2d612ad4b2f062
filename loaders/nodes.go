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
	got(slot int32) (store.Node, error)
	adopt(a store.Along)
	whole(beside []*store.Query) sender
}

func (l *One[T]) gate() *store.Gate { return l.table.Gate }

func (l *One[T]) want(id store.ID) (int32, bool) {
	slot := l.memo.slot(id)
	return slot, int(slot) >= len(l.memo.values)
}

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
	var waitFor nodes
	for i, id := range ids {
		l := s.byKind(id.Kind)
		if l == nil {
			continue
		}
		slot, missing := l.want(id.ID)
		if loaders[i], slots[i] = l, slot; missing {
			s.enqueue(l)
			waitFor = l
		}
	}
	if waitFor != nil {
		s.park(waitFor)
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

// LoadNode gives a row of any type, nil if there is none.
func (s *Set) LoadNode(ctx context.Context, id store.NodeID) (store.Node, error) {
	rows, err := s.LoadNodes(ctx, []store.NodeID{id})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}
