package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/gateway"
	"backline/gateway/gatewaytest"
	"backline/gateway/limit"
)

// leaks are parts of texts that no client may see.
var leaks = []string{"SELECT", "vault", "db-7", "internal user", "SQLSTATE", "goroutine", ".go:", "runtime error", "shard 2", "panic"}

func TestErrorBoundary(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for how, want := range map[gatewaytest.Failure]string{
		gatewaytest.FailureBadUserInput: `{"message":"first must be between 1 and 100","path":["fail"],"locations":[{"line":1,"column":3}],"extensions":{"code":"BAD_USER_INPUT"}}`,
		gatewaytest.FailureWrapped:      `{"message":"first must be between 1 and 100","path":["fail"],"locations":[{"line":1,"column":3}],"extensions":{"code":"BAD_USER_INPUT"}}`,
		gatewaytest.FailureSafeText:     `{"message":"a part of the data cannot be reached","path":["fail"],"locations":[{"line":1,"column":3}],"extensions":{"code":"UNAVAILABLE"}}`,
		gatewaytest.FailureDeadline:     `{"message":"this field took too long","path":["fail"],"locations":[{"line":1,"column":3}],"extensions":{"code":"TIMEOUT"}}`,
		gatewaytest.FailureOddCode:      `{"message":"internal error","path":["fail"],"locations":[{"line":1,"column":3}],"extensions":{"code":"INTERNAL","correlationId":"r-1"}}`,
		gatewaytest.FailureDatabase:     `{"message":"internal error","path":["fail"],"locations":[{"line":1,"column":3}],"extensions":{"code":"INTERNAL","correlationId":"r-1"}}`,
		gatewaytest.FailureUncoded:      `{"message":"internal error","path":["fail"],"locations":[{"line":1,"column":3}],"extensions":{"code":"INTERNAL","correlationId":"r-1"}}`,
		gatewaytest.FailurePanic:        `{"message":"internal error","path":["fail"],"extensions":{"code":"INTERNAL","correlationId":"r-1"}}`,
		gatewaytest.FailureNil:          `{"message":"internal error","path":["fail"],"extensions":{"code":"INTERNAL","correlationId":"r-1"}}`,
	} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			got := b.post(fmt.Sprintf("{ fail(how: %s) hello }", how), "X-Request-Id: r-1")
			want := `{"errors":[` + want + `],"data":{"fail":null,"hello":"hello world"}}`
			if got.status != 200 || got.body != want {
				t.Errorf("got %d\n%s, want\n%s", got.status, got.body, want)
			}
			for _, leak := range leaks {
				if strings.Contains(got.body, leak) {
					t.Errorf("the answer has %q: %s", leak, got.body)
				}
			}
		})
	}
}

// What the client is not told is in the log, with the id that the client was told.
func TestCausesAreLogged(t *testing.T) {
	t.Parallel()
	for how, want := range map[gatewaytest.Failure]string{
		gatewaytest.FailureDatabase: "load customers on shard 2",
		gatewaytest.FailureSafeText: "SQLSTATE 42P01",
		gatewaytest.FailureUncoded:  "vault",
		gatewaytest.FailurePanic:    "resolver.go",
		gatewaytest.FailureDeadline: "db-7.internal",
	} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			b.post(fmt.Sprintf("{ fail(how: %s) }", how))
			if log := b.log.String(); !strings.Contains(log, want) || strings.Count(log, "\n") != 1 {
				t.Errorf("want one line with %q, got %q", want, log)
			}
		})
	}
	t.Run("not for a client's own mistake", func(t *testing.T) {
		t.Parallel()
		b := setup(t, nil)
		b.post("{ fail(how: BAD_USER_INPUT) }")
		b.post("{ nonsense }")
		b.post("{")
		if log := b.log.String(); log != "" {
			t.Errorf("logged %q", log)
		}
	})
	t.Run("once for a whole list", func(t *testing.T) {
		t.Parallel()
		b := setup(t, nil)
		got := b.post("{ items(count: 200) { broken } }")
		if n := strings.Count(got.body, `"code":"INTERNAL"`); n != 5 || !strings.Contains(got.body, `"omitted":195`) {
			t.Errorf("%d errors: %s", n, got.body)
		}
		if log := b.log.String(); strings.Count(log, "\n") != 2 || !strings.Contains(log, "count=199") {
			t.Errorf("want the cause and a count, got %q", log)
		}
	})
}

