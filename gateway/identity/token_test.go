package identity_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"backline/gateway/identity"
	"backline/graph/rights"
)

func TestEachAlgorithm(t *testing.T) {
	t.Parallel()
	for name, s := range makeSigners() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t, identity.Config{Issuers: []identity.Issuer{publish(t, s).issuer(name)}})
			got := d.accepted(t, bearer(t, s.sign(t, claims("plan", "partner"))))
			want := rights.Viewer{ID: customer, Issuer: issuerName, Subject: customer, Scopes: []string{"admin", "staff"}, Plan: "partner", Via: "token"}
			if !reflect.DeepEqual(*got, want) {
				t.Errorf("%+v, want %+v", *got, want)
			}
		})
	}
}

// raw makes a token of texts, signed as the header that is written says or not.
func raw(t *testing.T, s signer, header, body string) string {
	t.Helper()
	text := b64([]byte(header)) + "." + b64([]byte(body))
	signature, err := jwt.GetSigningMethod(s.algorithm).Sign(text, s.private)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + b64(signature)
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBadTokens(t *testing.T) {
	t.Parallel()
	all := makeSigners()
	rs, es, ps := all["RS256"], all["ES256"], all["PS256"]
	public, err := x509.MarshalPKIXPublicKey(rs.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	hmac := func(secret []byte) string {
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims())
		token.Header["kid"] = rs.id
		text, err := token.SignedString(secret)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, claims()).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	good := rs.sign(t, claims())
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	goodClaims := encoded(t, claims())
	goodHeader := `{"alg":"RS256","kid":"rs"}`
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }

	tests := []struct{ name, token, message string }{
		{"none", none, "algorithm"},
		{"none without its dot", strings.TrimSuffix(none, "."), "not a JWT"},
		{"None", raw(t, rs, `{"alg":"None","kid":"rs"}`, goodClaims), "algorithm"},
		{"no alg", raw(t, rs, `{"kid":"rs"}`, goodClaims), "algorithm"},
		{"alg in another case", raw(t, rs, `{"ALG":"RS256","kid":"rs"}`, goodClaims), "algorithm"},
		{"alg is a list", raw(t, rs, `{"alg":["RS256"],"kid":"rs"}`, goodClaims), "not a JWT"},
		{"alg twice", raw(t, rs, `{"alg":"RS256","alg":"none","kid":"rs"}`, goodClaims), "comes twice"},
		{"alg twice, once escaped", raw(t, rs, `{"alg":"RS256","\u0061lg":"none","kid":"rs"}`, goodClaims), "comes twice"},
		{"HS256 with the public key", hmac(public), "algorithm"},
		{"HS256 with the public key in PEM", hmac(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), "algorithm"},
		{"HS256 with nothing", hmac([]byte{}), "algorithm"},
		{"HS256 with the modulus", hmac(rs.private.Public().(*rsa.PublicKey).N.Bytes()), "algorithm"},
		{"an algorithm that is not pinned", ps.sign(t, claims()), "algorithm"},
		{"the algorithm of another key", es.sign(t, claims(), "kid", "rs"), "does not publish"},
		{"the key of another algorithm", rs.sign(t, claims(), "kid", "es"), "does not publish"},
		{"kid is a path", rs.sign(t, claims(), "kid", "../../../../dev/null"), "does not publish"},
		{"kid is SQL", rs.sign(t, claims(), "kid", "x' UNION SELECT 'key'--"), "does not publish"},
		{"kid is a URL", rs.sign(t, claims(), "kid", "https://evil.example.com/key"), "does not publish"},
		{"kid is long", rs.sign(t, claims(), "kid", strings.Repeat("k", 257)), "kid"},
		{"kid has a line end", rs.sign(t, claims(), "kid", "rs\nlevel=ERROR"), "kid"},
		{"kid has a zero", rs.sign(t, claims(), "kid", "rs\x00"), "kid"},
		{"kid is a number", rs.sign(t, claims(), "kid", 1), "kid"},
		{"kid is null", raw(t, rs, `{"alg":"RS256","kid":null}`, goodClaims), "kid"},
		{"crit", rs.sign(t, claims(), "crit", []string{"exp"}), "critical"},
		{"crit is empty", rs.sign(t, claims(), "crit", []string{}), "critical"},
		{"b64", rs.sign(t, claims(), "b64", false), "critical"},
		{"another body", head + "." + b64([]byte(strings.Replace(goodClaims, customer, "cus_2", 1))) + "." + signature, "signature"},
		{"another header", b64([]byte(`{"alg":"RS256","kid":"rs","typ":"JWT" }`)) + "." + body + "." + signature, "signature"},
		{"no signature", head + "." + body + ".", "signature"},
		{"half a signature", good[:len(good)-102], "signature"},
		{"padding", good + "=", "not a JWT"},
		{"bits behind the end", head + "." + body + "." + signature[:len(signature)-1] + "_", "not a JWT"},
		{"two parts", head + "." + body, "not a JWT"},
		{"four parts", good + "." + signature, "not a JWT"},
		{"only dots", "..", "not a JWT"},
		{"many dots", strings.Repeat(".", 5000), "not a JWT"},
		{"JWE", good + ".a.b", "not a JWT"},
		{"no base64", "!" + good[1:], "characters"},
		{"base64, not base64url", "+/" + good[2:], "not a JWT"},
		{"a header that is no object", raw(t, rs, `["RS256"]`, goodClaims), "not a JWT"},
		{"a header with something behind", raw(t, rs, goodHeader+`{}`, goodClaims), "not a JWT"},
		{"a header in UTF-16", raw(t, rs, "{\x00\"\x00}\x00", goodClaims), "not a JWT"},
		{"a header with bytes that are no text", raw(t, rs, "{\"alg\":\"RS256\",\"kid\":\"\xff\"}", goodClaims), "not a JWT"},
		{"claims that are no object", raw(t, rs, goodHeader, `"sub"`), "not a JWT"},
		{"claims that are null", raw(t, rs, goodHeader, `null`), "not a JWT"},
		{"claims cut off", raw(t, rs, goodHeader, goodClaims[:40]), "not a JWT"},
		{"sub twice", raw(t, rs, goodHeader, strings.Replace(goodClaims, "{", `{"sub":"cus_2",`, 1)), "comes twice"},
		{"nesting", raw(t, rs, goodHeader, `{"a":`+strings.Repeat("[", 4000)+strings.Repeat("]", 1)+`}`), "not a JWT"},
		{"too long", rs.sign(t, claims("pad", strings.Repeat("x", 8<<10))), "longer than 8192"},
		{"expired", rs.sign(t, claims("exp", at(-61*time.Second))), "expired"},
		{"no exp", rs.sign(t, claims("exp", nil)), "no exp"},
		{"exp is a text", rs.sign(t, claims("exp", "9999999999")), "type"},
		{"exp is null", raw(t, rs, goodHeader, `{"iss":"`+issuerName+`","exp":null}`), "type"},
		{"exp is beyond all numbers", raw(t, rs, goodHeader, `{"iss":"`+issuerName+`","exp":1e400}`), "type"},
		{"exp is negative", rs.sign(t, claims("exp", -1)), "type"},
		{"exp is in the year 292277026596", rs.sign(t, claims("exp", int64(1)<<62)), "type"},
		{"not yet", rs.sign(t, claims("nbf", at(61*time.Second))), "not valid yet"},
		{"issued in the future", rs.sign(t, claims("iat", at(61*time.Second))), "not valid yet"},
		{"another issuer", rs.sign(t, claims("iss", "https://evil.example.com/")), "issuer"},
		{"almost the issuer", rs.sign(t, claims("iss", strings.TrimSuffix(issuerName, "/"))), "issuer"},
		{"no issuer", rs.sign(t, claims("iss", nil)), "issuer"},
		{"the issuer is a list", rs.sign(t, claims("iss", []string{issuerName})), "type"},
		{"another audience", rs.sign(t, claims("aud", "https://other.example.com/")), "audience"},
		{"other audiences", rs.sign(t, claims("aud", []string{"a", "b"})), "audience"},
		{"no audience", rs.sign(t, claims("aud", nil)), "audience"},
		{"an empty audience", rs.sign(t, claims("aud", []string{})), "audience"},
		{"aud has a number", rs.sign(t, claims("aud", []any{audience, 1})), "type"},
		{"no sub", rs.sign(t, claims("sub", nil)), "sub"},
		{"an empty sub", rs.sign(t, claims("sub", "")), "sub"},
		{"sub is a number", rs.sign(t, claims("sub", 1)), "type"},
		{"sub is long", rs.sign(t, claims("sub", strings.Repeat("s", 256))), "sub"},
		{"sub has a line end", rs.sign(t, claims("sub", "cus_1\nadmin")), "sub"},
		{"scope is a number", rs.sign(t, claims("scope", 1)), "type"},
		{"scope has a quote", rs.sign(t, claims("scope", `a"b`)), "scopes"},
		{"101 scopes", rs.sign(t, claims("scope", strings.Repeat("a ", 101))), "scopes"},
		{"plan is a list", rs.sign(t, claims("plan", []string{"a"})), "type"},
		{"the development issuer's name", rs.sign(t, claims("iss", "urn:backline:development", "aud", "backline")), "issuer"},
	}
	issuer := publish(t, rs, es).issuer("RS256", "ES256")
	d := open(t, identity.Config{Issuers: []identity.Issuer{issuer}})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			message := d.refused(t, bearer(t, tt.token), http.StatusUnauthorized)
			if !strings.Contains(message, tt.message) {
				t.Errorf("%q, want %q", message, tt.message)
			}
			if again := d.refused(t, bearer(t, tt.token), http.StatusUnauthorized); again != message {
				t.Errorf("the second time: %q", again)
			}
		})
	}
}

