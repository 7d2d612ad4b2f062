package gateway_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"backline/gateway"
	"backline/gateway/gatewaytest"
	"backline/gateway/identity"
)

// BenchmarkPost is what the gateway itself costs: a query without a resolver that does anything, asked
// by nobody, and by somebody with a token.
func BenchmarkPost(b *testing.B) {
	issuer, err := identity.OpenDevelopmentIssuer(b.TempDir(), true)
	if err != nil {
		b.Fatal(err)
	}
	token, err := issuer.Mint(identity.Person{Subject: "cus_1"}, time.Now(), time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	authenticator, err := identity.New(identity.Config{Development: issuer})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(authenticator.Close)
	g, err := gateway.New(gateway.Config{
		Schema:   gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: &gatewaytest.Resolver{}}),
		Identity: authenticator,
	})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(`{"query":"query Q($n: String!) { hello(name: $n) }","variables":{"n":"world"}}`)
	for name, credential := range map[string][]string{"nobody": nil, "token": {"Bearer " + token}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), "POST", "/graphql", bytes.NewReader(body))
				r.Header["Content-Type"] = []string{"application/json"}
				if credential != nil {
					r.Header["Authorization"] = credential
				}
				w := &recorder{header: http.Header{}}
				g.ServeHTTP(w, r)
				if w.status != 200 {
					b.Fatal(w.body.String())
				}
			}
		})
	}
}
