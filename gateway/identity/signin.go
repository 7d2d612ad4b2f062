package identity

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"time"

	"backline/graph/rights"
)

// SignIn is what the Playground's "Sign in as" asks: who there is to be, and a token for one of them.
// It is for development on one's own machine, and refuses requests that come from elsewhere.
type SignIn struct {
	// Issuer mints the tokens. Required.
	Issuer *DevelopmentIssuer
	// Choices are some people of the data. Required.
	Choices func(ctx context.Context) ([]Choice, error)
	// Person is whom an id stands for; an error's SafeMessage, if it has one, tells why it is nobody.
	// Required.
	Person func(id string) (Person, error)
	// Now is the clock. Nil: time.Now.
	Now func() time.Time
	// Log receives what goes wrong. Nil discards it.
	Log *slog.Logger
}

// Choice is somebody to sign in as.
type Choice struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Group string `json:"group"` // under which heading they stand, such as "Customers"
}

const (
	// signInLasts is how long its tokens are good; the page asks for a new one before.
	signInLasts = time.Hour
	// maxSignIn bounds a request's body, in bytes.
	maxSignIn = 1 << 10
)

// Handler serves GET /dev/people and POST /dev/token.
func (s SignIn) Handler() http.Handler {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dev/people", s.people)
	mux.HandleFunc("POST /dev/token", s.token)
	return onlyFromHere(mux)
}

// forwarding are headers that a proxy adds: what comes through one on this machine comes from
// elsewhere.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"}

// onlyFromHere lets through what a page of this server sends from this machine: no other address, no
// other name that leads here (a rebound one), no proxy, no other site.
func onlyFromHere(next http.Handler) http.Handler {
	sites := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		peer, _, err := net.SplitHostPort(r.RemoteAddr)
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		here := err == nil && isLoopback(peer) && isLoopback(unbracketed(host))
		for _, name := range forwarding {
			here = here && r.Header.Get(name) == ""
		}
		switch {
		case !here:
			writeJSON(w, http.StatusForbidden, problem(rights.CodeForbidden, "signing in as somebody is for a browser on the server's own machine; elsewhere use backlinectl token"))
		case sites.Check(r) != nil:
			writeJSON(w, http.StatusForbidden, problem(codeCSRF, "requests of other sites are not answered"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// unbracketed is an IPv6 address without its brackets.
func unbracketed(host string) string {
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		return host[1 : n-1]
	}
	return host
}

// people answers {"people": [...]}.
func (s SignIn) people(w http.ResponseWriter, r *http.Request) {
	choices, err := s.Choices(r.Context())
	if err != nil {
		s.Log.Warn("the people to sign in as cannot be read", "err", err)
		writeJSON(w, http.StatusServiceUnavailable, problem(CodeUnavailable, "the people to sign in as cannot be read"))
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"people": choices})
}

// token answers {"id": ...} with {"token", "subject", "scopes", "expires"}. Its media type is one that
// no other site can make a browser send without asking, and nobody is asked here.
func (s SignIn) token(w http.ResponseWriter, r *http.Request) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		writeJSON(w, http.StatusUnsupportedMediaType, problem(codeMediaType, "send application/json"))
		return
	}
	var body struct {
		ID string `json:"id"`
	}
	content, err := readBounded(r.Body, maxSignIn)
	if err != nil || json.Unmarshal(content, &body) != nil {
		writeJSON(w, http.StatusBadRequest, problem(CodeBadRequest, `send {"id": "…"}`))
		return
	}
	person, err := s.Person(body.ID)
	if err != nil {
		message := "this id stands for nobody"
		if safe, ok := err.(interface{ SafeMessage() string }); ok {
			message = safe.SafeMessage()
		}
		writeJSON(w, http.StatusBadRequest, problem(codeBadUserInput, message))
		return
	}
	now := s.Now()
	token, err := s.Issuer.Mint(person, now, signInLasts)
	if err != nil {
		s.Log.Error("no token was minted", "err", err)
		writeJSON(w, http.StatusInternalServerError, problem(codeInternal, "internal error"))
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"token": token, "subject": person.Subject, "scopes": append([]string{}, person.Scopes...),
		"expires": now.Add(signInLasts).UTC().Format(time.RFC3339),
	})
}

// problem is an answer in the form of GraphQL's errors.
func problem(code, message string) any {
	return map[string]any{"errors": []any{map[string]any{"message": message, "extensions": map[string]any{"code": code}}}}
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if b, err := json.Marshal(value); err == nil { // maps of strings can be encoded
		_, _ = io.WriteString(w, string(b)+"\n") // a client that left is no concern of ours
	}
}