func TestGoodTokens(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	evil := rs.jwk()
	tests := []struct {
		name, token string
		want        rights.Viewer
	}{
		{"only what is required", rs.sign(t, claims("iat", nil, "nbf", nil, "scope", nil)), rights.Viewer{ID: customer}},
		{"one of many audiences", rs.sign(t, claims("aud", []string{"x", audience}, "scope", nil)), rights.Viewer{ID: customer}},
		{"expired within the leeway", rs.sign(t, claims("exp", at(-59*time.Second), "scope", nil)), rights.Viewer{ID: customer}},
		{"not yet within the leeway", rs.sign(t, claims("nbf", at(59*time.Second), "scope", nil)), rights.Viewer{ID: customer}},
		{"times with fractions", rs.sign(t, claims("exp", float64(at(time.Minute))+0.5, "scope", nil)), rights.Viewer{ID: customer}},
		{"no kid, and one key that fits", rs.sign(t, claims("scope", nil), "kid", nil), rights.Viewer{ID: customer}},
		{"places of keys that nobody looks at", rs.sign(t, claims("scope", nil), "jku", "https://evil.example.com/", "x5u", "http://169.254.169.254/", "jwk", evil),
			rights.Viewer{ID: customer}},
		{"scopes as a list", rs.sign(t, claims("scope", []string{"staff", "a b", "a"})), rights.Viewer{ID: customer, Scopes: []string{"a", "b", "staff"}}},
		{"a subject that is no id", rs.sign(t, claims("sub", "auth0|1", "scope", nil)), rights.Viewer{Subject: "auth0|1"}},
		{"claims that are not known", rs.sign(t, claims("email", "a@example.com", "scope", nil)), rights.Viewer{ID: customer}},
	}
	p := publish(t, rs)
	d := open(t, identity.Config{Issuers: []identity.Issuer{p.issuer("RS256")}})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Via, tt.want.Issuer = rights.ViaToken, issuerName
			if tt.want.Subject == "" {
				tt.want.Subject = customer
			}
			if got := d.accepted(t, bearer(t, tt.token)); !reflect.DeepEqual(*got, tt.want) {
				t.Errorf("%+v, want %+v", *got, tt.want)
			}
		})
	}
	t.Cleanup(func() {
		if p.count() != 1 {
			t.Errorf("%d fetches", p.count())
		}
	})
}

