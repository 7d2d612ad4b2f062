package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"backline/graph/breadth"
	"backline/graph/rights"
	"backline/telemetry"
)

// endpointPath is where the endpoint stands.
const endpointPath = "/graphql"

// request is the context of one request to the endpoint, and holds what is known of it by itself: a value
// in a context of its own is an allocation, and a step more for everybody who looks for another.
type request struct {
	deadline
	id        string
	idHeader  [1]string
	began     time.Time
	viewer    *rights.Viewer // nil: nobody
	visit     visit          // without a ResponseWriter: nobody wants to know
	params    params
	operation *operation                // nil until it is found
	oc        *graphql.OperationContext // the same, for gqlgen
	priced    priced                    // without a price: it has none
	transport breadth.Transport
}

func newRequest(ctx context.Context, id string, timeout time.Duration) *request {
	r := &request{id: id, idHeader: [1]string{id}, began: time.Now()}
	r.deadline.Context, r.deadline.at = ctx, r.began.Add(timeout)
	return r
}

// wasRead notes that the parameters are there.
func (r *request) wasRead(h http.Header) {
	r.params.Headers = h
	r.params.ReadTime = graphql.TraceTiming{Start: r.began, End: graphql.Now()}
}

type requestKey struct{}

// Value implements context.Context.
func (r *request) Value(key any) any {
	switch key.(type) {
	case requestKey:
		return r
	case telemetry.RequestIDKey:
		return r.id
	case rights.ViewerKey:
		if r.viewer != nil {
			return r.viewer
		}
	case breadth.TransportKey:
		return &r.transport
	}
	return r.deadline.Value(key)
}

// requestOf is the request that a context of the endpoint belongs to.
func requestOf(ctx context.Context) *request { return ctx.Value(requestKey{}).(*request) }

// withRequest gives each request an id: the one it came with, if that is well formed, or a new
// one. It goes back as a header, into every log line, and into internal errors. Those to the endpoint end
// after the timeout: what has been resolved by then is answered, and the rest is an error with the code
// TIMEOUT.
func withRequest(newID func() string, timeout time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !isRequestID(id) {
			id = newID()
		}
		if r.URL.Path != endpointPath {
			w.Header()[requestIDHeader] = []string{id}
			next.ServeHTTP(w, r.WithContext(telemetry.WithRequestID(r.Context(), id)))
			return
		}
		req := newRequest(r.Context(), id, timeout)
		defer req.end()
		w.Header()[requestIDHeader] = req.idHeader[:]
		next.ServeHTTP(w, r.WithContext(req))
	})
}
