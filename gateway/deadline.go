package gateway

import (
	"context"
	"net/http"
	"time"
)

// withDeadline ends the context of a request after the limit. What has been resolved by then is
// answered, and the rest is an error with the code TIMEOUT.
func withDeadline(limit time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
