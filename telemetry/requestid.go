package telemetry

import "context"

// RequestIDKey is the key of the request id, a string, for contexts that hold it themselves.
type RequestIDKey struct{}

// WithRequestID gives a context the id that its log lines and internal errors carry.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, RequestIDKey{}, id)
}

// RequestID is the id of the request that a context belongs to, or "" outside of one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(RequestIDKey{}).(string)
	return id
}
