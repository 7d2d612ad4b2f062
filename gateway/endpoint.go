package gateway

import (
	"context"
	"net/http"

	"backline/gateway/identity"
)

// endpoint is /graphql: the transports, and what stands before them.
type endpoint struct {
	post     post
	get      get
	csrf     csrf
	identity *identity.Authenticator // nil: everybody is nobody
	charges  *charges
	vary     []string
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
	extensions, err := newExtensions(c.Schema, c.Extensions)
	if err != nil {
		return nil, err
	}
	c.Price.Count = c.Price.Count || c.Throttle.Limiter != nil || c.Door != nil
	d, err := newDoor(c, extensions)
	if err != nil {
		return nil, err
	}
	vary := []string{varyBy}
	if c.Compress {
		vary = []string{"Accept-Encoding", varyBy}
	}
	run := runner{
		limits: c.Limits, slots: slots, keepers: keepers{c.CacheControl}, door: d,
		executor: &executor{
			schema: c.Schema, extensions: extensions, observer: c.Observer, prices: prices{c.Price},
			attached: attached{open: c.Attach, trace: traceOf(c)}, causes: causes{c.Log, c.Observer},
		},
	}
	queries := run
	queries.queriesOnly = true
	return &endpoint{
		post:     post{run},
		get:      get{queries},
		csrf:     csrf,
		identity: c.Identity,
		charges:  &charges{Throttle: c.Throttle, log: c.Log},
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

// ServeHTTP lets a request in, and hands it to the transport that it came by.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	forbidContent(h)
	if more := h["Vary"]; len(more) == 0 {
		h["Vary"] = e.vary // shared: it is not changed
	} else {
		h["Vary"] = append(more, e.vary...)
	}
	if refused := e.csrf.check(r); refused != nil {
		writeRefusal(w, mediaOf(r), *refused)
		return
	}
	if refused := requestOf(r.Context()).identify(e.identity, r); refused != nil {
		if spent := e.charges.admitStranger(visitOf(w), r); spent != nil {
			refused = spent
		}
		writeRefusal(w, mediaOf(r), *refused)
		return
	}
	if refused := e.charges.admit(visitOf(w), r); refused != nil {
		writeRefusal(w, mediaOf(r), *refused)
		return
	}
	switch r.Method {
	case http.MethodPost:
		e.post.do(w, r)
	case http.MethodGet:
		e.get.do(w, r)
	default:
		writeRefusal(w, mediaOf(r), refusal{
			status:  http.StatusMethodNotAllowed,
			code:    CodeMethodNotAllowed,
			message: "send operations with POST, or queries with GET",
			allow:   "GET, POST",
		})
	}
}

// mediaOf is the media type of a refusal: there is one whatever the client accepts.
func mediaOf(r *http.Request) []string {
	if media := negotiate(r.Header["Accept"]); media != nil {
		return media
	}
	return mediaJSON
}
