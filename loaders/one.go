package loaders

import (
	"context"

	"github.com/graph-gophers/dataloader/v7"

	"backline/store"
)

// One loads rows of a table by id.
type One[T any] struct {
	set   *Set
	table *store.Table[T]
	memo  memo[store.ID, *T]
	along int // parents to bring with the next batch
}

func (l *One[T]) attach(s *Set, t *store.Table[T]) { l.set, l.table = s, t }

// LoadAll gives the row of each of n keys: nil for a key of 0 and for a row that does not exist.
// The error, if any, is an Errors with one place per key.
func (l *One[T]) LoadAll(_ context.Context, n int, key func(i int) store.ID) ([]*T, error) {
	return load(l.set, l, &l.memo, n, key)
}

// LoadAhead is LoadAll for a resolver that knows which fields are selected below: parents that lie
// with the rows come in the same statement, and their loaders know them then.
func (l *One[T]) LoadAhead(ctx context.Context, ahead []string, n int, key func(i int) store.ID) ([]*T, error) {
	if above := l.table.Above(ahead); above > 0 {
		l.set.mu.Lock()
		l.along = max(l.along, above)
		l.set.mu.Unlock()
	}
	return l.LoadAll(ctx, n, key)
}

// LoadOne gives the row of one key, nil if there is none; ahead is as for LoadAhead.
func (l *One[T]) LoadOne(ctx context.Context, id store.ID, ahead ...string) (*T, error) {
	return single(l.LoadAhead(ctx, ahead, 1, func(int) store.ID { return id }))
}

func (l *One[T]) prepare() sender {
	ids := l.memo.take()
	if len(ids) == 0 {
		return nil
	}
	along := l.along
	l.along = 0
	if space := l.set.space(l.table.Kind.String(), l.table.Policy()); space != nil {
		return &cachedOne[T]{One: l, space: space, ids: ids, along: along}
	}
	return &oneSender[T]{l, l.table.RowsWithin(l.set.options.Store, ids, along, l.set.needs, l.set)}
}

type oneSender[T any] struct {
	*One[T]
	rows *store.RowsQuery[T]
}

func (s *oneSender[T]) query() *store.Query  { return &s.rows.Query }
func (s *oneSender[T]) send(context.Context) {}

func (s *oneSender[T]) take() {
	rows, errs := s.rows.Take()
	s.memo.put(rows, errs)
	noteRows(s.set, s.table, s.set.Reach(s.table.Owners), s.rows.Denied(), rows)
	s.set.primed = append(s.set.primed, s.rows.Along()...)
}

// adopt remembers rows that came along with others.
func (l *One[T]) adopt(a store.Along) {
	if rows, ok := a.(*store.AlongRows[T]); ok {
		noteRows(l.set, l.table, l.set.Reach(l.table.Owners), nil, rows.Rows)
		for _, row := range rows.Rows {
			l.memo.prime(rows.Key(row), row)
			l.set.recordRow(l.set.space(l.table.Kind.String(), l.table.Policy()), rows.Key(row))
		}
	}
}

// load is LoadAll for every loader: it parks the resolver unless all values are there.
func load[K comparable, V any](s *Set, b batch, m *memo[K, V], n int, key func(i int) K) ([]V, error) {
	room := places.Get().(*[]int32)
	defer places.Put(room)
	s.mu.Lock()
	defer s.mu.Unlock()
	slots, missing := m.slots(*room, n, key)
	*room = slots
	if missing && !s.atHand(b) {
		s.park(b)
	}
	return m.pick(slots)
}

// single turns the answer to one key into one value and its own error.
func single[V any](values []V, err error) (V, error) {
	var zero V
	if e, ok := err.(Errors); ok { //nolint:errorlint // load returns exactly this type
		return zero, e[0]
	}
	if err != nil {
		return zero, err
	}
	return values[0], nil
}

// Load, LoadMany, Clear, ClearAll and Prime make it a dataloader v7 loader, for code that has its
// keys one by one.
var _ dataloader.Interface[store.ID, *struct{}] = (*One[struct{}])(nil)

// Load asks for a row; the thunk waits for it.
func (l *One[T]) Load(ctx context.Context, id store.ID) dataloader.Thunk[*T] {
	l.set.mu.Lock()
	if id != 0 {
		l.memo.slot(id)
	}
	l.set.mu.Unlock()
	return func() (*T, error) { return l.LoadOne(ctx, id) }
}

// LoadMany asks for rows; the thunk waits for them.
func (l *One[T]) LoadMany(ctx context.Context, ids []store.ID) dataloader.ThunkMany[*T] {
	l.set.mu.Lock()
	for _, id := range ids {
		if id != 0 {
			l.memo.slot(id)
		}
	}
	l.set.mu.Unlock()
	return func() ([]*T, []error) {
		rows, err := l.LoadAll(ctx, len(ids), func(i int) store.ID { return ids[i] })
		if e, ok := err.(Errors); ok { //nolint:errorlint // load returns exactly this type
			return rows, e
		}
		return rows, nil
	}
}

// Clear forgets a row, so that it is loaded anew.
func (l *One[T]) Clear(_ context.Context, id store.ID) dataloader.Interface[store.ID, *T] {
	l.set.mu.Lock()
	l.memo.clear(id)
	l.set.mu.Unlock()
	return l
}

// ClearAll forgets all rows.
func (l *One[T]) ClearAll() dataloader.Interface[store.ID, *T] {
	l.set.mu.Lock()
	for _, id := range l.memo.keys {
		l.memo.clear(id)
	}
	l.set.mu.Unlock()
	return l
}

// Prime gives a row that is known already. It does not replace one.
func (l *One[T]) Prime(_ context.Context, id store.ID, row *T) dataloader.Interface[store.ID, *T] {
	l.set.mu.Lock()
	l.memo.prime(id, row)
	l.set.recordRow(nil, id) // whoever has it may have it from anywhere
	l.set.mu.Unlock()
	return l
}
