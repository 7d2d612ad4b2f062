package run

import (
	"context"
	"testing"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/codegen/breadth/testdata/singlefile/exec"
	"backline/graph/codegen/breadth/testdata/singlefile/model"
)

type root struct{}

func (root) Query() exec.QueryResolver               { return root{} }
func (root) Subscription() exec.SubscriptionResolver { return root{} }

func holder() *model.Holder {
	two := 2
	names := []string{"a", "b"}
	h := &model.Holder{
		Names: &names, Boxes: []model.Box{{Width: 1}, {Width: 3, Height: &two}}, Box: model.Box{Width: 4},
		Shapes: []model.Shape{square(2), square(3)}, Nick: "nick",
	}
	h.Others = &[]*model.Holder{{}, h}
	return h
}

type square float64

func (s square) Area() float64 { return float64(s * s) }

func (root) Holder(context.Context) (*model.Holder, error) { return holder(), nil }

func (root) Holders(context.Context) ([]*model.Holder, error) {
	return []*model.Holder{holder(), {}}, nil
}

func (root) Loose(context.Context) (map[string]any, error) {
	name := "loose"
	return map[string]any{"name": &name, "size": 3, "box": &model.Box{Width: 9}}, nil
}

func (root) Looses(context.Context) ([]map[string]any, error) {
	return []map[string]any{nil, {}, {"name": "text", "size": "not a number"}}, nil
}

func (root) Shape(context.Context) (model.Shape, error) { return square(5), nil }

func (root) Upload(_ context.Context, inputs []*model.In) (bool, error) { return len(inputs) > 0, nil }

func (root) Ticks(context.Context) (<-chan int, error) {
	c := make(chan int, 2)
	c <- 1
	c <- 2
	close(c)
	return c, nil
}

func (root) Boxes(context.Context) (<-chan []*model.Box, error) {
	c := make(chan []*model.Box, 1)
	c <- []*model.Box{{Width: 1}}
	close(c)
	return c, nil
}

// The executors agree, and the breadth-first one does not leave these operations to the other.
func TestExecutorsAgree(t *testing.T) {
	t.Parallel()
	es := exec.NewExecutableSchema(exec.Config{Resolvers: root{}})
	pair := breadthtest.NewPair(es, breadth.New(es, exec.BreadthTables(es), nil), &breadthtest.Generator{Schema: es.Schema()})
	for _, query := range []string{
		`{ holder { names nick boxes { width height } box { width } shapes { area } computed(of: 3) maybe { width } failing { width } others { names nick others { names } maybe { width } failing { width } } } }`,
		`{ holders { names nick others { nick } boxes { width } maybe { height } } }`,
		`{ loose { name size box { width } boxes { width } } looses { name size box { width } } shape { area } upload(inputs: [{a: 1}, {}]) }`,
		`subscription { ticks }`,
		`subscription { boxes { width height } }`,
	} {
		if err := pair.Check(t.Context(), breadthtest.Operation{Query: query}); err != nil {
			t.Error(err)
		}
	}
	for seed := range uint64(300) {
		if err := pair.Check(t.Context(), pair.Random(seed)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}
