package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"backline/gateway/identity"
)

// mint makes a token as backlinectl does.
func mint(t *testing.T, dataDir string, p identity.Person) string {
	t.Helper()
	issuer, err := identity.OpenDevelopmentIssuer(dataDir, false)
	if err != nil {
		t.Fatal(err)
	}
	token, err := issuer.Mint(p, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return "Authorization: Bearer " + token
}

// A token of development is good in development, and refused in production on the same data.
func TestDevelopmentTokens(t *testing.T) {
	t.Parallel()
	args := settings(t)
	dir := strings.TrimPrefix(args[2], "--data-dir=")
	text, key, err := identity.NewKey("reports", []string{"staff"}, "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	line, err := key.Line()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "keys.jsonl")
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append(args, "--auth-keys="+file)
	const query = "{ genres { nodes { name } } }"

	r := start(t, args)
	token := mint(t, dir, identity.Person{Subject: "admin", Scopes: []string{"admin"}})
	for _, header := range []string{token, "X-API-Key: " + text, "Authorization: Bearer " + text} {
		if status, body := r.query(query, header); status != 200 || strings.Contains(body, "errors") {
			t.Errorf("%.30s: %d %s", header, status, body)
		}
	}
	if status, body := r.query(query, token+"x"); status != http.StatusUnauthorized || !strings.Contains(body, "UNAUTHENTICATED") {
		t.Errorf("%d %s", status, body)
	}
	people := r.signInAsEach(t)
	if people < 10 {
		t.Errorf("%d people to sign in as", people)
	}
	if err := r.wait(); err != nil {
		t.Fatal(err)
	}

	r = start(t, append(args, "--env=production"))
	if status, body := r.query(query, token); status != http.StatusUnauthorized || !strings.Contains(body, "issuer is not accepted here") {
		t.Errorf("in production: %d %s", status, body)
	}
	if status, body := r.query(query, "X-API-Key: "+text); status != 200 {
		t.Errorf("in production: %d %s", status, body)
	}
	for _, path := range []string{"/dev/token", "/dev/people"} {
		if status, _ := r.get(r.url + path); status != http.StatusNotFound {
			t.Errorf("%s in production: %d", path, status)
		}
	}
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	for _, l := range r.log.lines {
		if b, err := json.Marshal(l); err != nil || bytes.Contains(b, []byte(token[len(token)-40:])) || bytes.Contains(b, []byte(text[4:])) {
			t.Errorf("a credential is in the log: %s %v", b, err)
		}
	}
}

// signInAsEach gets a token for everybody whom the server offers, and tells how many that are.
func (r *running) signInAsEach(t *testing.T) int {
	t.Helper()
	status, body := r.get(r.url + "/dev/people")
	var list struct{ People []identity.Choice }
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != 200 {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	groups := map[string]int{}
	for _, p := range list.People {
		groups[p.Group]++
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.url+"/dev/token", strings.NewReader(`{"id":"`+p.ID+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		status, body := do(t, req)
		var answer struct {
			Token, Subject string
			Scopes         []string
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 || answer.Subject != p.ID || p.Name == "" || strings.HasPrefix(p.Name, " ") {
			t.Errorf("%+v: %d %s", p, status, body)
		}
		if (p.Group == "Customers") != (len(answer.Scopes) == 0) {
			t.Errorf("%+v may %v", p, answer.Scopes)
		}
		if status, body := r.query("{ genres { nodes { name } } }", "Authorization: Bearer "+answer.Token); status != 200 {
			t.Errorf("%+v: %d %s", p, status, body)
		}
	}
	if groups["Customers"] == 0 || groups["Employees"] == 0 {
		t.Errorf("there are %v", groups)
	}
	return len(list.People)
}
