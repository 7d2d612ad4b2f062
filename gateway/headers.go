package gateway

import "net/http"

// Header values are shared between responses; net/http does not change them.
//
//nolint:gochecknoglobals // constants, as far as Go has them
var (
	nosniff    = []string{"nosniff"}
	sameOrigin = []string{"same-origin"}
	noReferrer = []string{"no-referrer"}
	deny       = []string{"DENY"}
	noStore    = []string{"no-store"}
	noContent  = []string{"default-src 'none'; frame-ancestors 'none'"}
)

// withSecurityHeaders sets what is right for every answer. The Playground sets its own content
// security policy; the endpoints that answer JSON allow nothing at all.
func withSecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = nosniff
		h["X-Frame-Options"] = deny
		h["Referrer-Policy"] = noReferrer
		h["Cross-Origin-Opener-Policy"] = sameOrigin
		h["Cross-Origin-Resource-Policy"] = sameOrigin
		next.ServeHTTP(w, r)
	})
}

// forbidContent marks an answer that is data: no browser may run, embed or store it.
func forbidContent(h http.Header) {
	h["Content-Security-Policy"] = noContent
	h["Cache-Control"] = noStore
}
