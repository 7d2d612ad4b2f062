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

// withSecurityHeaders sets what is right for every answer.
func withSecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = nosniff
		h["Cross-Origin-Resource-Policy"] = sameOrigin
		next.ServeHTTP(w, r)
	})
}

// withDocumentHeaders sets what is right for documents besides. The Playground sets its own content
// security policy. Data have no need of this: their policy lets nothing be loaded, run or framed. And
// Go keeps up to eight headers in a small map, of which an answer of the endpoint has just that many:
// three more would take a fiftieth of the time of a small request.
func withDocumentHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Frame-Options"] = deny
		h["Referrer-Policy"] = noReferrer
		h["Cross-Origin-Opener-Policy"] = sameOrigin
		next.ServeHTTP(w, r)
	})
}

// forbidContent marks an answer that is data: no browser may run, embed or store it.
func forbidContent(h http.Header) {
	h["Content-Security-Policy"] = noContent
	h["Cache-Control"] = noStore
}
