package gateway

import "net/http"

// Starting answers while the server is still being built: it is alive, it is not ready, and a
// query is asked to come back.
func Starting() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health/live", func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, health{Status: "UP"})
	})
	mux.HandleFunc("GET /health/ready", func(w http.ResponseWriter, _ *http.Request) {
		writeHealth(w, health{Status: "DOWN", Reasons: []string{"starting"}})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		writeRefusal(w, mediaJSON, refusal{
			status:  http.StatusServiceUnavailable,
			code:    CodeUnavailable,
			message: "the server is starting",
		})
	})
	return withSecurityHeaders(mux)
}
