package gateway_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/gateway"
	"backline/gateway/identity"
	"backline/graph/rights"
)

// identify gives a gateway an issuer of development, and remembers whom the resolvers would see.
func identify(t *testing.T) (b *bundle, issuer *identity.DevelopmentIssuer, seen func() *rights.Viewer) {
	t.Helper()
	issuer, err := identity.OpenDevelopmentIssuer(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	a, err := identity.New(identity.Config{Development: issuer, IsNode: func(s string) bool { return strings.HasPrefix(s, "cus_") }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	var mu sync.Mutex
	var last *rights.Viewer
	b = setup(t, func(c *gateway.Config) {
		c.Identity = a
		c.Attach = func(ctx context.Context, _ bool) context.Context {
			mu.Lock()
			defer mu.Unlock()
			last = rights.Of(ctx)
			return ctx
		}
	})
	return b, issuer, func() *rights.Viewer {
		mu.Lock()
		defer mu.Unlock()
		defer func() { last = nil }()
		return last
	}
}

func TestViewer(t *testing.T) {
	t.Parallel()
	b, issuer, seen := identify(t)
	token, err := issuer.Mint(identity.Person{Subject: "cus_1", Scopes: []string{"staff"}}, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.post("{hello}", "Authorization: Bearer "+token); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if v := seen(); v == nil || v.ID != "cus_1" || !v.Has("staff") || v.Via != rights.ViaToken {
		t.Errorf("it is %+v", v)
	}
	if got := b.send("GET", "/graphql?query=%7Bhello%7D", "", preflight, "Authorization: Bearer "+token); got.status != 200 || seen().ID != "cus_1" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := b.post("{hello}"); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if v := seen(); v == nil || v.Via != "" || v.ID != "" {
		t.Errorf("without a credential: %+v", v)
	}
}

// A credential that is not good ends the request, after the rules for other sites and before its body.
func TestBadCredentials(t *testing.T) {
	t.Parallel()
	b, _, seen := identify(t)
	for _, media := range []string{"application/json", "application/graphql-response+json"} {
		got := b.post("{hello}", "Authorization: Bearer s3cret", "Accept: "+media)
		if got.status != http.StatusUnauthorized || got.code(t) != gateway.CodeUnauthenticated || strings.Contains(got.body, "s3cret") {
			t.Errorf("%d %s", got.status, got.body)
		}
		if c := got.header.Get("WWW-Authenticate"); !strings.HasPrefix(c, `Bearer error="invalid_token", error_description="the token`) {
			t.Errorf("WWW-Authenticate: %s", c)
		}
		if !strings.HasPrefix(got.header.Get("Content-Type"), media) {
			t.Errorf("%s: %s", media, got.header.Get("Content-Type"))
		}
	}
	got := b.send("POST", "/graphql", "{", "Content-Type: application/json", "Authorization: Bearer a", "Authorization: Bearer a")
	if got.status != http.StatusBadRequest || got.code(t) != gateway.CodeBadRequest || got.header.Get("WWW-Authenticate") == "" {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := b.send("GET", "/graphql?query=%7Bhello%7D", "", "Authorization: Bearer s3cret"); got.code(t) != gateway.CodeCSRF {
		t.Errorf("%d %s", got.status, got.body)
	}
	if seen() != nil {
		t.Error("something ran")
	}
	if strings.Contains(b.log.String(), "s3cret") {
		t.Error("the log has the credential")
	}
	if got := setup(t, nil).post("{hello}", "Authorization: Bearer s3cret"); got.status != 200 {
		t.Errorf("without identity: %d %s", got.status, got.body)
	}
}

// Without development there is no way to sign in, whatever the gateway was given.
func TestSignInIsForDevelopment(t *testing.T) {
	t.Parallel()
	for _, development := range []bool{true, false} {
		b := setup(t, func(c *gateway.Config) {
			c.Development = development
			c.SignIn = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
		})
		want := http.StatusNotFound
		if development {
			want = http.StatusTeapot
		}
		if got := b.send("POST", "/dev/token", "{}", "Content-Type: application/json"); got.status != want {
			t.Errorf("development %t: %d %s", development, got.status, got.body)
		}
	}
}
