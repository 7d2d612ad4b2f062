package gateway_test

import (
	"net/http"
	"slices"
	"testing"

	"backline/gateway"
)

// Every answer, whatever it is, has the headers that keep browsers from doing more with it.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) {
		c.Compress = true
		c.CORS.Origins = []string{"https://app.example.com"}
		c.Playground = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	})
	always := map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Cross-Origin-Resource-Policy": "same-origin",
	}
	document := map[string]string{
		"X-Frame-Options":            "DENY",
		"Referrer-Policy":            "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin",
	}
	data := map[string]string{
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Cache-Control":           "no-store",
	}
	const json = "Content-Type: application/json"
	for name, c := range map[string]struct {
		got    answer
		status int
		isData bool
	}{
		"an answer":        {b.post("{ hello }"), 200, true},
		"a long answer":    {b.post("{ items(count: 1000) { index } }", "Accept-Encoding: br"), 200, true},
		"a field's error":  {b.post("{ fail(how: DATABASE) }"), 200, true},
		"a query by GET":   {b.send("GET", "/graphql?query={hello}", "", "GraphQL-Require-Preflight: 1"), 200, true},
		"an invalid query": {b.post("{ nothing }", "Accept: application/graphql-response+json"), 400, true},
		"no JSON":          {b.send("POST", "/graphql", "x", json), 400, true},
		"no type":          {b.send("POST", "/graphql", "x"), 415, true},
		"another method":   {b.send("PUT", "/graphql", "x", json), 405, true},
		"another site":     {b.send("POST", "/graphql", "{}", json, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"), 403, true},
		"no media":         {b.post("{ hello }", "Accept: text/html"), 406, true},
		"alive":            {b.send("GET", "/health/live", ""), 200, true},
		"ready":            {b.send("GET", "/health/ready", ""), 200, true},
		"the Playground":   {b.send("GET", "/", ""), 200, false},
	} {
		if c.got.status != c.status {
			t.Errorf("%s: status %d", name, c.got.status)
		}
		want := []map[string]string{always, document}
		if c.isData {
			want[1] = data
		}
		for _, headers := range want {
			for header, value := range headers {
				if got := c.got.header[header]; !slices.Equal(got, []string{value}) {
					t.Errorf("%s: %s is %q", name, header, got)
				}
			}
		}
		if got := c.got.header.Get("Server") + c.got.header.Get("X-Powered-By"); got != "" {
			t.Errorf("%s: it says that it is %s", name, got)
		}
	}
	if got := b.post("{ hello }").header["Vary"]; !slices.Equal(got, []string{"Origin", "Accept-Encoding", "Accept, Authorization, X-API-Key"}) {
		t.Errorf("the answer varies by %q", got)
	}
}
