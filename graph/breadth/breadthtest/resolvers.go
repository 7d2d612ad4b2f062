package breadthtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"backline/graph/breadth/breadthtest/exec"
	"backline/graph/breadth/breadthtest/model"
)

// Schema is the test schema over the world, executed by gqlgen.
func (w *World) Schema() graphql.ExecutableSchema {
	return exec.NewExecutableSchema(exec.Config{
		Resolvers:  root{w},
		Directives: exec.DirectiveRoot{Guard: guard, Shout: shout},
	})
}

// root finds the resolvers of each type.
type root struct{ w *World }

func (r root) Query() exec.QueryResolver                     { return query(r) }
func (r root) Mutation() exec.MutationResolver               { return mutation(r) }
func (r root) Subscription() exec.SubscriptionResolver       { return subscription(r) }
func (r root) Person() exec.PersonResolver                   { return person(r) }
func (r root) Robot() exec.RobotResolver                     { return robot(r) }
func (r root) Plant() exec.PlantResolver                     { return plant(r) }
func (r root) Place() exec.PlaceResolver                     { return place(r) }
func (r root) Log() exec.LogResolver                         { return logs(r) }
func (r root) VisitConnection() exec.VisitConnectionResolver { return connection(r) }

// guard refuses fields above level one. It sees one object or a level of them, and does not care.
func guard(ctx context.Context, _ any, next graphql.Resolver, level int32) (any, error) {
	if level > 1 {
		return nil, fmt.Errorf("level %d is not for you", level)
	}
	return next(ctx)
}

// shout changes a value, or those of a level.
func shout(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	v, err := next(ctx)
	switch v := v.(type) {
	case string:
		return strings.ToUpper(v), err
	case *string:
		return upper(v), err
	case []string:
		out := make([]string, len(v))
		for i := range v {
			out[i] = strings.ToUpper(v[i])
		}
		return out, err
	case []*string:
		out := make([]*string, len(v))
		for i := range v {
			out[i] = upper(v[i])
		}
		return out, err
	}
	return v, err
}

func upper(s *string) *string {
	if s == nil {
		return nil
	}
	return ptr(strings.ToUpper(*s))
}

type query struct{ w *World }

func (q query) Person(_ context.Context, id string) (*model.Person, error) {
	n, err := strconv.Atoi(id)
	if err != nil {
		return nil, fmt.Errorf("%q is no person", id)
	}
	return q.w.Person(n), nil
}

func (q query) MustPerson(ctx context.Context, id string, fail model.Failure) (*model.Person, error) {
	return single("mustPerson", 1, fail, func() (*model.Person, error) { return q.Person(ctx, id) })
}

func (q query) People(_ context.Context, first int32, fail model.Failure) ([]*model.Person, error) {
	return single("people", int(first), fail, func() ([]*model.Person, error) { return q.w.persons(1, int(first)), nil })
}

func (q query) MaybePeople(_ context.Context, fail model.Failure) ([]*model.Person, error) {
	return single("maybePeople", 1, fail, func() ([]*model.Person, error) {
		return []*model.Person{q.w.Person(2), nil, q.w.Person(3)}, nil
	})
}

func (q query) Node(_ context.Context, id string, fail model.Failure) (model.Node, error) {
	return single("node", 1, fail, func() (model.Node, error) {
		n, err := strconv.Atoi(strings.TrimLeft(id, "rp"))
		switch {
		case err != nil:
			return nil, fmt.Errorf("%q is no id", id)
		case n < 1 || n > q.w.Size:
			return nil, nil
		case strings.HasPrefix(id, "r"):
			return q.w.Robot(n), nil
		case strings.HasPrefix(id, "p"):
			return q.w.Plant(n), nil
		}
		return q.w.Person(n), nil
	})
}

func (q query) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	out := make([]model.Node, len(ids))
	for i, id := range ids {
		out[i], _ = q.Node(ctx, id, model.FailureNone)
	}
	return out, nil
}

func (q query) Things(_ context.Context, first int32, fail model.Failure) ([]model.Thing, error) {
	return single("things", 1, fail, func() ([]model.Thing, error) { return q.w.things(1, int(first)), nil })
}

func (q query) Owned(context.Context) ([]model.Owned, error) { return q.w.owned(1, 5), nil }

func (q query) Named(_ context.Context, first int32) ([]model.Named, error) {
	return q.w.named(1, int(first)), nil
}

func (q query) Crowd(context.Context) ([][]model.Thing, error) {
	return [][]model.Thing{q.w.things(1, 5), nil, {}, {nil, q.w.Thing(3), nil, q.w.Thing(1)}}, nil
}

