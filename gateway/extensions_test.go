package gateway_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/gateway"
	"backline/gateway/gatewaytest"
)

// extension stands at every point that gqlgen has, and notes when it is passed.
type extension struct {
	name string
	note func(what string)
}

func (x extension) ExtensionName() string                     { return x.name }
func (x extension) Validate(_ graphql.ExecutableSchema) error { return nil }

func (x extension) MutateOperationParameters(_ context.Context, p *graphql.RawParams) *gqlerror.Error {
	x.note("parameters")
	if p.OperationName == "Refused" {
		return &gqlerror.Error{Message: "not so", Extensions: map[string]any{"code": "BAD_REQUEST"}}
	}
	return nil
}

func (x extension) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	x.note("context of " + oc.Operation.Name)
	if oc.Operation.Name == "RefusedLater" {
		return &gqlerror.Error{Message: "not so", Extensions: map[string]any{"code": "BAD_REQUEST"}}
	}
	return nil
}

func (x extension) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	x.note("operation")
	respond := next(context.WithValue(ctx, extensionKey{}, x.name))
	return func(ctx context.Context) *graphql.Response {
		x.note("responses")
		return respond(ctx)
	}
}

func (x extension) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	inner, _ := ctx.Value(extensionKey{}).(string)
	x.note("response within " + inner)
	graphql.RegisterExtension(ctx, x.name, "was here")
	return next(ctx)
}

func (x extension) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	x.note("root field")
	return next(ctx)
}

func (x extension) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	x.note("field")
	return next(ctx)
}

type extensionKey struct{}

// Extensions of gqlgen stand where they stand in its own executor, the first outermost.
func TestExtensions(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var noted []string
	note := func(name string) func(string) {
		return func(what string) {
			mu.Lock()
			defer mu.Unlock()
			noted = append(noted, name+" "+what)
		}
	}
	b := setup(t, func(c *gateway.Config) {
		c.Extensions = []graphql.HandlerExtension{extension{"one", note("one")}, extension{"two", note("two")}}
	})
	for _, c := range []struct {
		name, query, body string
		want              []string
	}{
		{"Q", "query Q { hello }", `{"data":{"hello":"hello world"},"extensions":{"one":"was here","two":"was here"}}`, []string{
			"one parameters", "two parameters", "one context of Q", "two context of Q",
			"one operation", "two operation", "one responses", "two responses",
			"one response within two", "two response within two", "one root field", "two root field", "one field", "two field",
		}},
		{"Refused", "query Refused { hello }", `{"errors":[{"message":"not so","extensions":{"code":"BAD_REQUEST"}}],"extensions":{"one":"was here","two":"was here"}}`, []string{
			"one parameters", "one response within ", "two response within ",
		}},
		{"RefusedLater", "query RefusedLater { hello }", `{"errors":[{"message":"not so","extensions":{"code":"BAD_REQUEST"}}],"extensions":{"one":"was here","two":"was here"}}`, []string{
			"one parameters", "two parameters", "one context of RefusedLater", "one response within ", "two response within ",
		}},
	} {
		noted = nil
		if got := b.body(`{"query":"` + c.query + `","operationName":"` + c.name + `"}`); got.body != c.body {
			t.Errorf("%s: %s, want %s", c.name, got.body, c.body)
		}
		if !slices.Equal(noted, c.want) {
			t.Errorf("%s: noted %q, want %q", c.name, noted, c.want)
		}
	}
}

// refuses is an extension that is not for this schema.
type refuses struct{ extension }

func (refuses) Validate(graphql.ExecutableSchema) error { return context.Canceled }

func TestExtensionsAreValidated(t *testing.T) {
	t.Parallel()
	_, err := gateway.New(gateway.Config{
		Schema:     gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: &gatewaytest.Resolver{}}),
		Extensions: []graphql.HandlerExtension{refuses{extension{name: "Picky"}}},
	})
	if err == nil || err.Error() != "extend the gateway by Picky: context canceled" {
		t.Error(err)
	}
}
