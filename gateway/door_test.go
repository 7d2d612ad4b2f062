package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"backline/gateway"
	"backline/gateway/limit"
)

// Hints help to find out a schema that introspection does not tell. They are for development alone,
// in every rule that has one.
func TestHints(t *testing.T) {
	t.Parallel()
	dev := setup(t, func(c *gateway.Config) { c.Development = true })
	prod := setup(t, nil)
	for query, want := range map[string]string{
		"{ helo }":                              `Cannot query field \"helo\" on type \"Query\".`,
		"{ items(count: 1) }":                   `Field \"items\" of type \"[Item!]!\" must have a selection of subfields.`,
		`{ hello(nam: "x") }`:                   `Unknown argument \"nam\" on field \"Query.hello\".`,
		"{ fail(how: PANICS) }":                 `Value \"PANICS\" does not exist in \"Failure!\" enum.`,
		`{ fail(how: "PANIC") }`:                `Enum \"Failure!\" cannot represent non-enum value.`,
		"{ ...F } fragment F on Itm { index }":  `Unknown type \"Itm\".`,
		"{ hello @skip(iff: true, if: false) }": `Unknown argument \"iff\" on directive \"@skip\".`,
	} {
		got := dev.post(query)
		if !strings.Contains(got.body, want+` Did you mean`) {
			t.Errorf("development: %s: got %s", query, got.body)
		}
		got = prod.post(query)
		if !strings.Contains(got.body, want+`"`) || strings.Contains(strings.ToLower(got.body), "did you mean") {
			t.Errorf("production: %s: got %s", query, got.body)
		}
	}
}

// Nothing of what a client sent comes back but names, and of these not much.
func TestNoEcho(t *testing.T) {
	t.Parallel()
	for _, development := range []bool{true, false} {
		b := setup(t, func(c *gateway.Config) { c.Development = development })
		name := strings.Repeat("s3cret", 1000)
		for _, c := range []struct{ query, variables string }{
			{`{ fail(how: "s3cret") }`, ""},
			{`{ echo(number: "s3cret") }`, ""},
			{`{ echo(number: {a: ["s3cret"]}) }`, ""},
			{`{ hello(name: ["s3cret"]) }`, ""},
			{`{ hello(name: """s3cret""" "s3cret") }`, ""},
			{`{ hello "s3cret" }`, ""},
			{`"""s3cret""" { hello }`, ""},
			{"{ hello } #s3cret\n}", ""},
			{"query($h: Failure!) { fail(how: $h) }", `{"h":"s3cret"}`},
			{"query($h: Int!) { echo(number: $h) }", `{"h":"s3cret"}`},
			{"query($h: Int!) { echo(number: $h) }", `{"h":{"a":["s3cret"]}}`},
		} {
			body := fmt.Sprintf(`{"query":%q,"variables":%s}`, c.query, cmpOr(c.variables, "null"))
			got := b.send("POST", "/graphql", body, "Content-Type: application/json", "Accept: application/graphql-response+json")
			if got.status != 400 || strings.Contains(got.body, "s3cret") {
				t.Errorf("%s: got %d %s", c.query, got.status, got.body)
			}
		}
		for _, query := range []string{
			"{ " + name + " }", "{ hello(" + name + ": 1) }", "{ fail(how: " + name + ") }", "{ ..." + name + " }",
			"{ hello @" + name + " }", "query(" + "$a: " + name + ") { hello }", "{ hello " + name + ": echo(number: 1) " + name + ": hello }",
			"{ " + strings.Repeat(name[:400]+" ", 30) + "}", "fragment " + name + " on Query { hello } { hello }", "query($" + name + ": Int!) { echo(number: $" + name + ") }",
			"{ hello $" + name + " }",
		} {
			got := b.post(query, "Accept: application/graphql-response+json")
			if got.status != 400 || len(got.body) > 4096 {
				t.Errorf("%.40s: got %d and %d bytes: %.400s", query, got.status, len(got.body), got.body)
			}
		}
	}
}

