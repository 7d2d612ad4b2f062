package identity_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/gateway/identity"
)

// A flood of tokens with kids that nobody knows costs the issuer one fetch per cooldown.
func TestUnknownKeysInAFlood(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	p := publish(t, rs)
	d := open(t, identity.Config{Issuers: []identity.Issuer{p.issuer("RS256")}})
	good := rs.sign(t, claims())
	d.accepted(t, bearer(t, good)) // the first fetch has ended
	flood := make([]string, 200)
	for i := range flood {
		flood[i] = rs.sign(t, claims(), "kid", "unknown"+strconv.Itoa(i))
	}
	send := func() {
		var wg sync.WaitGroup
		for _, token := range flood {
			wg.Go(func() { d.refused(t, bearer(t, token), http.StatusUnauthorized) })
		}
		wg.Wait()
	}
	send()
	if n := p.count(); n != 1 {
		t.Errorf("%d fetches within the first cooldown", n)
	}
	for round := 2; round <= 4; round++ {
		d.clock.move(15 * time.Second)
		send()
		if n := p.count(); n != round {
			t.Errorf("%d fetches, want %d", n, round)
		}
	}
	d.accepted(t, bearer(t, good))
}

func TestKeysThatRotate(t *testing.T) {
	t.Parallel()
	rs, es := makeSigners()["RS256"], makeSigners()["ES256"]
	p := publish(t, rs)
	d := open(t, identity.Config{Issuers: []identity.Issuer{p.issuer("RS256", "ES256")}})
	d.accepted(t, bearer(t, rs.sign(t, claims())))
	p.set(200, keySet(rs, es))
	fresh := es.sign(t, claims())
	if m := d.refused(t, bearer(t, fresh), 401); !strings.Contains(m, "does not publish") {
		t.Errorf("in the cooldown: %q", m)
	}
	d.clock.move(15 * time.Second)
	d.accepted(t, bearer(t, fresh))
}

// Tokens that come while the first fetch runs wait for it, all for the same one.
func TestOneFetchForAll(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	p := publish(t, rs)
	p.block = make(chan struct{})
	d := open(t, identity.Config{Issuers: []identity.Issuer{p.issuer("RS256")}})
	token := rs.sign(t, claims())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if m := d.refused(t, bearer(t, token).WithContext(gone), http.StatusServiceUnavailable); !strings.Contains(m, "keys") {
		t.Errorf("%q", m)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { d.accepted(t, bearer(t, token)) })
	}
	await(t, "the fetch", func() bool { return p.count() > 0 })
	close(p.block)
	wg.Wait()
	if n := p.count(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

func TestStaleKeysAreServed(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	p := publish(t, rs)
	d := open(t, identity.Config{Issuers: []identity.Issuer{p.issuer("RS256")}})
	long := rs.sign(t, claims("exp", start.Add(100*time.Hour).Unix()))
	d.accepted(t, bearer(t, long))
	for i, failure := range []string{"not JSON", `{"keys":[]}`, `{}`, `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`, strings.Repeat(" ", 513<<10) + keySet(rs)} {
		p.set(200, failure)
		d.clock.move(11 * time.Minute)
		d.accepted(t, bearer(t, long))
		await(t, "fetch "+strconv.Itoa(i+2), func() bool { return p.count() == i+2 && strings.Count(d.log.String(), "cannot be read") == i+1 })
	}
	p.set(500, keySet(rs))
	d.clock.move(11 * time.Minute)
	d.accepted(t, bearer(t, long))
	await(t, "the failure with 500", func() bool { return strings.Contains(d.log.String(), "status 500") })

	d.clock.move(24 * time.Hour)
	if m := d.refused(t, bearer(t, long), http.StatusServiceUnavailable); !strings.Contains(m, "keys") {
		t.Errorf("after a day: %q", m)
	}
	p.set(200, keySet(rs))
	d.clock.move(15 * time.Second)
	d.accepted(t, bearer(t, long))
	if strings.Contains(d.log.String(), long[:40]) {
		t.Error("a token is in the log")
	}
}

// A redirect may change the path, and nothing else.
func TestRedirects(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	elsewhere := publish(t, rs)
	mux := http.NewServeMux()
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(keySet(rs))) })
	mux.HandleFunc("/near", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/keys", http.StatusFound) })
	mux.HandleFunc("/far", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusFound)
	})
	mux.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	token := rs.sign(t, claims())
	for path, good := range map[string]bool{"/keys": true, "/near": true, "/far": false, "/round": false, "/nothing": false} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			d := open(t, identity.Config{Issuers: []identity.Issuer{{
				Issuer: issuerName, Audience: []string{audience}, Algorithms: []string{"RS256"}, JWKS: server.URL + path,
			}}})
			if good {
				d.accepted(t, bearer(t, token))
				return
			}
			d.refused(t, bearer(t, token), http.StatusServiceUnavailable)
			if elsewhere.count() > 0 {
				t.Error("another host was asked")
			}
		})
	}
}

