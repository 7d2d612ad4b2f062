package identity_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"backline/gateway/identity"
)

// noPersonError is an error that clients may read.
type noPersonError struct{}

func (noPersonError) Error() string       { return "internal s3cret" }
func (noPersonError) SafeMessage() string { return "no person has this id" }

func signIn(t testing.TB, issuer *identity.DevelopmentIssuer, choices func(context.Context) ([]identity.Choice, error)) http.Handler {
	t.Helper()
	if choices == nil {
		choices = func(context.Context) ([]identity.Choice, error) {
			return []identity.Choice{{ID: "cus_1", Name: "Zoë", Group: "Customers"}}, nil
		}
	}
	return identity.SignIn{
		Issuer: issuer, Choices: choices, Now: (&clock{now: start}).Now,
		Person: func(id string) (identity.Person, error) {
			switch {
			case strings.HasPrefix(id, "cus_"):
				return identity.Person{Subject: id}, nil
			case id == "admin":
				return identity.Person{Subject: id, Scopes: []string{"admin"}}, nil
			case id == "":
				return identity.Person{}, errors.New("s3cret")
			}
			return identity.Person{}, noPersonError{}
		},
	}.Handler()
}

// visit asks as a browser on the same machine does; headers, "Remote" and "Host" change that.
func visit(t *testing.T, h http.Handler, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost:8080"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:5555"
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		switch name, value, _ := strings.Cut(h, ": "); name {
		case "Remote":
			r.RemoteAddr = value
		case "Host":
			r.Host = value
		default:
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", w.Header())
	}
	if strings.Contains(w.Body.String(), "s3cret") {
		t.Errorf("it tells too much: %s", w.Body)
	}
	return w.Code, w.Body.String()
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	issuer := developmentIssuer(t, t.TempDir())
	h := signIn(t, issuer, nil)
	if status, body := visit(t, h, "GET", "/dev/people", ""); status != 200 || body != `{"people":[{"id":"cus_1","name":"Zoë","group":"Customers"}]}`+"\n" {
		t.Errorf("%d %s", status, body)
	}
	for _, host := range []string{"localhost:8080", "localhost", "127.0.0.1:1", "[::1]:8080", "[::1]"} {
		status, body := visit(t, h, "POST", "/dev/token", `{"id":"admin"}`, "Host: "+host)
		var answer struct {
			Token, Subject, Expires string
			Scopes                  []string
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 {
			t.Fatalf("%s: %d %s", host, status, body)
		}
		if answer.Subject != "admin" || len(answer.Scopes) != 1 || answer.Expires != "2026-11-23T13:00:00Z" {
			t.Errorf("%+v", answer)
		}
		d := open(t, identity.Config{Development: issuer})
		if v := d.accepted(t, bearer(t, answer.Token)); !v.Has("admin") {
			t.Errorf("%+v", v)
		}
	}
}

func TestSignInRefuses(t *testing.T) {
	t.Parallel()
	h := signIn(t, developmentIssuer(t, t.TempDir()), nil)
	const good = `{"id":"cus_1"}`
	tests := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		code                     string
	}{
		{"another machine", "POST", "/dev/token", good, []string{"Remote: 192.0.2.1:5555"}, 403, "FORBIDDEN"},
		{"another machine asks who there is", "GET", "/dev/people", "", []string{"Remote: 192.0.2.1:5555"}, 403, "FORBIDDEN"},
		{"a name that was rebound", "POST", "/dev/token", good, []string{"Host: evil.example.com"}, 403, "FORBIDDEN"},
		{"a name that begins like loopback", "POST", "/dev/token", good, []string{"Host: localhost.example.com:8080"}, 403, "FORBIDDEN"},
		{"the machine's own name", "GET", "/dev/people", "", []string{"Host: 192.0.2.1:8080"}, 403, "FORBIDDEN"},
		{"a proxy", "POST", "/dev/token", good, []string{"X-Forwarded-For: 192.0.2.1"}, 403, "FORBIDDEN"},
		{"a proxy by the standard", "POST", "/dev/token", good, []string{"Forwarded: for=192.0.2.1"}, 403, "FORBIDDEN"},
		{"another site", "POST", "/dev/token", good, []string{"Sec-Fetch-Site: cross-site"}, 403, "CSRF_BLOCKED"},
		{"another port", "POST", "/dev/token", good, []string{"Sec-Fetch-Site: same-site"}, 403, "CSRF_BLOCKED"},
		{"another site in an old browser", "POST", "/dev/token", good, []string{"Origin: https://evil.example.com"}, 403, "CSRF_BLOCKED"},
		{"a form", "POST", "/dev/token", "id=cus_1", []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"plain text", "POST", "/dev/token", good, []string{"Content-Type: text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"},
		{"no JSON", "POST", "/dev/token", "cus_1", nil, 400, "BAD_REQUEST"},
		{"too much", "POST", "/dev/token", strings.Repeat(" ", 1<<10) + good, nil, 400, "BAD_REQUEST"},
		{"nobody's id", "POST", "/dev/token", `{"id":"trk_1"}`, nil, 400, "no person has this id"},
		{"no id", "POST", "/dev/token", `{}`, nil, 400, "this id stands for nobody"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, body := visit(t, h, tt.method, tt.path, tt.body, tt.headers...)
			if status != tt.status || !strings.Contains(body, tt.code) || strings.Contains(body, `"token":`) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
	for _, wrong := range [][2]string{{"GET", "/dev/token"}, {"POST", "/dev/people"}} {
		if status, _ := visit(t, h, wrong[0], wrong[1], ""); status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", wrong, status)
		}
	}
	broken := signIn(t, developmentIssuer(t, t.TempDir()), func(context.Context) ([]identity.Choice, error) { return nil, errors.New("s3cret") })
	if status, body := visit(t, broken, "GET", "/dev/people", ""); status != 503 || !strings.Contains(body, "UNAVAILABLE") {
		t.Errorf("%d %s", status, body)
	}
}