func TestNullWhereNoneMayBe(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	got := b.post("{ failHard(how: DATABASE) }")
	if got.status != 200 || got.code(t) != gateway.CodeInternal || !strings.HasSuffix(got.body, `,"data":null}`) {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

// Errors of the document, its variables and its arguments: one table for both media types.
func TestRequestErrors(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for _, c := range []struct {
		name, query, variables, operation string
		code, message                     string
		status                            int // with application/graphql-response+json
		hasData                           bool
	}{
		{name: "parse", query: "{ hello", code: gateway.CodeParseFailed, message: "Expected Name", status: 400},
		{name: "validate", query: "{ nonsense }", code: gateway.CodeValidationFailed, message: `Cannot query field \"nonsense\"`, status: 400},
		{name: "no operation", query: "fragment F on Query { hello }", code: gateway.CodeValidationFailed, message: "no operation provided", status: 400},
		{name: "which operation", query: "query A { hello } query B { hello }", code: gateway.CodeOperation, message: "the document has 2 operations: name one", status: 400},
		{name: "no such operation", query: "query A { hello } query B { hello }", operation: "C", code: gateway.CodeOperation, message: "no operation of the name", status: 400},
		{name: "missing variable", query: "query($n: Int!) { echo(number: $n) }", code: gateway.CodeBadUserInput, message: "variable $n: must be defined", status: 400},
		{name: "wrong variable", query: "query($n: Int!) { echo(number: $n) }", variables: `{"n":"x"}`, code: gateway.CodeBadUserInput, message: "variable $n: cannot use", status: 400},
		{name: "fraction", query: "query($n: Int!) { echo(number: $n) }", variables: `{"n":2.5}`, code: gateway.CodeBadUserInput, message: "variable $n: cannot use this number as Int", status: 400},
		{name: "no such number", query: "query($n: Int!) { echo(number: $n) }", variables: `{"n":9223372036854775809}`, code: gateway.CodeBadUserInput, message: "variable $n: cannot use this number as Int", status: 400},
		{name: "unknown enum", query: "query($h: Failure!) { fail(how: $h) }", variables: `{"h":"HOW"}`, code: gateway.CodeBadUserInput, message: "variable $h: is not a valid Failure", status: 400},
		{name: "literal overflows", query: "{ echo(number: 2147483648) }", code: gateway.CodeBadUserInput, message: `argument \"number\": 2147483648 overflows signed 32-bit integer`, status: 200, hasData: true},
		{name: "variable overflows", query: "query($n: Int!) { echo(number: $n) }", variables: `{"n":2147483648}`, code: gateway.CodeBadUserInput, message: "overflows signed 32-bit integer", status: 200, hasData: true},
		{name: "no time", query: `{ at(time: "noon") }`, code: gateway.CodeBadUserInput, message: `argument \"time\": `, status: 200, hasData: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf(`{"query":%q,"operationName":%q,"variables":%s}`, c.query, c.operation, cmpOr(c.variables, "null"))
			for accept, status := range map[string]int{"application/json": 200, "application/graphql-response+json": c.status} {
				got := b.send("POST", "/graphql", body, "Content-Type: application/json", "Accept: "+accept)
				if got.status != status || got.code(t) != c.code || !strings.Contains(got.body, c.message) {
					t.Errorf("%s: got %d %s, want %d %s: %s", accept, got.status, got.body, status, c.code, c.message)
				}
				if strings.Contains(got.body, `"data"`) != c.hasData {
					t.Errorf("%s: data is there, or is not: %s", accept, got.body)
				}
				if strings.Contains(got.body, "correlationId") {
					t.Errorf("a client's mistake has a correlation id: %s", got.body)
				}
			}
		})
	}
}

// The path of an argument's error is that of its field; a response has no other.
func TestArgumentErrorPath(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	got := b.post("{ a: echo(number: 2147483648) }")
	if !strings.Contains(got.body, `"path":["a"]`) {
		t.Errorf("got %s", got.body)
	}
}

func TestTokenLimit(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Limits.Selections = -1 })
	fields := func(n int) string { return "{" + strings.Repeat(" hello", n) + " }" }
	if got := b.post(fields(998)); got.status != 200 || got.body != `{"data":{"hello":"hello world"}}` {
		t.Errorf("1,000 tokens: got %d %s", got.status, got.body)
	}
	got := b.post(fields(1100))
	if got.status != 400 || got.code(t) != limit.CodeTokens || !strings.Contains(got.body, "1000") {
		t.Errorf("1,102 tokens: got %d %s", got.status, got.body)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Limits.Timeout = 5 * time.Second }) // hello has come by then
	got := b.post("{ hello wait }")
	want := `{"errors":[{"message":"the request took too long","path":["wait"],"locations":[{"line":1,"column":9}],"extensions":{"code":"TIMEOUT"}}],"data":{"hello":"hello world","wait":null}}`
	if got.status != 200 || got.body != want {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

// A deadline that passed before the first resolver leaves nothing to answer with.
func TestTimeoutBeforeExecution(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Limits.Timeout = time.Nanosecond })
	got := b.post("{ hello }")
	if got.status != 504 || got.code(t) != gateway.CodeTimeout || strings.Contains(got.body, `"data"`) {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestDevelopmentOnly(t *testing.T) {
	t.Parallel()
	dev := setup(t, func(c *gateway.Config) { c.Development = true })
	prod := setup(t, nil)
	for name, query := range map[string]string{
		"schema":          "{ __schema { queryType { name } } }",
		"type":            `{ __type(name: "Item") { name } }`,
		"alias":           "{ hello: __schema { queryType { name } } }",
		"fragment":        "{ ...F } fragment F on Query { ...G } fragment G on Query { __schema { queryType { name } } }",
		"inline fragment": "{ hello ... { ... on Query { __schema { queryType { name } } } } }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := dev.post(query); got.status != 200 || strings.Contains(got.body, "errors") {
				t.Errorf("development: got %d %s", got.status, got.body)
			}
			got := prod.post(query)
			if got.status != 400 || got.code(t) != gateway.CodeIntrospection || strings.Contains(got.body, "queryType") {
				t.Errorf("production: got %d %s", got.status, got.body)
			}
		})
	}
	t.Run("typename", func(t *testing.T) {
		t.Parallel()
		if got := prod.post("{ __typename }"); got.body != `{"data":{"__typename":"Query"}}` {
			t.Errorf("got %s", got.body)
		}
	})
	t.Run("suggestions", func(t *testing.T) {
		t.Parallel()
		if got := dev.post("{ helo }"); !strings.Contains(got.body, "Did you mean") {
			t.Errorf("development: got %s", got.body)
		}
		if got := prod.post("{ helo }"); strings.Contains(got.body, "Did you mean") {
			t.Errorf("production: got %s", got.body)
		}
	})
}

// Whatever the answer, it is JSON.
func TestAnswersAreJSON(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for _, query := range []string{
		"{ hello(name: \"\\u2028 \\\" \\\\ </script>\") }",
		"{ nonsense\\u0000 }", "{ \u2028 }", "{ hello(name: \"\n\") }",
	} {
		if got := b.post(query); !json.Valid([]byte(got.body)) {
			t.Errorf("%q: got %q", query, got.body)
		}
	}
}

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// careless is an executor that answers past the error presenter.
type careless struct{ graphql.ExecutableSchema }

func (careless) Exec(context.Context) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{{Message: gatewaytest.Secret}}})
}

func TestErrorsPastThePresenter(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Schema = careless{c.Schema} })
	got := b.post("{ hello }")
	if got.status != 500 || got.code(t) != gateway.CodeInternal || strings.Contains(got.body, "vault") {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if !strings.Contains(b.log.String(), "vault") {
		t.Errorf("logged %q", b.log.String())
	}
}
