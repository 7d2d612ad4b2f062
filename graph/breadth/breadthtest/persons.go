package breadthtest

import (
	"context"

	"backline/graph/breadth/breadthtest/model"
)

type person struct{ w *World }

func personNumber(p *model.Person) int {
	if p == nil {
		return 0
	}
	return p.N
}

// people is a batch resolver of persons.
func people[T any](about string, objs []*model.Person, fail model.Failure, value func(n int) T) ([]T, error) {
	return batch("person."+about, objs, fail, personNumber, value)
}

func (r person) Best(ctx context.Context, objs []*model.Person, fail model.Failure) ([]*model.Person, error) {
	if err := r.w.before(ctx, "best"); err != nil {
		return nil, err
	}
	return people("best", objs, fail, func(n int) *model.Person { return r.w.Person(n + 1) })
}

func (r person) Must(ctx context.Context, objs []*model.Person, fail model.Failure) ([]*model.Person, error) {
	if err := r.w.before(ctx, "must"); err != nil {
		return nil, err
	}
	return people("must", objs, fail, func(n int) *model.Person { return r.w.person(n * 3) })
}

func (r person) Friends(ctx context.Context, objs []*model.Person, first int32, fail model.Failure) ([][]*model.Person, error) {
	if err := r.w.before(ctx, "friends"); err != nil {
		return nil, err
	}
	return people("friends", objs, fail, func(n int) []*model.Person { return r.w.persons(n, int(first)) })
}

func (r person) Rivals(_ context.Context, objs []*model.Person, fail model.Failure) ([][]*model.Person, error) {
	return people("rivals", objs, fail, func(n int) []*model.Person {
		return []*model.Person{r.w.person(n + 2), nil, r.w.Person(n + 5)}
	})
}

func (r person) Some(_ context.Context, objs []*model.Person, fail model.Failure) ([][]*model.Person, error) {
	return people("some", objs, fail, func(n int) []*model.Person {
		switch {
		case n%4 == 0:
			return nil
		case n%4 == 1:
			return []*model.Person{r.w.person(n), nil}
		}
		return []*model.Person{r.w.person(n * 2)}
	})
}

func (r person) Thing(_ context.Context, objs []*model.Person, fail model.Failure) ([]model.Thing, error) {
	return people("thing", objs, fail, r.w.maybeThing)
}

func (r person) Things(_ context.Context, objs []*model.Person, fail model.Failure) ([][]model.Thing, error) {
	return people("things", objs, fail, func(n int) []model.Thing { return r.w.things(n, 3) })
}

func (r person) MaybeThings(_ context.Context, objs []*model.Person, fail model.Failure) ([][]model.Thing, error) {
	return people("maybeThings", objs, fail, func(n int) []model.Thing {
		if n%3 == 0 {
			return nil
		}
		return []model.Thing{nil, r.w.Thing(n), r.w.Thing(n + 1)}
	})
}

func (r person) Named(_ context.Context, objs []*model.Person, fail model.Failure) ([][]model.Named, error) {
	return people("named", objs, fail, func(n int) []model.Named { return append(r.w.named(n, 2), nil) })
}

func (r person) Owned(_ context.Context, objs []*model.Person, first int32, fail model.Failure) ([][]model.Owned, error) {
	return people("owned", objs, fail, func(n int) []model.Owned { return r.w.owned(n, int(first)) })
}

func (r person) Rooms(_ context.Context, objs []*model.Person, fail model.Failure) ([][][]*model.Place, error) {
	return people("rooms", objs, fail, func(n int) [][]*model.Place {
		rooms := [][]*model.Place{{r.w.Place(n), r.w.Place(n + 1)}, {}, {r.w.Place(n + 2)}}
		if chance(15, "rooms", n) {
			rooms[0][1] = nil
		}
		return rooms
	})
}

func (r person) Maze(_ context.Context, objs []*model.Person, fail model.Failure) ([][][]*model.Place, error) {
	return people("maze", objs, fail, func(n int) [][]*model.Place {
		return [][]*model.Place{nil, {nil, r.w.Place(n)}}
	})
}

func (r person) Crowd(_ context.Context, objs []*model.Person, fail model.Failure) ([][][]model.Thing, error) {
	return people("crowd", objs, fail, func(n int) [][]model.Thing {
		crowd := [][]model.Thing{r.w.things(n, 2), r.w.things(n+2, 2), nil}
		if chance(30, "crowd", n) {
			crowd[1][0] = nil
		}
		return crowd
	})
}

func (r person) Rank(ctx context.Context, objs []*model.Person, fail model.Failure) ([]*int32, error) {
	if err := r.w.before(ctx, "rank"); err != nil {
		return nil, err
	}
	return people("rank", objs, fail, func(n int) *int32 { return maybe(30, "rank", n, int32(n*n)) })
}

func (r person) Level(_ context.Context, objs []*model.Person, fail model.Failure) ([]int32, error) {
	return people("level", objs, fail, func(n int) int32 { return int32(n) })
}

func (r person) Words(_ context.Context, objs []*model.Person, fail model.Failure) ([][]string, error) {
	return people("words", objs, fail, func(n int) []string { return names[:n%len(names)] })
}

func (r person) Table(_ context.Context, objs []*model.Person, fail model.Failure) ([][][]*float64, error) {
	return people("table", objs, fail, func(n int) [][]*float64 {
		return [][]*float64{{ptr(numbers[n%len(numbers)]), nil}, {}}
	})
}

func (r person) Visits(_ context.Context, objs []*model.Person, first int32, after *string, filter *model.VisitFilter) ([]*model.VisitConnection, error) {
	return people("visits", objs, model.FailureNone, func(n int) *model.VisitConnection {
		c := &model.VisitConnection{More: n%2 == 0}
		for i := range min(max(first, 0), 4) {
			if filter == nil || filter.MinSize == nil || float64(n)/4 > *filter.MinSize {
				c.Nodes = append(c.Nodes, r.w.Place(n+int(i)+len(deref(after))))
			}
		}
		return c
	})
}

func (r person) Alone(ctx context.Context, p *model.Person, fail model.Failure) (*model.Person, error) {
	if err := r.w.before(ctx, "alone"); err != nil {
		return nil, err
	}
	return single("alone", p.N, fail, func() (*model.Person, error) { return r.w.Person(p.N - 1), nil })
}

func (r person) SecretFriends(_ context.Context, objs []*model.Person) ([][]*model.Person, error) {
	return people("secretFriends", objs, model.FailureNone, func(n int) []*model.Person { return r.w.persons(n, 1) })
}

func (r person) LoudName(_ context.Context, objs []*model.Person, fail model.Failure) ([]*string, error) {
	return people("loudName", objs, fail, func(n int) *string { return ptr(names[n%len(names)]) })
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
