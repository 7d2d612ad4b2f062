package loaders

import (
	"context"
	"slices"

	"backline/store"
)

// beside asks for the reference tables that the rows of a round lead to, whole and in the same round trip,
// so that the next wave finds them there. Where a cache might have them nothing is asked, nor where the
// loader has been asked for any: what it lacks then it asks for by id. s.mu is held.
func (s *Set) beside(senders []sender) []sender {
	if s.needs == nil || s.session != nil {
		return nil
	}
	var queries []*store.Query
	for _, p := range senders {
		if q := p.query(); q != nil {
			queries = append(queries, q)
		}
	}
	var all []sender
	var asked []store.Kind
	for _, q := range queries {
		for _, k := range s.needs.Beside(q) {
			l := s.byKind(k)
			if l == nil || slices.Contains(asked, k) {
				continue
			}
			asked = append(asked, k)
			if p := l.whole(queries); p != nil {
				all = append(all, p)
			}
		}
	}
	return all
}

// whole asks for all rows of the table, unless some have been asked for.
func (l *One[T]) whole(beside []*store.Query) sender {
	if len(l.memo.keys) > 0 {
		return nil
	}
	q := l.table.All(l.set.options.Store, beside, l.set.needs)
	if q == nil {
		return nil
	}
	return &wholeSender[T]{l.set, q}
}

type wholeSender[T any] struct {
	set  *Set
	rows *store.AllQuery[T]
}

func (s *wholeSender[T]) query() *store.Query  { return &s.rows.Query }
func (s *wholeSender[T]) send(context.Context) {}
func (s *wholeSender[T]) take()                { s.set.primed = append(s.set.primed, s.rows.Take()) }
