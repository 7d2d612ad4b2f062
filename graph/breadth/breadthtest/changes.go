package breadthtest

import (
	"context"

	"backline/graph/breadth/breadthtest/model"
)

// session is what the mutations of one operation have done.
type session struct{ entries []int32 }

type sessionKey struct{}

// WithSession gives the mutations of an operation a fresh log.
func WithSession(ctx context.Context) context.Context {
	return context.WithValue(ctx, sessionKey{}, &session{})
}

type mutation struct{ w *World }

func (m mutation) Push(ctx context.Context, value int32, fail model.Failure) (*model.Log, error) {
	s := ctx.Value(sessionKey{}).(*session)
	s.entries = append(s.entries, value)
	return single("push", int(value), fail, func() (*model.Log, error) {
		return &model.Log{Entries: append([]int32(nil), s.entries...)}, nil
	})
}

func (m mutation) Pop(ctx context.Context, fail model.Failure) (*model.Log, error) {
	s := ctx.Value(sessionKey{}).(*session)
	if len(s.entries) == 0 {
		return nil, nil
	}
	s.entries = s.entries[:len(s.entries)-1]
	return single("pop", len(s.entries), fail, func() (*model.Log, error) {
		return &model.Log{Entries: append([]int32(nil), s.entries...)}, nil
	})
}

type logs struct{ w *World }

// Later shows the log when this resolver runs: before the next mutation.
func (l logs) Later(ctx context.Context, objs []*model.Log) ([][]int32, error) {
	s := ctx.Value(sessionKey{}).(*session)
	out := make([][]int32, len(objs))
	for i := range objs {
		out[i] = append([]int32(nil), s.entries...)
	}
	return out, nil
}

func (l logs) Who(_ context.Context, objs []*model.Log) ([]*model.Person, error) {
	out := make([]*model.Person, len(objs))
	for i, o := range objs {
		out[i] = l.w.Person(len(o.Entries))
	}
	return out, nil
}

type subscription struct{ w *World }

func (s subscription) People(ctx context.Context, count int32, fail model.Failure) (<-chan *model.Person, error) {
	return single("subscribe", 1, fail, func() (<-chan *model.Person, error) {
		return send(ctx, count, func(n int) *model.Person {
			if n == 2 {
				return nil
			}
			return s.w.person(n)
		}), nil
	})
}

func (s subscription) MustPeople(ctx context.Context, count int32) (<-chan *model.Person, error) {
	return send(ctx, count, s.w.person), nil
}

func (s subscription) Numbers(ctx context.Context, count int32) (<-chan int32, error) {
	return send(ctx, count, func(n int) int32 { return int32(n) }), nil
}

func (s subscription) Crowd(ctx context.Context) (<-chan [][]model.Thing, error) {
	return send(ctx, 2, func(n int) [][]model.Thing { return [][]model.Thing{s.w.things(n, 2), nil} }), nil
}

// send gives a closed stream of up to four events.
func send[T any](_ context.Context, count int32, value func(n int) T) <-chan T {
	count = min(max(count, 0), 4)
	c := make(chan T, count)
	for n := range count {
		c <- value(int(n) + 1)
	}
	close(c)
	return c
}