func TestIssuersDecideWhatTheyMayGive(t *testing.T) {
	t.Parallel()
	rs, es := makeSigners()["RS256"], makeSigners()["ES256"]
	shop := publish(t, rs).issuer("RS256")
	shop.Scopes = []string{"staff"}
	shop.Claims = map[string]string{"id": "https://example.com/id", "scope": "permissions", "plan": "tier"}
	other := publish(t, es).issuer("ES256")
	other.Issuer = "https://other.example.com/"
	d := open(t, identity.Config{Issuers: []identity.Issuer{shop, other}})

	got := d.accepted(t, bearer(t, rs.sign(t, claims("sub", "auth0|1", "https://example.com/id", "emp_1",
		"permissions", []string{"admin", "staff"}, "tier", "gold"))))
	want := rights.Viewer{ID: "emp_1", Issuer: issuerName, Subject: "auth0|1", Scopes: []string{"staff"}, Plan: "gold", Via: "token"}
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("%+v, want %+v", *got, want)
	}
	if m := d.refused(t, bearer(t, es.sign(t, claims())), 401); !strings.Contains(m, "algorithm") {
		t.Errorf("an issuer signs for another one: %s", m)
	}
	if got := d.accepted(t, bearer(t, es.sign(t, claims("iss", other.Issuer)))); got.ID != customer || got.Issuer != other.Issuer {
		t.Errorf("%+v", got)
	}
}

func TestTokensAreRememberedUntilTheyEnd(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	d := open(t, identity.Config{Issuers: []identity.Issuer{publish(t, rs).issuer("RS256")}})
	token := rs.sign(t, claims("exp", start.Add(-30*time.Second).Unix()))
	first := d.accepted(t, bearer(t, token))
	if again := d.accepted(t, bearer(t, token)); again != first {
		t.Error("it was verified twice")
	}
	d.clock.move(29 * time.Second)
	if d.accepted(t, bearer(t, token)) != first {
		t.Error("it was forgotten early")
	}
	d.clock.move(time.Second) // exp and the leeway
	if m := d.refused(t, bearer(t, token), 401); !strings.Contains(m, "expired") {
		t.Errorf("%q", m)
	}
}

func TestWithdrawnKeysLetNobodyInForLong(t *testing.T) {
	t.Parallel()
	rs, es := makeSigners()["RS256"], makeSigners()["ES256"]
	p := publish(t, rs)
	d := open(t, identity.Config{Issuers: []identity.Issuer{p.issuer("RS256", "ES256")}})
	token := rs.sign(t, claims())
	d.accepted(t, bearer(t, token))
	p.set(200, keySet(es))
	d.clock.move(30 * time.Second)
	d.accepted(t, bearer(t, es.sign(t, claims()))) // fetches
	d.accepted(t, bearer(t, token))                // remembered
	d.clock.move(31 * time.Second)
	if m := d.refused(t, bearer(t, token), 401); !strings.Contains(m, "does not publish") {
		t.Errorf("%q", m)
	}
}
