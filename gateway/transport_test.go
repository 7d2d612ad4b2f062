package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"backline/gateway"
)

const (
	hello     = `{"query":"{ hello }"}`
	preflight = "GraphQL-Require-Preflight: 1" // no browser sends it to another site without asking
)

func TestContentNegotiation(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	const (
		plain   = "application/json; charset=utf-8"
		graphQL = "application/graphql-response+json; charset=utf-8"
	)
	for _, c := range []struct{ accept, want string }{
		{"", plain},
		{"*/*", plain},
		{"application/*", plain},
		{"application/json", plain},
		{"application/json; charset=utf-8", plain},
		{"application/graphql-response+json", graphQL},
		{"application/graphql-response+json; charset=utf-8", graphQL},
		{"application/graphql-response+json, application/json;q=0.9", graphQL},
		{"application/graphql-response+json, application/graphql+json, application/json, text/event-stream", graphQL},
		{"application/json, application/graphql-response+json", plain},
		{"application/json;q=0.1, application/graphql-response+json;q=0.5", graphQL},
		{"application/graphql-response+json, */*;q=0.8", graphQL},
		{"text/html, application/xhtml+xml, */*;q=0.8", plain},
		{"application/json;q=0, */*", graphQL},
		{"nonsense, application/json", plain},
	} {
		t.Run(c.accept, func(t *testing.T) {
			t.Parallel()
			got := b.send("POST", "/graphql", hello, "Content-Type: application/json", "Accept: "+c.accept)
			if got.status != 200 || got.header.Get("Content-Type") != c.want || got.body != `{"data":{"hello":"hello world"}}` {
				t.Errorf("got %d %s %s", got.status, got.header.Get("Content-Type"), got.body)
			}
		})
	}
	for _, accept := range []string{"text/html", "application/json;q=0", "application/json;q=NaN", "image/png, text/*"} {
		got := b.send("POST", "/graphql", hello, "Content-Type: application/json", "Accept: "+accept)
		if got.status != 406 || got.code(t) != gateway.CodeNotAcceptable {
			t.Errorf("%s: got %d %s", accept, got.status, got.body)
		}
	}
}

// Every way in which a body can be no operation, and what the client hears of it.
func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	const secret = "s3cret"
	for _, c := range []struct{ name, body, message, code string }{
		{"empty", ``, "the body must be a JSON object", gateway.CodeBadRequest},
		{"null", `null`, "the body must be a JSON object", gateway.CodeBadRequest},
		{"string", `"` + secret + `"`, "the body must be a JSON object", gateway.CodeBadRequest},
		{"list", ` [{"query":"{ hello }"}]`, "send one operation per request", gateway.CodeBatching},
		{"syntax", `{"query": s3cret}`, "the body is not JSON, from byte 11", gateway.CodeBadRequest},
		{"cut", `{"query":"{ s3cret`, "it ends early, at byte 18", gateway.CodeBadRequest},
		{"trailing value", hello + `{"s3cret":1}`, "the body must end after its JSON object", gateway.CodeBadRequest},
		{"trailing text", hello + ` s3cret`, "the body must end after its JSON object", gateway.CodeBadRequest},
		{"query", `{"query":5}`, `\"query\" must be a string`, gateway.CodeBadRequest},
		{"operation name", `{"query":"{ hello }","operationName":{}}`, `\"operationName\" must be a string`, gateway.CodeBadRequest},
		{"variables", `{"query":"{ hello }","variables":"s3cret"}`, `\"variables\" must be an object`, gateway.CodeBadRequest},
		{"extensions", `{"query":"{ hello }","extensions":[1]}`, `\"extensions\" must be an object`, gateway.CodeBadRequest},
		{"no query", `{"variables":{"a":"s3cret"}}`, `the body has no \"query\"`, gateway.CodeBadRequest},
		{"query twice", `{"query":"{ hello }","query":"{ s3cret }"}`, "has a name twice in one object, from byte 22", gateway.CodeBadRequest},
		{"query in other capitals", `{"query":"{ hello }","Query":"{ s3cret }"}`, `has \"query\" in other capitals, from byte 22`, gateway.CodeBadRequest},
		{"a variable twice", `{"query":"{ hello }","variables":{"s3cret":1,"s3cret":2}}`, "has a name twice", gateway.CodeBadRequest},
		{"a name twice in a member of no meaning", `{"query":"{ hello }","x":[{"s3cret":1,"s3cret":2}]}`, "has a name twice", gateway.CodeBadRequest},
		{"half a surrogate pair", `{"query":"{ hello }","variables":{"a":"\ud83d s3cret"}}`, "has half of a surrogate pair, from byte 40", gateway.CodeBadRequest},
		{"nested too deep", `{"query":"{ hello }","variables":{"a":` + strings.Repeat("[", 120) + strings.Repeat("]", 120) + `}}`, "nests more than 100 lists and objects", gateway.CodeBadRequest},
		{"not UTF-8", "{\"query\":\"{ hello(name: \\\"\xff\\\") }\"}", "the body is not UTF-8", gateway.CodeBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := b.send("POST", "/graphql", c.body, "Content-Type: application/json")
			if got.status != 400 || got.code(t) != c.code || !strings.Contains(got.body, c.message) {
				t.Errorf("got %d %s, want %s: %s", got.status, got.body, c.code, c.message)
			}
			if strings.Contains(got.body, secret) || strings.Contains(got.body, `"data"`) {
				t.Errorf("the answer echoes the body or has data: %s", got.body)
			}
		})
	}
}

