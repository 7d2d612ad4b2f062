package identity_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"backline/gateway/identity"
	"backline/graph/rights"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	issuerName = "https://id.example.com/"
	audience   = "https://api.example.com/"
	customer   = "cus_1"
)

// start is when the tests take place.
var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// signer is a private key with its id.
type signer struct {
	id, algorithm string
	private       crypto.Signer
}

var makeSigners = sync.OnceValue(func() map[string]signer {
	must := func(k crypto.Signer, err error) crypto.Signer {
		if err != nil {
			panic(err)
		}
		return k
	}
	rs := must(rsa.GenerateKey(rand.Reader, 2048))
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return map[string]signer{
		"RS256": {"rs", "RS256", rs},
		"PS256": {"ps", "PS256", rs},
		"ES256": {"es", "ES256", must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))},
		"ES384": {"es384", "ES384", must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))},
		"ES512": {"es512", "ES512", must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))},
		"EdDSA": {"ed", "EdDSA", ed},
	}
})

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// jwk is the public half.
func (s signer) jwk() map[string]any {
	j := map[string]any{"kid": s.id, "use": "sig", "alg": s.algorithm}
	switch k := s.private.Public().(type) {
	case *rsa.PublicKey:
		j["kty"], j["n"], j["e"] = "RSA", b64(k.N.Bytes()), b64(big.NewInt(int64(k.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			panic(err)
		}
		half := len(point) / 2
		j["kty"], j["crv"], j["x"], j["y"] = "EC", k.Curve.Params().Name, b64(point[1:1+half]), b64(point[1+half:])
	case ed25519.PublicKey:
		j["kty"], j["crv"], j["x"] = "OKP", "Ed25519", b64(k)
	}
	return j
}

func keySet(signers ...signer) string {
	list := make([]any, len(signers))
	for i, s := range signers {
		list[i] = s.jwk()
	}
	b, err := json.Marshal(map[string]any{"keys": list})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// claims are good ones, changed by pairs of a name and a value; nil takes the name out.
func claims(changes ...any) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": issuerName, "aud": audience, "sub": customer,
		"iat": start.Unix(), "nbf": start.Unix(), "exp": start.Add(time.Hour).Unix(), "scope": "staff admin",
	}
	for i := 0; i < len(changes); i += 2 {
		name := changes[i].(string)
		if c[name] = changes[i+1]; changes[i+1] == nil {
			delete(c, name)
		}
	}
	return c
}

// sign makes a token.
func (s signer) sign(t testing.TB, c jwt.Claims, header ...any) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.GetSigningMethod(s.algorithm), c)
	token.Header["kid"] = s.id
	for i := 0; i < len(header); i += 2 {
		name := header[i].(string)
		if token.Header[name] = header[i+1]; header[i+1] == nil {
			delete(token.Header, name)
		}
	}
	text, err := token.SignedString(s.private)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// publisher serves a key set and counts who asks.
type publisher struct {
	*httptest.Server
	mu      sync.Mutex
	body    string
	status  int
	fetches int
	block   chan struct{} // if not nil, answers wait until it is closed
}

func publish(t testing.TB, signers ...signer) *publisher {
	t.Helper()
	p := &publisher{body: keySet(signers...), status: http.StatusOK}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.fetches++
		body, status, block := p.body, p.status, p.block
		p.mu.Unlock()
		if block != nil {
			select {
			case <-block:
			case <-r.Context().Done():
				return
			}
		}
		w.WriteHeader(status)
		w.Write([]byte(body))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) set(status int, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.body = status, body
}

func (p *publisher) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches
}

func (p *publisher) issuer(algorithms ...string) identity.Issuer {
	return identity.Issuer{Issuer: issuerName, Audience: []string{audience}, Algorithms: algorithms, JWKS: p.URL}
}

// door is an Authenticator with its clock and its log.
type door struct {
	*identity.Authenticator
	clock *clock
	log   *logText
}

func open(t testing.TB, c identity.Config) *door {
	t.Helper()
	d := &door{clock: &clock{now: start}, log: &logText{}}
	c.Now = d.clock.Now
	c.Log = slog.New(slog.NewTextHandler(d.log, nil))
	c.IsNode = func(s string) bool { return strings.HasPrefix(s, "cus_") || strings.HasPrefix(s, "emp_") }
	var err error
	if d.Authenticator, err = identity.New(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// request has the headers, lines such as "X-API-Key: …".
func request(t testing.TB, headers ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func bearer(t testing.TB, token string) *http.Request {
	return request(t, "Authorization: Bearer "+token)
}

// refused is the message with which a request is refused.
func (d *door) refused(t *testing.T, r *http.Request, status int) string {
	t.Helper()
	v, err := d.Authenticate(r)
	e, ok := identity.AsError(err)
	if !ok {
		t.Errorf("it is %+v, %v", v, err)
		return ""
	}
	if v != nil {
		t.Errorf("there is a viewer beside the error: %+v", v)
	}
	if e.Status != status {
		t.Errorf("status %d, want %d: %s", e.Status, status, e.Message)
	}
	for _, c := range e.Message {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			t.Errorf("%q cannot stand in a header", e.Message)
		}
	}
	return e.Message
}

func (d *door) accepted(t *testing.T, r *http.Request) *rights.Viewer {
	t.Helper()
	v, err := d.Authenticate(r)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return v
}

// logText collects what was logged.
type logText struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// await waits for a condition.
func await(t *testing.T, what string, good func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !good(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come: %s", what)
		}
	}
}
