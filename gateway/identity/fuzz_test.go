package identity_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"backline/gateway/identity"
)

// Whatever a client sends as a token: no panic, and what is read is what golang-jwt reads as well, so
// that no token means two things.
func FuzzToken(f *testing.F) {
	rs := makeSigners()["EdDSA"]
	whole := rs.sign(f, claims())
	f.Add(whole)
	f.Add(whole[:3] + "\n" + whole[3:])
	f.Add(whole[:len(whole)-3] + "\r\n" + whole[len(whole)-3:])
	for _, header := range []string{
		`{"alg":"EdDSA","kid":"a"}`, `{"alg":"none"}`, `{"alg":"EdDSA","alg":"none"}`, `{"alg":"EdDSA","ALG":"none"}`, `{"\u0061lg":"EdDSA"}`,
		`{"alg":null,"kid":1}`, `{"alg":"EdDSA","kid":"\ud800"}`, `{"alg":"EdDSA","crit":["exp"]}`, `{"alg":"EdDSA"} `, `[]`, `{`, "\xef\xbb\xbf{}",
	} {
		for _, body := range []string{`{"iss":"i","sub":"s","aud":["a"],"exp":1.5e9}`, `{"sub":"a","sub":"b"}`, `{"aud":{"a":1}}`, `{}`} {
			f.Add(b64([]byte(header)) + "." + b64([]byte(body)) + ".AAAA")
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		algorithm, keyID, issuer, subject, err := identity.ReadToken(text)
		if err != nil {
			if e, ok := identity.AsError(err); !ok || e.Status != 401 || strings.ContainsAny(e.Message, "\"\\\r\n") {
				t.Fatalf("%v", err)
			}
			return
		}
		if len(text) > 8<<10 || len(keyID) > 256 || strings.ContainsAny(keyID, "\r\n\x00") {
			t.Fatalf("it passed a limit: kid %q", keyID)
		}
		c := jwt.MapClaims{}
		other, _, err := jwt.NewParser(jwt.WithStrictDecoding()).ParseUnverified(text, c)
		if other == nil || other.Header == nil {
			t.Fatalf("golang-jwt does not read it: %v", err)
		}
		if s, _ := other.Header["alg"].(string); s != algorithm {
			t.Fatalf("alg %q and %q", algorithm, s)
		}
		if s, _ := other.Header["kid"].(string); s != keyID {
			t.Fatalf("kid %q and %q", keyID, s)
		}
		if err == nil && (c["iss"] != nil && c["iss"] != issuer || c["sub"] != nil && c["sub"] != subject) {
			t.Fatalf("%v, read as %q and %q", c, issuer, subject)
		}
		for _, part := range strings.Split(text, ".")[:2] { // one text only stands for what is signed
			raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
			if err != nil || b64(raw) != part || !json.Valid(raw) {
				t.Fatalf("%q: %v", raw, err)
			}
		}
	})
}

// Whatever an issuer publishes: no panic, no more keys than are allowed.
func FuzzKeySet(f *testing.F) {
	for _, s := range makeSigners() {
		f.Add([]byte(keySet(s)))
	}
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"","y":""},{"kty":"OKP","crv":"Ed25519","x":"AA"},null,1]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		n, err := identity.ReadKeys(content)
		if n > 100 || (n == 0) != (err != nil) {
			t.Fatalf("%d keys, %v", n, err)
		}
	})
}