// Limits are checked in their order: a document that exceeds two is refused for the earlier one.
func TestOrderOfLimits(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	document := func(operations, depth, aliases, fields, directives, page, nesting int) string {
		return strings.Repeat("query Q { hello }", operations) +
			"query A {" + strings.Repeat("items(count: 1) {", depth) + "index" + strings.Repeat("}", depth) +
			strings.Repeat(" a: hello", aliases) + numbered(" f%d", fields) + strings.Repeat(" hello @skip(if: false)", directives) +
			fmt.Sprintf(" items(first: %d, x: %s)", page, strings.Repeat("[", nesting)+strings.Repeat("]", nesting)) + "{ nonsense } }"
	}
	for i, want := range []string{
		limit.CodeOperations, limit.CodeDepth, limit.CodeAliases, limit.CodeRootFields, limit.CodeDirectives,
		limit.CodePageSize, limit.CodeInputDepth, gateway.CodeValidationFailed,
	} {
		n := []int{11, 13, 31, 11, 51, 101, 21, 0}
		within := []int{0, 1, 0, 0, 0, 100, 1, 0}
		copy(n, within[:i])
		got := b.post(document(n[0], n[1], n[2], n[3], n[4], n[5], n[6]), "Accept: application/graphql-response+json")
		if got.status != 400 || got.code(t) != want {
			t.Errorf("%v: got %d %s, want %s", n, got.status, got.body, want)
		}
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestVariablesAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for variables, want := range map[string]string{
		`{"n":"` + strings.Repeat("x", 10_241) + `"}`:                                limit.CodeStringBytes,
		`{"n":` + strings.Repeat("[", 21) + strings.Repeat("]", 21) + `}`:            limit.CodeInputDepth,
		`{"n":[1` + strings.Repeat(",1", 1000) + `]}`:                                limit.CodeListLength,
		`{"unused":{"a":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}}`: limit.CodeInputDepth,
		`{"n":[` + strings.Repeat(`"`+strings.Repeat("x", 9000)+`",`, 8) + `"x"]}`:   limit.CodeStringBytes,
		`{"n":` + strings.Repeat("1", 10_241) + `}`:                                  limit.CodeStringBytes,
	} {
		body := `{"query":"query($n: String!) { hello(name: $n) }","variables":` + variables + "}"
		got := b.send("POST", "/graphql", body, "Content-Type: application/json")
		if got.status != 400 || got.code(t) != want || len(got.body) > 200 {
			t.Errorf("%.60s: got %d %s", variables, got.status, got.body)
		}
	}
}

func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	got := b.post("{" + numbered(" nonsense%d", 10) + "}")
	if n := strings.Count(got.body, "Cannot query field"); n != 5 {
		t.Errorf("%d errors: %s", n, got.body)
	}
	got = b.post("{ items(count: 6) { broken } }")
	if n := strings.Count(got.body, `"INTERNAL"`); n != 5 || strings.Count(got.body, `"omitted":1`) != 1 {
		t.Errorf("%d errors: %s", n, got.body)
	}
	got = b.post("{ items(count: 5) { broken } }")
	if n := strings.Count(got.body, `"INTERNAL"`); n != 5 || strings.Contains(got.body, "omitted") {
		t.Errorf("%d errors: %s", n, got.body)
	}
}

func TestResponseLimit(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Limits.ResponseBytes = 2000 })
	for _, query := range []string{"{ items(count: 100) { index } }", "{ items(count: 142) { index } }"} {
		if got := b.post(query); got.status != 200 {
			t.Errorf("%s: got %d %s", query, got.status, got.body)
		}
	}
	for _, query := range []string{"{ items(count: 1000) { index } }", "{ fail(how: PANIC) items(count: 142) { index } }"} { // data, or all together
		got := b.post(query)
		if got.status != 400 || got.code(t) != gateway.CodeResponseTooLarge || !strings.Contains(got.body, "more than 2000 bytes") || strings.Contains(got.body, `"data"`) {
			t.Errorf("%s: got %d %.200s", query, got.status, got.body)
		}
	}
}
