package gateway

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"golang.org/x/sync/singleflight"

	"backline/gateway/identity"
	"backline/gateway/limit"
	"backline/gateway/persisted"
	"backline/graph/cachecontrol"
)

// Config is what the gateway needs from the parts that it does not know.
type Config struct {
	// Schema runs the operations. Required.
	Schema graphql.ExecutableSchema
	// Extensions are those of gqlgen: interceptors of operations, responses and fields, and mutators. The
	// first stands outermost, and all of them inside of what the gateway itself does.
	Extensions []graphql.HandlerExtension
	// Attach gives the context of each response what its resolvers find there: fresh loaders,
	// which record what they do where trace is set. Nil attaches nothing.
	Attach func(ctx context.Context, trace bool) context.Context
	// Trace describes the batches and statements of the response whose attached context it gets,
	// as a value that encoding/json can write: extensions.backline. It is asked once the response
	// is complete, in development, when the request carries "Backline-Trace: 1". Nil: there is no
	// such extension.
	Trace func(ctx context.Context) any
	// Ready tells whether requests can be answered now. Only what a [ClientError] says reaches
	// the caller of /health/ready. Nil: always ready.
	Ready func(ctx context.Context) error
	// Details are what /health/ready adds about parts that can be away without making it DOWN, while they
	// are not whole or somebody asks with ?verbose: values that encoding/json can write, and that anybody
	// may read. Nil: nothing.
	Details func() (details map[string]any, whole bool)
	// Playground answers every path that is not the gateway's own. Nil: 404.
	Playground http.Handler
	// Identity finds out who asks, after the rules for other sites and before the body is read. Nil:
	// everybody is nobody.
	Identity *identity.Authenticator
	// SignIn answers below /dev/, in development only: it hands out tokens. Nil: nothing does.
	SignIn http.Handler
	// Development allows what helps an engineer and an attacker alike: introspection,
	// suggestions in validation errors, the trace extension.
	Development bool
	// Log receives what clients must not see. Nil discards it.
	Log *slog.Logger
	// Observer watches requests and operations. Nil: nobody does.
	Observer Observer
	// NewRequestID makes the id of a request that came without one. Nil: 128 random bits.
	NewRequestID func() string
	// Limits bound what one request may cost. A zero field takes its default.
	Limits Limits
	// Documents are those that requests name by their ids. Zero: none.
	Documents Documents
	// Price prices operations before they run. Zero: they have no price.
	Price Price
	// CacheControl says how long answers may be kept on their way. Nil: not at all.
	CacheControl *cachecontrol.Table
	// Throttle says what each client may spend. Zero: as much as it likes.
	Throttle Throttle
	// Load bounds how many operations run at a time. Zero: no bound.
	Load Load
	// Door watches who comes and what becomes of them. Nil: nobody does.
	Door DoorObserver
	// CORS says which other sites may use /graphql from a browser. Zero: none.
	CORS CORS
	// Compress answers with Brotli or gzip where a client reads it. Leave it to a proxy if there is one.
	Compress bool
}

// Limits bound what one request may cost before and while it runs. A zero field takes its default.
type Limits struct {
	// Limits bound documents and their variables.
	limit.Limits
	// BodyBytes bounds the request body. Default 128 KiB.
	BodyBytes int64
	// Documents is how many parsed and validated documents are kept; of a longer one, each KiB counts
	// as one. Default 1,000.
	Documents int
	// Timeout is the deadline of a request, from its headers to its last resolver. Default 3 s.
	Timeout time.Duration
	// ResponseBytes bounds the body of an answer before it is compressed. Negative: no bound.
	// Default 5 MiB.
	ResponseBytes int
	// Errors bounds the errors in an answer; the last one tells how many more there are. Negative: no
	// bound. Default 5.
	Errors int
}

