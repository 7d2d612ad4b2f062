package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"

	"backline/gateway/identity"
)

// endpoint is /graphql: the transports, and the executor that they share, behind its door.
type endpoint struct {
	exec       *door
	transports []graphql.Transport
	csrf       csrf
	identity   *identity.Authenticator // nil: everybody is nobody
	charges    *charges
	timeout    time.Duration
	vary       []string
}

// newEndpoint builds /graphql.
func newEndpoint(c Config, slots *slots) (*endpoint, error) {
	if err := c.CORS.validate(); err != nil {
		return nil, err
	}
	csrf, err := c.CORS.csrf()
	if err != nil {
		return nil, err
	}
	exec := executor.New(c.Schema)
	exec.SetErrorPresenter(present)
	exec.SetRecoverFunc(recovered)
	exec.SetQueryCache(admitted{})
	exec.Use(introspection{everybody: c.Development})
	exec.Use(pages{c.Limits.Limits})
	isVisited := c.Throttle.Limiter != nil || c.Door != nil
	c.Price.Count = c.Price.Count || isVisited
	if c.Price.Table != nil {
		exec.Use(prices{config: c.Price})
	}
	if isVisited {
		exec.Use(visited{})
	}
	if c.Observer != nil {
		exec.Use(observed{c.Observer})
	}
	exec.Use(causes{c.Log, c.Observer})
	exec.Use(attached{attach: c.Attach, trace: traceOf(c)})
	d, err := newDoor(c, exec)
	if err != nil {
		return nil, err
	}
	vary := []string{varyBy}
	if c.Compress {
		vary = []string{"Accept-Encoding", varyBy}
	}
	return &endpoint{
		exec: d,
		transports: []graphql.Transport{
			post{runner{limits: c.Limits, slots: slots, keepers: keepers{c.CacheControl}}},
			get{runner{limits: c.Limits, slots: slots, keepers: keepers{c.CacheControl}, queriesOnly: true}},
		},
		csrf:     csrf,
		identity: c.Identity,
		charges:  &charges{Throttle: c.Throttle, log: c.Log},
		timeout:  c.Limits.Timeout,
		vary:     vary,
	}, nil
}

// withMiddleware puts span, cross-origin rules, compression and the body's deadline around it.
func (e *endpoint) withMiddleware(c Config) http.Handler {
	handler := withBodyDeadline(c.Limits.Timeout, e)
	if c.Compress {
		handler = withCompression(handler)
	}
	handler = withCORS(c.CORS, withVisit(c, handler))
	if c.Observer != nil {
		handler = c.Observer.Request(handler)
	}
	return handler
}

// varyBy are the headers by which answers differ, who asks among them: whatever keeps answers on the way
// must keep them apart.
const (
	varyBy      = "Accept, Authorization, X-API-Key"
	varyWhoever = "Accept" // of answers that are the same for everybody
)

func traceOf(c Config) func(ctx context.Context) any {
	if !c.Development {
		return nil
	}
	return c.Trace
}

// ServeHTTP ends the context of a request after the timeout: what has been resolved by then is answered,
// and the rest is an error with the code TIMEOUT.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, given *http.Request) {
	ctx, cancel := context.WithTimeout(given.Context(), e.timeout)
	defer cancel()
	given = given.WithContext(graphql.StartOperationTrace(ctx)) // once: each time is a copy of the request
	h := w.Header()
	forbidContent(h)
	h["Vary"] = append(h["Vary"], e.vary...)
	if refused := e.csrf.check(given); refused != nil {
		writeRefusal(w, mediaOf(given), *refused)
		return
	}
	r, refused := identified(e.identity, given)
	if refused != nil {
		if spent := e.charges.admitStranger(visitOf(w), given); spent != nil {
			refused = spent
		}
		writeRefusal(w, mediaOf(given), *refused)
		return
	}
	if refused := e.charges.admit(visitOf(w), r); refused != nil {
		writeRefusal(w, mediaOf(r), *refused)
		return
	}
	for _, t := range e.transports {
		if t.Supports(r) {
			t.Do(w, r, e.exec)
			return
		}
	}
	writeRefusal(w, mediaOf(r), refusal{
		status:  http.StatusMethodNotAllowed,
		code:    CodeMethodNotAllowed,
		message: "send operations with POST, or queries with GET",
		allow:   "GET, POST",
	})
}

// mediaOf is the media type of a refusal: there is one whatever the client accepts.
func mediaOf(r *http.Request) []string {
	if media := negotiate(r.Header["Accept"]); media != nil {
		return media
	}
	return mediaJSON
}
