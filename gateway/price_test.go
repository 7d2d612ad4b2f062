package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"backline/gateway"
	"backline/gateway/gatewaytest"
	"backline/graph/cost"
)

// priced serves the test schema with prices.
func priced(t *testing.T, maximum int64) *bundle {
	t.Helper()
	schema := gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: &gatewaytest.Resolver{}})
	table, err := cost.NewTable(schema.Schema())
	if err != nil {
		t.Fatal(err)
	}
	return setup(t, func(c *gateway.Config) {
		c.Price = gateway.Price{Table: table, Maximum: maximum}
		c.Development = true
	})
}

// An operation that may cost too much is refused before it runs, with the estimate, the maximum and
// the field to look at.
func TestCostLimit(t *testing.T) {
	t.Parallel()
	b := priced(t, 10)
	long := strings.Repeat("a", 1000)
	for _, c := range []struct{ name, body, want string }{
		{"as much as is allowed", `{"query":"{ items(count: 9) { index } }"}`, ""},
		{"one more", `{"query":"{ items(count: 10) { index } }"}`,
			"the operation may cost 11 points, and the maximum is 10; the most expensive field is items with 11"},
		{"parts of a point", `{"query":"{ some(count: 8) { index } }"}`, "may cost 10.5 points"},
		{"by a variable", `{"query":"query($n: Int!) { items(count: $n) { index } }","variables":{"n":20}}`, "may cost 21 points"},
		{"by a variable's default", `{"query":"query($n: Int! = 30) { items(count: $n) { index } }"}`, "may cost 31 points"},
		{"under two names", `{"query":"{ a: items(count: 5) { index } b: items(count: 5) { index } }"}`, "may cost 12 points"},
		{"merged", `{"query":"{ items(count: 5) { index } items(count: 5) { i: index } }"}`, ""},
		{"skipped", `{"query":"{ items(count: 100) @skip(if: true) { index } }"}`, ""},
		{"skipped by a variable", `{"query":"query($s: Boolean!) { items(count: 100) @skip(if: $s) { index } }","variables":{"s":true}}`, ""},
		{"not skipped", `{"query":"query($s: Boolean!) { items(count: 100) @skip(if: $s) { index } }","variables":{"s":false}}`, "may cost 101 points"},
		{"the other operation", `{"query":"query A { items(count: 100) { index } } query B { hello }","operationName":"B"}`, ""},
		{"both of which one is required", `{"query":"{ some(count: 1, top: 1) { index } }"}`, "some needs exactly one of its arguments count, top"},
		{"a long name", `{"query":"{ ` + long + `: items(count: 100) { index } }"}`, "is …" + long[:200] + " with 101"},
		{"a long name of a list without bound", `{"query":"{ ` + long + `: some { index } }"}`, "…" + long[:200] + " needs exactly one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // the second time it is cached
				got := b.send("POST", "/graphql", c.body, "Content-Type: application/json")
				if c.want == "" {
					if got.status != 200 || strings.Contains(got.body, "errors") || strings.Contains(got.body, "extensions") {
						t.Errorf("got %d %s", got.status, got.body)
					}
					continue
				}
				if got.status != 400 || got.code(t) != gateway.CodeCostLimit || !strings.Contains(got.body, c.want) {
					t.Errorf("got %d %s", got.status, got.body)
				}
				if len(got.body) > 600 {
					t.Errorf("%d bytes: %s", len(got.body), got.body)
				}
			}
		})
	}
}

// The same document costs what its variables say, each time anew.
func TestCachedPrice(t *testing.T) {
	t.Parallel()
	b := priced(t, 0)
	for n := range 5 {
		body := fmt.Sprintf(`{"query":"query($n: Int!) { items(count: $n) { index } }","variables":{"n":%d}}`, n)
		got := b.send("POST", "/graphql", body, "Content-Type: application/json", "GraphQL-Cost: report")
		if r := costOf(t, got); r.Requested != 1+n {
			t.Errorf("%d items cost %d", n, r.Requested)
		}
	}
}

