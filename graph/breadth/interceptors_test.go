package breadth_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/model"
)

func TestOperationAndResponseInterceptors(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	var seen []string
	ex.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		seen = append(seen, "operation "+graphql.GetOperationContext(ctx).Operation.Name)
		return next(ctx)
	})
	ex.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		r := next(ctx)
		if r == nil {
			return nil
		}
		seen = append(seen, string(r.Data))
		return r
	})
	answer(t, ex, `query Q { person(id: "2") { id } }`, nil)
	if want := []string{"operation Q", `{"person":{"id":"2"}}`}; !slices.Equal(seen, want) {
		t.Errorf("got %q, want %q", seen, want)
	}
}

func TestRootFieldInterceptors(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	var mu sync.Mutex
	var seen []string
	ex.AroundRootFields(func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		name := graphql.GetRootFieldContext(ctx).Object
		mu.Lock()
		seen = append(seen, name)
		mu.Unlock()
		if name == "moods" {
			return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, `["replaced"]`) })
		}
		return next(ctx)
	})
	a := answer(t, ex, `{ person(id: "2") { best { id } } moods __typename }`, nil)
	if want := `{"person":{"best":{"id":"3"}},"moods":["replaced"],"__typename":"Query"}`; a.Data != want {
		t.Error(a.Data)
	}
	slices.Sort(seen)
	if !slices.Equal(seen, []string{"moods", "person"}) {
		t.Error(seen)
	}
}

type traceKey struct{}

func TestFieldInterceptorsSeeLevels(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	var mu sync.Mutex
	seen := map[string]string{}
	ex.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		fc := graphql.GetFieldContext(ctx)
		above, _ := ctx.Value(traceKey{}).(string)
		trace := above + "/" + fc.Field.Alias
		res, err := next(context.WithValue(ctx, traceKey{}, trace))
		mu.Lock()
		defer mu.Unlock()
		seen[fc.Path().String()] = fmt.Sprintf("%T %v %s", res, fc.Args, trace)
		return res, err
	})
	answer(t, ex, `{ people(first: 2) { who: friends(first: 1) { visits { nodes { owner { id } } } } } }`, nil)
	want := map[string]string{
		"people":                        "[]*model.Person map[fail:NONE first:2] /people",
		"people.who":                    "[][]*model.Person map[fail:NONE first:1] /people/who",
		"people.who.visits":             "[]*model.VisitConnection map[after:<nil> filter:<nil> first:2] /people/who/visits",
		"people.who.visits.nodes.owner": "[]*model.Person map[fail:NONE] /people/who/visits/owner",
	}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", seen, want)
	}
}

func TestFieldInterceptorsMayForbidNull(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	ex.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		graphql.MarkNonNull(ctx)
		return next(ctx)
	})
	a := answer(t, ex, `{ people(first: 3) { thing { __typename } } maybePeople { rank } }`, nil)
	if want := `{"people":[{"thing":{"__typename":"Plant"}},{"thing":{"__typename":"Place"}},{"thing":{"__typename":"Person"}}],"maybePeople":[null,null,{"rank":9}]}`; a.Data != want {
		t.Errorf("got %s, want %s", a.Data, want)
	}
	want := []string{"maybePeople[0].rank: cannot return null for non-null field Person.rank (Int): the field was marked non-null at runtime and resolved to nil"}
	if got := told(a); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Interceptors may change arguments, for this request only.
func TestArgumentsAreTheRequestsOwn(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	n := 0
	ex.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		n++
		args := graphql.GetFieldContext(ctx).Args
		args["first"] = args["first"].(int32) + int32(n)
		return next(ctx)
	})
	for _, want := range []string{`{"people":[{"id":"1"},{"id":"2"}]}`, `{"people":[{"id":"1"},{"id":"2"},{"id":"3"}]}`} {
		if a := answer(t, ex, `{ people(first: 1) { id } }`, nil); a.Data != want {
			t.Errorf("got %s, want %s", a.Data, want)
		}
	}
}

