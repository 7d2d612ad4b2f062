package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS says which pages of other sites may use the endpoint from a browser.
// The zero value: none.
type CORS struct {
	// Origins are the sites, "https://app.example.com" each, or "*" alone for all of them.
	Origins []string
	// Headers are request headers that pages may set, beside those that GraphQL clients know.
	Headers []string
	// Credentials lets browsers send cookies. Not with "*".
	Credentials bool
	// MaxAge is how long a browser may remember what is allowed. Default 1 h.
	MaxAge time.Duration
}

// anyOrigin allows every site.
const anyOrigin = "*"

// Request headers that pages may set, and response headers that they may read.
const (
	corsRequestHeaders = "Accept, Apollo-Require-Preflight, Authorization, Backline-Trace, Content-Type, " +
		"GraphQL-Client-Name, GraphQL-Client-Version, GraphQL-Cost, GraphQL-Require-Preflight, Traceparent, Tracestate, " +
		"X-API-Key, X-Apollo-Operation-Name, X-Request-Id"
	corsResponseHeaders = "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"
)

func (c CORS) validate() error {
	if slices.Contains(c.Origins, anyOrigin) && (len(c.Origins) > 1 || c.Credentials) {
		return errors.New(`build gateway: the CORS origin "*" stands alone and without credentials`)
	}
	return nil
}

// csrf trusts the sites that may use the endpoint.
func (c CORS) csrf() (csrf, error) {
	if slices.Contains(c.Origins, anyOrigin) {
		return csrf{}, nil
	}
	protection := http.NewCrossOriginProtection()
	for _, origin := range c.Origins {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return csrf{}, fmt.Errorf("build gateway: the CORS origin %q: %w", origin, err)
		}
	}
	return csrf{protection}, nil
}

// withCORS answers the question that a browser asks before a request of another site, and marks
// answers for that site. Without an origin that is allowed a browser keeps the answer to itself.
func withCORS(c CORS, next http.Handler) http.Handler {
	if len(c.Origins) == 0 {
		return next
	}
	if c.MaxAge == 0 {
		c.MaxAge = time.Hour
	}
	requestHeaders := strings.Join(append([]string{corsRequestHeaders}, c.Headers...), ", ")
	maxAge := strconv.Itoa(int(c.MaxAge / time.Second))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		allowed := c.allow(r.Header.Get("Origin"))
		if allowed != "" {
			h.Set("Access-Control-Allow-Origin", allowed)
			h.Set("Access-Control-Expose-Headers", corsResponseHeaders)
			if c.Credentials {
				h.Set("Access-Control-Allow-Credentials", "true")
			}
		}
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		h.Add("Vary", "Access-Control-Request-Method")
		h.Add("Vary", "Access-Control-Request-Headers")
		if allowed != "" {
			h.Set("Access-Control-Allow-Methods", "GET, POST")
			h.Set("Access-Control-Allow-Headers", requestHeaders)
			h.Set("Access-Control-Max-Age", maxAge)
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// allow is what Access-Control-Allow-Origin says to an origin; "" if it is not allowed.
func (c CORS) allow(origin string) string {
	for _, o := range c.Origins {
		if o == anyOrigin || origin != "" && strings.EqualFold(o, origin) {
			if o == anyOrigin {
				return anyOrigin
			}
			return origin
		}
	}
	return ""
}