type costReport struct {
	Requested int             `json:"requestedQueryCost"`
	Actual    *int            `json:"actualQueryCost"`
	Throttle  json.RawMessage `json:"throttleStatus"`
}

func costOf(t *testing.T, a answer) costReport {
	t.Helper()
	var body struct {
		Extensions struct{ Cost *costReport }
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || body.Extensions.Cost == nil {
		t.Fatalf("no cost in %s: %v", a.body, err)
	}
	return *body.Extensions.Cost
}

// GraphQL-Cost: report tells the cost beside the answer. gqlgen's executor, below this gateway, has no
// meter: there the actual cost is the estimate.
func TestCostReport(t *testing.T) {
	t.Parallel()
	b := priced(t, 100)
	for _, header := range []string{"report", "REPORT"} {
		got := b.post("{ some(count: 2) { index } }", "GraphQL-Cost: "+header)
		r := costOf(t, got)
		if r.Requested != 5 || r.Actual == nil || *r.Actual != 5 || r.Throttle != nil { // 4.5 in whole points
			t.Errorf("got %s", got.body)
		}
		if !strings.Contains(got.body, `"data":{"some":[{"index":0},{"index":1}]}`) {
			t.Errorf("got %s", got.body)
		}
	}
	for _, header := range []string{"", "yes", "report, validate"} {
		if got := b.post("{ hello }", "GraphQL-Cost: "+header); strings.Contains(got.body, "cost") {
			t.Errorf("%q: got %s", header, got.body)
		}
	}
	if got := b.post("{ hello }", "GraphQL-Cost: report"); costOf(t, got).Requested != 0 {
		t.Errorf("got %s", got.body)
	}
	if got := b.post("{ fail(how: DATABASE) items(count: 1) { index } }", "GraphQL-Cost: report"); costOf(t, got).Requested != 2 || got.code(t) != "INTERNAL" {
		t.Errorf("got %s", got.body)
	}
	if got := setup(t, nil).post("{ hello }", "GraphQL-Cost: report"); got.body != `{"data":{"hello":"hello world"}}` {
		t.Errorf("without prices: %s", got.body)
	}
}

// GraphQL-Cost: validate tells the price and runs nothing.
func TestCostValidate(t *testing.T) {
	t.Parallel()
	resolver := &gatewaytest.Resolver{}
	schema := gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: resolver})
	table, err := cost.NewTable(schema.Schema())
	if err != nil {
		t.Fatal(err)
	}
	b := setup(t, func(c *gateway.Config) {
		c.Schema, c.Price = schema, gateway.Price{Table: table, Maximum: 10}
	})
	for _, media := range []string{"application/json", "application/graphql-response+json"} {
		got := b.post("mutation { bump }", "GraphQL-Cost: validate", "Accept: "+media)
		if got.status != 200 || got.body != `{"data":null,"extensions":{"cost":{"requestedQueryCost":0}}}` {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
	if n := resolver.Bumps.Load(); n != 0 {
		t.Errorf("it ran %d times", n)
	}
	if got := b.post("{ items(count: 5) { index } }", "GraphQL-Cost: validate"); got.body != `{"data":null,"extensions":{"cost":{"requestedQueryCost":6}}}` {
		t.Errorf("got %s", got.body)
	}
	if got := b.post("{ items(count: 50) { index } }", "GraphQL-Cost: validate"); got.status != 400 || got.code(t) != gateway.CodeCostLimit {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if got := b.post("{ nothing }", "GraphQL-Cost: validate"); got.code(t) != gateway.CodeValidationFailed {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if got := b.send("GET", "/graphql?query=mutation{bump}", "", "GraphQL-Require-Preflight: 1", "GraphQL-Cost: validate"); got.status != 405 {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