func TestErrorPresenterSeesTheField(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	var seen []string
	ex.SetErrorPresenter(func(ctx context.Context, err error) *gqlerror.Error {
		fc := graphql.GetFieldContext(ctx)
		seen = append(seen, fmt.Sprintf("%s %s.%s %v %v", fc.Path(), fc.Object, fc.Field.Name, fc.Args["fail"], err))
		return graphql.DefaultErrorPresenter(ctx, err)
	})
	a := answer(t, ex, `{ people(first: 7) { must(fail: WRAPPED) { id } } }`, nil)
	if len(seen) == 0 || len(seen) != len(a.Errors) {
		t.Fatal(seen)
	}
	for i, e := range a.Errors {
		if !strings.Contains(seen[i], e.Path.String()+" Person.must WRAPPED wrapped: ") || e.Extensions["code"] != "TEST" {
			t.Errorf("%s: %v", seen[i], e)
		}
	}
}

// Directives see a level of objects, and the same ones as with gqlgen's executor.
func TestRunTimeDirectives(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	a := answer(t, ex, `{ people(first: 2) { loud loudName secretFriends { id } secret } }`, nil)
	if want := `{"people":[{"loud":"LOUD BOB \"THE\" BUILDER","loudName":"BOB \"THE\" BUILDER","secretFriends":[{"id":"1"}],"secret":null},{"loud":"LOUD ZOË","loudName":"ZOË","secretFriends":[{"id":"2"}],"secret":null}]}`; a.Data != want {
		t.Error(a.Data)
	}
	if want := []string{"people[0].secret: level 2 is not for you", "people[1].secret: level 2 is not for you"}; !slices.Equal(told(a), want) {
		t.Error(told(a))
	}
}

// Resolvers find the unmarshalers of input objects, as with gqlgen's executor.
func TestInputsCanBeUnmarshaled(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	var got []string
	ex.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		var filter *model.VisitFilter
		if err := graphql.UnmarshalNamedInputFromContext(ctx, "VisitFilter", map[string]any{"minSize": 3}, &filter); err != nil {
			return nil, err
		}
		got = append(got, fmt.Sprint(*filter.MinSize, *filter.Mood))
		return next(ctx)
	})
	a := answer(t, ex, `{ person(id: "2") { id } }`, nil)
	if len(a.Errors) > 0 || !slices.Equal(got, []string{"3MERRY"}) {
		t.Error(a.Errors, got)
	}
}

// A resolver can look at the fields below its own.
func TestFieldContextsHaveChildren(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	var got []string
	ex.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		fc := graphql.GetFieldContext(ctx)
		for _, field := range graphql.CollectFieldsCtx(ctx, []string{"Person"}) {
			child, err := fc.Child(ctx, field)
			if err != nil {
				return nil, err
			}
			got = append(got, fmt.Sprint(child.Object, ".", child.Field.Name, child.Args))
		}
		return next(ctx)
	})
	answer(t, ex, `{ person(id: "2") { id greet(times: 2) } }`, nil)
	if want := []string{"Person.idmap[]", "Person.greetmap[greeting:hello times:" + "0x"}; len(got) != 2 || got[0] != want[0] || !strings.HasPrefix(got[1], want[1]) {
		t.Error(got)
	}
}

func TestResolversCanLookAhead(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	var mu sync.Mutex
	got := map[string][]string{}
	ex.AroundFields(func(ctx context.Context, next graphql.Resolver) (any, error) {
		mu.Lock()
		got[graphql.GetFieldContext(ctx).Path().String()] = breadth.Ahead(ctx)
		mu.Unlock()
		return next(ctx)
	})
	answer(t, ex, `{ people { id visits { totalCount nodes { owner { id } } } query { people { secretFriends { id } } } best { id } } }`, nil)
	for path, want := range map[string][]string{
		"people":              nil, // fields with arguments, and those of root types, are not told
		"people.visits":       {"totalCount"},
		"people.query.people": {"secretFriends"},
		"people.best":         nil,
	} {
		if !slices.Equal(got[path], want) {
			t.Errorf("%s: got %q, want %q", path, got[path], want)
		}
	}
}

// gqlgen executes what is left to it: incremental delivery.
func TestDeferIsLeftToGqlgen(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	op := breadthtest.Operation{Query: `{ person(id: "2") { id ... @defer(label: "x") { name best { id } } } }`}
	all, err := breadthtest.Run(t.Context(), ex, op)
	if err != nil || len(all) != 2 {
		t.Errorf("%v %v", all, err)
	}
	if err := breadthtest.Exotic(nil).Check(t.Context(), op); err != nil {
		t.Error(err)
	}
}