func (l Limits) withDefaults() Limits {
	l.Limits = l.Limits.WithDefaults()
	if l.BodyBytes == 0 {
		l.BodyBytes = 128 << 10
	}
	if l.Documents == 0 {
		l.Documents = 1000
	}
	if l.Timeout == 0 {
		l.Timeout = 3 * time.Second
	}
	l.ResponseBytes = orDefault(l.ResponseBytes, 5<<20)
	l.Errors = orDefault(l.Errors, 5)
	return l
}

// orDefault reads a field in which zero means the default, and a negative number no bound.
func orDefault(n, initial int) int {
	switch {
	case n == 0:
		return initial
	case n < 0:
		return math.MaxInt
	default:
		return n
	}
}

// Documents says which documents requests may name, and whether they may have others. Its log is that
// of the gateway.
type Documents struct {
	persisted.Config
	// ExceedLimits lets documents of the manifest exceed the limits of documents. Those of arguments
	// and variables hold for them too.
	ExceedLimits bool
}

// Observer watches requests and operations, for metrics and traces. The telemetry package is one.
type Observer interface {
	// Request wraps the GraphQL endpoint, for the span of a request.
	Request(next http.Handler) http.Handler
	// OperationStart is told of an operation that is about to run. The kind is query, mutation
	// or subscription; the name is empty for an anonymous operation. The context it returns is
	// the one of the operation.
	OperationStart(ctx context.Context, kind, name string) context.Context
	// OperationEnd is told how it ended: OutcomeOK, OutcomePartial or OutcomeError.
	OperationEnd(ctx context.Context, kind, name, outcome string, took time.Duration)
	// Error is told of each error that a client receives.
	Error(code string)
	// Document is told where the document of an operation was found: DocumentText and so on.
	Document(source string)
}

// Outcomes of an operation.
const (
	OutcomeOK      = "ok"      // data and no error
	OutcomePartial = "partial" // data beside errors
	OutcomeError   = "error"   // no data at all
)

// Gateway is the handler of the public listener.
type Gateway struct {
	handler  http.Handler
	slots    *slots
	ready    func(ctx context.Context) error
	details  func() (details map[string]any, whole bool) // may be nil
	log      *slog.Logger
	draining atomic.Bool
	down     atomic.Bool // what the last readiness check said, so that only changes are logged
	checks   singleflight.Group
	watch    func(ctx context.Context, tick <-chan time.Time)
}

// New builds the gateway.
func New(c Config) (*Gateway, error) {
	if c.Schema == nil {
		return nil, errors.New("build gateway: a schema is required")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.NewRequestID == nil {
		c.NewRequestID = newRequestID
	}
	c.Limits = c.Limits.withDefaults()
	slots := newSlots(c.Load)
	e, err := newEndpoint(c, slots)
	if err != nil {
		return nil, err
	}
	g := &Gateway{ready: c.Ready, details: c.Details, log: c.Log, slots: slots, watch: e.post.door.persisted.Watch}
	mux := http.NewServeMux()
	mux.Handle(endpointPath, e.withMiddleware(c))
	mux.HandleFunc("GET /health/live", g.serveLive)
	mux.HandleFunc("GET /health/ready", g.serveReady)
	if c.SignIn != nil && c.Development {
		mux.Handle("/dev/", withDocumentHeaders(c.SignIn))
	}
	if c.Playground != nil {
		mux.Handle("/", withDocumentHeaders(c.Playground))
	}
	g.handler = withRequest(c.NewRequestID, c.Limits.Timeout, withRecover(c.Log, withSecurityHeaders(mux)))
	return g, nil
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.handler.ServeHTTP(w, r) }

// Drain makes /health/ready answer 503 from now on, so that no new traffic is sent here. Requests
// are still answered.
func (g *Gateway) Drain() { g.draining.Store(true) }

// Load is how much there is to do at the moment. Where Config.Load has no bound nothing is counted.
func (g *Gateway) Load() Doing { return g.slots.doing() }