func (q query) Matrix(_ context.Context, rows int32, holes bool) ([][]*int32, error) {
	var m [][]*int32
	for i := range min(max(rows, 0), 5) {
		row := []*int32{ptr(i), ptr(i * 1000), ptr(-i)}
		if holes && i%2 == 1 {
			row[1] = nil
		}
		m = append(m, row)
	}
	return m, nil
}

func (q query) Moods(context.Context) ([]model.Mood, error) { return moods, nil }

func (q query) Phase(context.Context) (model.Phase, error) { return model.PhaseFull, nil }

func (q query) Boom(_ context.Context, fail model.Failure) (*string, error) {
	return single("boom", 1, fail, func() (*string, error) { return ptr("no boom"), nil })
}

func (q query) MustBoom(_ context.Context, fail model.Failure) (string, error) {
	return single("mustBoom", 2, fail, func() (string, error) { return "no boom", nil })
}

// Echo shows what its arguments were coerced to.
func (q query) Echo(_ context.Context, int_ *int32, float *float64, string_ *string, boolean *bool, id *string,
	mood *model.Mood, phase *model.Phase, ints []int32, matrix [][]*int32, filter *model.VisitFilter,
	filters []*model.VisitFilter, long *int64, decimal *model.Decimal, json_ any,
) (string, error) {
	b, err := json.Marshal([]any{int_, float, string_, boolean, id, mood, phase, ints, matrix, filter, filters, long, decimal, json_})
	return string(b), err
}

type robot struct{ w *World }

func robotNumber(r *model.Robot) int {
	if r == nil {
		return 0
	}
	return r.N
}

func (r robot) Owner(_ context.Context, objs []*model.Robot, fail model.Failure) ([]*model.Person, error) {
	return batch("robot.owner", objs, fail, robotNumber, func(n int) *model.Person { return r.w.Person(n) })
}

func (r robot) Twin(_ context.Context, objs []*model.Robot, fail model.Failure) ([]*model.Robot, error) {
	return batch("robot.twin", objs, fail, robotNumber, func(n int) *model.Robot { return r.w.Robot(n + 1) })
}

func (r robot) Best(_ context.Context, objs []*model.Robot, fail model.Failure) ([]*model.Robot, error) {
	return batch("robot.best", objs, fail, robotNumber, func(n int) *model.Robot { return r.w.Robot(n + 2) })
}

type plant struct{ w *World }

func plantNumber(p *model.Plant) int {
	if p == nil {
		return 0
	}
	return p.N
}

func (r plant) Owner(_ context.Context, objs []*model.Plant, fail model.Failure) ([]*model.Person, error) {
	return batch("plant.owner", objs, fail, plantNumber, func(n int) *model.Person { return r.w.Person(n + 1) })
}

func (r plant) Best(_ context.Context, objs []*model.Plant, fail model.Failure) ([]*model.Person, error) {
	return batch("plant.best", objs, fail, plantNumber, func(n int) *model.Person { return r.w.person(n) })
}

type place struct{ w *World }

func placeNumber(p *model.Place) int {
	if p == nil {
		return 0
	}
	return p.N
}

func (r place) Owner(_ context.Context, objs []*model.Place, fail model.Failure) ([]*model.Person, error) {
	return batch("place.owner", objs, fail, placeNumber, func(n int) *model.Person { return r.w.Person(n + 2) })
}

func (r place) Inside(_ context.Context, objs []*model.Place, fail model.Failure) ([][]model.Thing, error) {
	return batch("place.inside", objs, fail, placeNumber, func(n int) []model.Thing { return r.w.things(n, 2) })
}

type connection struct{ w *World }

func (connection) TotalCount(_ context.Context, objs []*model.VisitConnection) ([]int32, error) {
	out := make([]int32, len(objs))
	for i, c := range objs {
		out[i] = int32(len(c.Nodes)) + 10
	}
	return out, nil
}

// The lists below hold up to first elements from number n on.

func (w *World) things(n, first int) []model.Thing { return several(first, n, w.Thing) }
func (w *World) named(n, first int) []model.Named  { return several(first, n, w.Named) }
func (w *World) owned(n, first int) []model.Owned  { return several(first, n, w.Owned) }

func (w *World) maybeThing(n int) model.Thing {
	if n%5 == 0 {
		return nil
	}
	return w.Thing(n)
}

func several[T any](first, n int, get func(n int) T) []T {
	out := []T{}
	for i := range min(max(first, 0), 8) {
		out = append(out, get(n+i))
	}
	return out
}