func TestKeysInAFile(t *testing.T) {
	t.Parallel()
	rs, es := makeSigners()["RS256"], makeSigners()["ES256"]
	path := filepath.Join(t.TempDir(), "keys.json")
	write := func(s signer) {
		if err := os.WriteFile(path, []byte(keySet(s)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(rs)
	d := open(t, identity.Config{Issuers: []identity.Issuer{{
		Issuer: issuerName, Audience: []string{audience}, Algorithms: []string{"RS256", "ES256"}, JWKS: path,
	}}})
	d.accepted(t, bearer(t, rs.sign(t, claims())))
	write(es)
	d.clock.move(15 * time.Second)
	d.accepted(t, bearer(t, es.sign(t, claims())))
}

// Keys that are weak, or for something else, are as if they were not there.
func TestKeysThatAreLeftOut(t *testing.T) {
	t.Parallel()
	rs := makeSigners()["RS256"]
	token := rs.sign(t, claims())
	change := func(pairs ...any) string {
		j := rs.jwk()
		for i := 0; i < len(pairs); i += 2 {
			j[pairs[i].(string)] = pairs[i+1]
		}
		return encoded(t, map[string]any{"keys": []any{j, makeSigners()["ES256"].jwk()}})
	}
	tests := map[string]struct {
		set    string
		status int // 0: the token is good
	}{
		"as it is":               {change(), 0},
		"verify":                 {change("key_ops", []string{"verify"}), 0},
		"for encryption":         {change("use", "enc"), 401},
		"for signing only":       {change("key_ops", []string{"sign"}), 401},
		"for another algorithm":  {change("alg", "RS512"), 401},
		"1024 bits":              {change("n", b64(make([]byte, 128))), 401},
		"16384 bits":             {change("n", b64([]byte(strings.Repeat("\xff", 2048)))), 401},
		"exponent 1":             {change("e", "AQ"), 401},
		"an even exponent":       {change("e", "Ag"), 401},
		"a huge exponent":        {change("e", b64([]byte(strings.Repeat("\xff", 64)))), 401},
		"another kid":            {change("kid", "other"), 401},
		"a secret":               {change("kty", "oct", "k", "c2VjcmV0"), 401},
		"an RSA key on a curve":  {change("crv", "P-256"), 401},
		"a key that is no key":   {change("n", 1), 401},
		"more than a hundred":    {`{"keys":[` + strings.Repeat(encoded(t, rs.jwk())+",", 100) + encoded(t, rs.jwk()) + `]}`, 503},
		"two keys with one name": {encoded(t, map[string]any{"keys": []any{rs.jwk(), rs.jwk()}}), 401},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := publish(t, rs)
			p.set(200, tt.set)
			d := open(t, identity.Config{Issuers: []identity.Issuer{p.issuer("RS256", "ES256")}})
			if tt.status == 0 {
				d.accepted(t, bearer(t, token))
				return
			}
			d.refused(t, bearer(t, token), tt.status)
		})
	}
}

func TestPointsThatAreNotOnTheCurve(t *testing.T) {
	t.Parallel()
	es := makeSigners()["ES256"]
	j := es.jwk()
	j["x"], j["y"] = b64(make([]byte, 32)), b64(make([]byte, 32))
	p := publish(t, es)
	p.set(200, encoded(t, map[string]any{"keys": []any{j}}))
	d := open(t, identity.Config{Issuers: []identity.Issuer{p.issuer("ES256")}})
	d.refused(t, bearer(t, es.sign(t, claims())), http.StatusServiceUnavailable)
}
