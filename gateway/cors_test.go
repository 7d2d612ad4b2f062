package gateway_test

import (
	"strings"
	"testing"

	"backline/gateway"
	"backline/gateway/gatewaytest"
)

func TestCORS(t *testing.T) {
	t.Parallel()
	const app = "https://app.example.com"
	closed := setup(t, nil)
	trusting := setup(t, func(c *gateway.Config) { c.CORS = gateway.CORS{Origins: []string{app}, Credentials: true} })
	open := setup(t, func(c *gateway.Config) { c.CORS.Origins = []string{"*"} })
	for _, c := range []struct {
		name, origin               string
		b                          *bundle
		status                     int
		allowed, credentials, vary string
	}{
		{"closed", app, closed, 405, "", "", "Accept, Authorization, X-API-Key"},
		{"trusted", app, trusting, 204, app, "true", "Origin"},
		{"another", "https://evil.example", trusting, 204, "", "", "Origin"},
		{"no origin", "", trusting, 204, "", "", "Origin"},
		{"open", "https://evil.example", open, 204, "*", "", "Origin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := c.b.send("OPTIONS", "/graphql", "", "Origin: "+c.origin,
				"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
			if got.status != c.status || got.header.Get("Access-Control-Allow-Origin") != c.allowed ||
				got.header.Get("Access-Control-Allow-Credentials") != c.credentials || got.header.Get("Vary") != c.vary {
				t.Errorf("got %d %v", got.status, got.header)
			}
			lets := strings.Contains(got.header.Get("Access-Control-Allow-Headers"), "Content-Type") &&
				got.header.Get("Access-Control-Allow-Methods") == "GET, POST" && got.header.Get("Access-Control-Max-Age") == "3600"
			if lets != (c.allowed != "") {
				t.Errorf("got %v", got.header)
			}
		})
	}
	got := trusting.post("{ hello }", "Origin: "+app)
	if got.status != 200 || got.header.Get("Access-Control-Allow-Origin") != app || !strings.Contains(got.header.Get("Access-Control-Expose-Headers"), "X-Request-Id") {
		t.Errorf("the answer has %d %v", got.status, got.header)
	}
	if got := trusting.send("OPTIONS", "/graphql", ""); got.status != 405 {
		t.Errorf("a plain OPTIONS got %d", got.status)
	}
}

func TestBadOrigins(t *testing.T) {
	t.Parallel()
	schema := gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: &gatewaytest.Resolver{}})
	for _, cors := range []gateway.CORS{
		{Origins: []string{"*", "https://a.example"}},
		{Origins: []string{"*"}, Credentials: true},
		{Origins: []string{"a.example"}},
		{Origins: []string{"https://a.example/path"}},
	} {
		if _, err := gateway.New(gateway.Config{Schema: schema, CORS: cors}); err == nil || !strings.Contains(err.Error(), "CORS origin") {
			t.Errorf("%+v: got %v", cors, err)
		}
	}
}
