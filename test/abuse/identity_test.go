package abuse

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backline/gateway"
	"backline/gateway/identity"
	"backline/store/storetest"
)

const (
	issuerName = "https://id.example.com/"
	audience   = "https://api.example.com/"
)

// credentials are the keys of an issuer and of a stranger, and an API key.
type credentials struct {
	issuer, stranger *rsa.PrivateKey
	keySet           string
	apiKey, keyLine  string
}

var theCredentials = sync.OnceValue(func() credentials {
	var c credentials
	for _, k := range []**rsa.PrivateKey{&c.issuer, &c.stranger} {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		*k = private
	}
	c.keySet = fmt.Sprintf(`{"keys":[{"kty":"RSA","kid":"one","use":"sig","e":"AQAB","n":%q}]}`,
		base64.RawURLEncoding.EncodeToString(c.issuer.N.Bytes()))
	text, key, err := identity.NewKey("abuse", nil, "", time.Time{})
	if err != nil {
		panic(err)
	}
	c.apiKey = text
	if c.keyLine, err = key.Line(); err != nil {
		panic(err)
	}
	return c
})

// token is a good one, with changes: "name=JSON" of a claim, "h.name=JSON" of a header, nothing behind
// = to leave it out, "sign=" none, HS256 with the public key, another algorithm, or a stranger's key.
func token(changes ...string) (string, error) {
	c := theCredentials()
	claims := jwt.MapClaims{"iss": issuerName, "aud": audience, "sub": "cus_1", "exp": time.Now().Add(time.Hour).Unix()}
	header := map[string]any{"kid": "one"}
	var method jwt.SigningMethod = jwt.SigningMethodRS256
	var key any = c.issuer
	for _, change := range changes {
		name, value, _ := strings.Cut(change, "=")
		if name == "sign" {
			switch value {
			case "none":
				method, key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType
			case "HS256":
				public, err := x509.MarshalPKIXPublicKey(c.issuer.Public())
				if err != nil {
					return "", err
				}
				method, key = jwt.SigningMethodHS256, public
			case "stranger":
				key = c.stranger
				header["jwk"] = map[string]any{"kty": "RSA", "e": "AQAB", "n": base64.RawURLEncoding.EncodeToString(c.stranger.N.Bytes())}
			default:
				method = jwt.GetSigningMethod(value)
			}
			continue
		}
		var in map[string]any = claims
		if h, ok := strings.CutPrefix(name, "h."); ok {
			in, name = header, h
		}
		if value == "" {
			delete(in, name)
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			return "", fmt.Errorf("%s: %w", change, err)
		}
		in[name] = v
	}
	t := jwt.NewWithClaims(method, claims)
	maps.Copy(t.Header, header)
	return t.SignedString(key)
}

// identityAt accepts the tokens of an issuer whose keys are at a place, and the API key.
func identityAt(t *testing.T, place string) *identity.Authenticator {
	t.Helper()
	keys := filepath.Join(t.TempDir(), "keys.jsonl")
	if err := os.WriteFile(keys, []byte(theCredentials().keyLine), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := identity.New(identity.Config{KeyFile: keys, Issuers: []identity.Issuer{{
		Issuer: issuerName, Audience: []string{audience}, Algorithms: []string{"RS256"}, JWKS: place,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// withIdentity reads the issuer's keys from a file.
func withIdentity(t *testing.T) *identity.Authenticator {
	t.Helper()
	set := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(set, []byte(theCredentials().keySet), 0o600); err != nil {
		t.Fatal(err)
	}
	return identityAt(t, set)
}

// TestUnknownKeysInAFlood sends tokens signed with keys that nobody knows: the issuer is asked once at
// the start and once for all of them.
func TestUnknownKeysInAFlood(t *testing.T) {
	t.Parallel()
	var fetches atomic.Int32
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fetches.Add(1)
		w.Write([]byte(theCredentials().keySet))
	}))
	t.Cleanup(issuer.Close)
	s := serve(t, storetest.NewCluster(t, 1), func(c *gateway.Config, _ *http.Server) { c.Identity = identityAt(t, issuer.URL) })
	start := time.Now()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 50 {
				text, err := token(fmt.Sprintf(`h.kid="unknown %d %d"`, worker, i))
				if err != nil {
					t.Error(err)
					return
				}
				got := s.send(t, post([]string{"Authorization: Bearer " + text}, `{"query":"{genres{totalCount}}"}`))
				if got.status != http.StatusUnauthorized {
					t.Errorf("%d %s", got.status, got.body)
				}
			}
		})
	}
	wg.Wait()
	if most := 1 + int32(time.Since(start)/(15*time.Second)) + 1; fetches.Load() > most { //nolint:gosec // a few
		t.Errorf("%d fetches, at most %d", fetches.Load(), most)
	}
}
