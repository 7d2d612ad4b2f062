package gateway

import (
	"net/http/httptest"
	"testing"

	"backline/graph/rights"
)

// TestNobodySpendsForAnother: whoever is somebody else has a budget of their own, whatever they are called.
func TestNobodySpendsForAnother(t *testing.T) {
	t.Parallel()
	clients := map[string]string{}
	for what, v := range map[string]*rights.Viewer{
		"a customer":                            {ID: "cus_1", Issuer: "https://one.example.com/", Subject: "cus_1", Via: rights.ViaToken},
		"a service":                             {Issuer: "https://one.example.com/", Subject: "reports", Via: rights.ViaToken},
		"another issuer's service of that name": {Issuer: "https://two.example.com/", Subject: "reports", Via: rights.ViaToken},
		"a service with the name of a row":      {Issuer: "https://two.example.com/", Subject: "cus_1", Via: rights.ViaToken},
		"a key of that name":                    {Subject: "reports", Via: rights.ViaKey},
		"nobody":                                nil,
	} {
		r := httptest.NewRequest("POST", "/graphql", nil)
		client, _ := (&charges{}).client(r.WithContext(rights.With(r.Context(), v)))
		if other, ok := clients[client]; ok {
			t.Errorf("%s spends the budget of %s", what, other)
		}
		clients[client] = what
	}
}
