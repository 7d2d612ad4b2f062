package breadth

import "context"

// Transport is what a transport gives to the execution of an operation. It serves one response: the
// context of a subscription must not have one.
type Transport struct {
	Buffer *Buffer // receives the answer; nil: Response.Data is the answer's own
	Meter  Meter   // is told what was done; nil: nobody is
}

// TransportKey is the key of the transport, a *Transport, for contexts that hold it themselves.
type TransportKey struct{}

// WithTransport hands t to the executions below ctx.
func WithTransport(ctx context.Context, t Transport) context.Context {
	return context.WithValue(ctx, TransportKey{}, &t)
}

// transportOf is what the transport of a context gives, which may be nothing.
func transportOf(ctx context.Context) Transport {
	if t, ok := ctx.Value(TransportKey{}).(*Transport); ok {
		return *t
	}
	return Transport{}
}
