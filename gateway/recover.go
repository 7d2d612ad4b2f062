package gateway

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"backline/telemetry"
)

// withRecover answers a panic outside of a resolver like any other internal error.
func withRecover(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
				panic(v)
			}
			ctx := r.Context()
			log.ErrorContext(ctx, "a handler panicked",
				"panic", v, "path", r.URL.Path, "stack", string(debug.Stack()))
			writeRefusal(w, mediaJSON, internalRefusal(telemetry.RequestID(ctx)))
		}()
		next.ServeHTTP(w, r)
	})
}
