package gateway_test

import (
	"strings"
	"testing"

	"backline/gateway"
)

// A GET must carry what a page of another site cannot send without asking.
func TestGetNeedsPreflight(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	const path = "/graphql?query=%7Bhello%7D"
	for _, header := range []string{
		preflight, "apollo-require-preflight: true", "x-apollo-operation-name: Q", "Content-Type: application/json",
	} {
		if got := b.send("GET", path, "", header); got.status != 200 {
			t.Errorf("%s: got %d %s", header, got.status, got.body)
		}
	}
	for _, header := range []string{
		"Accept: application/json", "graphql-require-preflight: ", "Content-Type: text/plain", "Content-Type: multipart/form-data",
	} {
		got := b.send("GET", path, "", header)
		if got.status != 403 || got.code(t) != gateway.CodeCSRF || !strings.Contains(got.body, "graphql-require-preflight") {
			t.Errorf("%s: got %d %s", header, got.status, got.body)
		}
	}
}

// A browser that says where a request comes from is believed.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	trusting := setup(t, func(c *gateway.Config) { c.CORS.Origins = []string{"https://app.example.com"} })
	open := setup(t, func(c *gateway.Config) { c.CORS.Origins = []string{"*"} })
	for _, c := range []struct {
		name    string
		b       *bundle
		headers []string
		status  int
	}{
		{"no browser", b, nil, 200},
		{"same origin", b, []string{"Sec-Fetch-Site: same-origin", "Origin: " + b.url}, 200},
		{"same origin, old browser", b, []string{"Origin: " + b.url}, 200},
		{"address bar", b, []string{"Sec-Fetch-Site: none"}, 200},
		{"other site", b, []string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"}, 403},
		{"other site, old browser", b, []string{"Origin: https://evil.example"}, 403},
		{"sandbox", b, []string{"Origin: null"}, 403},
		{"sibling", b, []string{"Sec-Fetch-Site: same-site", "Origin: http://127.0.0.1:1"}, 403},
		{"trusted site", trusting, []string{"Sec-Fetch-Site: cross-site", "Origin: https://app.example.com"}, 200},
		{"another than the trusted", trusting, []string{"Sec-Fetch-Site: cross-site", "Origin: https://app.example.com.evil.example"}, 403},
		{"all sites", open, []string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"}, 200},
	} {
		got := c.b.post("{ hello }", c.headers...)
		if got.status != c.status || c.status == 403 && got.code(t) != gateway.CodeCSRF {
			t.Errorf("%s: got %d %s", c.name, got.status, got.body)
		}
	}
}