func TestAcceptedBodies(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for _, body := range []string{
		hello,
		" \r\n\t" + hello + "\n",
		`{"query":"{ hello }","variables":null,"operationName":null,"extensions":null}`,
		`{"query":"query Q($n: String!) { hello(name: $n) }","variables":{"n":"world"},"operationName":"Q"}`,
		`{"query":"query A { hello } query B { echo(number: 1) }","operationName":"A"}`,
	} {
		got := b.send("POST", "/graphql", body, "Content-Type: application/json; charset=UTF-8")
		if got.status != 200 || got.body != `{"data":{"hello":"hello world"}}` {
			t.Errorf("%s: got %d %s", body, got.status, got.body)
		}
		if got.header.Get("Content-Length") != strconv.Itoa(len(got.body)) {
			t.Errorf("Content-Length is %q for %d bytes", got.header.Get("Content-Length"), len(got.body))
		}
	}
}

func TestUnsupportedContent(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for _, headers := range [][]string{
		nil,
		{"Content-Type: text/plain"},
		{"Content-Type: application/x-www-form-urlencoded"},
		{"Content-Type: multipart/form-data; boundary=x"},
		{"Content-Type: application/graphql"},
		{"Content-Type: application/json; charset=utf-16"},
		{"Content-Type: application/json", "Content-Encoding: gzip"},
		{"Content-Type: application/json", "Content-Encoding: identity", "Content-Encoding: gzip"},
		{"Content-Type: application/json", "Content-Type: text/plain"},
	} {
		got := b.send("POST", "/graphql", hello, headers...)
		if got.status != 415 || got.code(t) != gateway.CodeUnsupportedContent {
			t.Errorf("%v: got %d %s", headers, got.status, got.body)
		}
	}
}

func TestWrongMethod(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS"} {
		got := b.send(method, "/graphql", hello, "Content-Type: application/json")
		if got.status != 405 || got.code(t) != gateway.CodeMethodNotAllowed || got.header.Get("Allow") != "GET, POST" {
			t.Errorf("%s: got %d %q %s", method, got.status, got.header.Get("Allow"), got.body)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Limits.BodyBytes = 200 })
	fits := hello + strings.Repeat(" ", 200-len(hello))
	t.Run("at the limit", func(t *testing.T) {
		t.Parallel()
		if got := b.send("POST", "/graphql", fits, "Content-Type: application/json"); got.status != 200 {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("one byte more", func(t *testing.T) {
		t.Parallel()
		got := b.send("POST", "/graphql", fits+" ", "Content-Type: application/json")
		if got.status != 413 || got.code(t) != gateway.CodePayloadTooLarge {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("of unknown length", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			body   string
			status int
		}{{fits, 200}, {fits + " ", 413}} {
			unsized := io.MultiReader(bytes.NewReader([]byte(c.body))) // hides the length from net/http
			r, err := http.NewRequestWithContext(t.Context(), "POST", b.url+"/graphql", unsized)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			if got := b.do(r); got.status != c.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, c.status)
			}
		}
	})
}

func TestGet(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	at := func(pairs ...string) string {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return "/graphql?" + v.Encode()
	}
	t.Run("query", func(t *testing.T) {
		t.Parallel()
		got := b.send("GET", at("query", "query Q($n: Int!) { echo(number: $n) }", "variables", `{"n":2147483647}`, "operationName", "Q"), "", preflight)
		if got.status != 200 || got.body != `{"data":{"echo":2147483647}}` {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("mutation", func(t *testing.T) {
		t.Parallel()
		for _, accept := range []string{"application/json", "application/graphql-response+json"} {
			got := b.send("GET", at("query", "mutation { bump }"), "", "Accept: "+accept, preflight)
			if got.status != 405 || got.code(t) != gateway.CodeMethodNotAllowed || got.header.Get("Allow") != "POST" {
				t.Errorf("got %d %q %s", got.status, got.header.Get("Allow"), got.body)
			}
		}
		if n := b.resolver.Bumps.Load(); n != 0 {
			t.Errorf("the mutation ran %d times", n)
		}
	})
	for name, path := range map[string]string{
		"no query":          "/graphql",
		"two queries":       at("query", "{ hello }", "query", "{ hello }"),
		"broken escape":     "/graphql?query=%zz",
		"variables":         at("query", "{ hello }", "variables", "[]"),
		"trailing data":     at("query", "{ hello }", "variables", "{}{}"),
		"extensions":        at("query", "{ hello }", "extensions", "5"),
		"not UTF-8":         "/graphql?query=%7Bhello%7D%ff",
		"other capitals":    "/graphql?query=%7Bhello%7D&Variables=%7B%7D",
		"a name twice":      at("query", "{ hello }", "variables", `{"a":1,"a":2}`),
		"broken parameters": "/graphql?query=%7Bhello%7D;a",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := b.send("GET", path, "", preflight); got.status != 400 || got.code(t) != gateway.CodeBadRequest {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
}

func TestMutation(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if got := b.post("mutation { a: bump b: bump }"); got.body != `{"data":{"a":1,"b":2}}` {
		t.Errorf("got %s", got.body)
	}
}
