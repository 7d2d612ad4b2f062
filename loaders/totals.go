package loaders

import (
	"context"

	"backline/store"
)

// Totals counts the rows of lists, for the pages whose totalCount is selected.
type Totals struct {
	set   *Set
	lists map[string]*totals
}

type totals struct {
	*Totals
	total store.Total // of any parent
	memo  memo[store.ID, int32]
}

func (l *Totals) attach(s *Set) { l.set = s }

// LoadAll gives n totals. The error, if any, is an Errors with one place per total.
func (l *Totals) LoadAll(_ context.Context, n int, total func(i int) store.Total) ([]int32, error) {
	l.set.mu.Lock()
	defer l.set.mu.Unlock()
	lists, slots := make([]*totals, n), make([]int32, n)
	missing := false
	for i := range n {
		t := total(i)
		list := l.lists[t.Key()]
		if list == nil {
			list = &totals{Totals: l, total: t}
			if l.lists == nil {
				l.lists = map[string]*totals{}
			}
			l.lists[t.Key()] = list
		}
		lists[i], slots[i] = list, list.memo.slot(t.Parent)
		missing = missing || int(slots[i]) >= len(list.memo.values)
	}
	if missing {
		l.await(lists)
	}
	out := make([]int32, n)
	var errs Errors
	for i, list := range lists {
		v, err := single(list.memo.pick(slots[i : i+1]))
		out[i] = v
		if err != nil {
			if errs == nil {
				errs = make(Errors, n)
			}
			errs[i] = err
		}
	}
	if errs != nil {
		return out, errs
	}
	return out, nil
}

// await parks the resolver until all lists have their totals, if they are not there. set.mu is held.
func (l *Totals) await(lists []*totals) {
	var parked *totals
	for _, list := range lists {
		if len(list.memo.keys) > len(list.memo.values) && !l.set.atHand(list) {
			l.set.enqueue(list)
			parked = list
		}
	}
	if parked != nil {
		l.set.park(parked)
	}
}

func (l *totals) prepare() sender {
	parents := l.memo.take()
	if len(parents) == 0 {
		return nil
	}
	if space := l.space(); space != nil {
		return &cachedTotals{totals: l, space: space, parents: parents}
	}
	return &totalsSender{l, l.total.Totals(l.set.options.Store, parents)}
}

type totalsSender struct {
	*totals
	counts *store.TotalsQuery
}

func (s *totalsSender) query() *store.Query  { return &s.counts.Query }
func (s *totalsSender) send(context.Context) {}

func (s *totalsSender) take() {
	s.put(s.counts.Take())
}

func (l *totals) put(counts []int, errs []error) {
	values := make([]int32, len(counts))
	for i, n := range counts {
		values[i] = bounded(n)
	}
	l.memo.put(values, errs)
}

// bounded is a total as GraphQL's Int.
func bounded(n int) int32 { return int32(min(n, 1<<31-1)) } //nolint:gosec // as it says
