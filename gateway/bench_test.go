package gateway_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"backline/gateway"
	"backline/gateway/gatewaytest"
)

// BenchmarkPost is what the gateway itself costs: a query without a resolver that does anything.
func BenchmarkPost(b *testing.B) {
	g, err := gateway.New(gateway.Config{
		Schema: gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: &gatewaytest.Resolver{}}),
	})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(`{"query":"query Q($n: String!) { hello(name: $n) }","variables":{"n":"world"}}`)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), "POST", "/graphql", bytes.NewReader(body))
		r.Header["Content-Type"] = []string{"application/json"}
		w := &recorder{header: http.Header{}}
		g.ServeHTTP(w, r)
		if w.status != 200 {
			b.Fatal(w.body.String())
		}
	}
}
