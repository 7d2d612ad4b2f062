package gateway_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"backline/gateway"
	"backline/graph/rights"
)

// In production the schema is told to viewers with the scope admin, and to nobody else.
func TestIntrospectionNeedsARight(t *testing.T) {
	t.Parallel()
	production := setup(t, nil)
	development := setup(t, func(c *gateway.Config) { c.Development = true })
	for _, c := range []struct {
		name   string
		b      *bundle
		viewer *rights.Viewer
		told   bool
	}{
		{"nobody", production, nil, false},
		{"no scope", production, &rights.Viewer{Subject: "somebody", Via: rights.ViaToken}, false},
		{"another scope", production, &rights.Viewer{Scopes: []string{"administrator", "staff"}, Via: rights.ViaKey}, false},
		{"the scope", production, &rights.Viewer{Scopes: []string{"admin", "staff"}, Via: rights.ViaToken}, true},
		{"nobody in development", development, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // the document is cached, the right is not
				for _, query := range []string{`{ __schema { queryType { name } } }`, `{ hello ...F } fragment F on Query { t: __type(name: \"Query\") { name } }`} {
					r := httptest.NewRequestWithContext(rights.With(t.Context(), c.viewer), "POST", "/graphql", strings.NewReader(`{"query":"`+query+`"}`))
					r.Header.Set("Content-Type", "application/json")
					w := httptest.NewRecorder()
					c.b.gateway.ServeHTTP(w, r)
					if body := w.Body.String(); strings.Contains(body, `"name":"Query"`) != c.told || strings.Contains(body, gateway.CodeIntrospection) == c.told {
						t.Errorf("%s: got %d %s", query, w.Code, body)
					}
				}
			}
		})
	}
}
