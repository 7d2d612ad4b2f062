// Package e2e asks the whole server, from HTTP down to real shards, and compares the answers and
// the statements that they took with the goldens beside each query. Run with -update to write them.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"backline/gateway"
	"backline/gateway/limit"
	"backline/graph/cost"
	"backline/graph/rights"
	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/resolvers"
	"backline/store/seed"
	"backline/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// server is the whole of it on some number of shards.
type server struct {
	*storetest.Cluster
	handler http.Handler
	viewer  *rights.Viewer // who asks
}

// admin sees everything.
var admin = &rights.Viewer{Subject: "the tests", Scopes: []string{"admin"}, Via: rights.ViaKey}

// as is the server as somebody else meets it.
func (s *server) as(v *rights.Viewer) *server {
	other := *s
	other.viewer = v
	return &other
}

// start brings up shards with the demo catalogue.
func start(t *testing.T, shards int, executor resolvers.Executor, options ...storetest.Option) *server {
	t.Helper()
	c := storetest.NewCluster(t, shards, options...)
	target := seed.Target{Topology: c.Store.Topology(), Pools: c.Store.Pools()}
	if _, err := seed.Demo(t.Context(), target, seed.DemoOptions{Scale: 0.2}, nil); err != nil {
		t.Fatal(err)
	}
	return serve(t, c, executor)
}

// serve puts the server in front of shards that have their data.
func serve(t *testing.T, c *storetest.Cluster, executor resolvers.Executor) *server {
	t.Helper()
	return serveKeeping(t, c, executor, nil)
}

// serveKeeping is serve with a cache, if there is one.
func serveKeeping(t *testing.T, c *storetest.Cluster, executor resolvers.Executor, cache *fieldcache.Cache) *server {
	t.Helper()
	return serveWith(t, c, executor, &loaders.Options{Store: c.Store, Cache: cache, Alone: true})
}

// serveWith is serve with loaders of a kind.
func serveWith(t *testing.T, c *storetest.Cluster, executor resolvers.Executor, options *loaders.Options) *server {
	t.Helper()
	options.Quiet = 20 * time.Millisecond
	schema := resolvers.Executable(&resolvers.Resolver{}, executor)
	prices, err := cost.NewTable(schema.Schema())
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(gateway.Config{
		Schema:      schema,
		Attach:      func(ctx context.Context, trace bool) context.Context { return loaders.Attach(ctx, options, trace) },
		Trace:       func(ctx context.Context) any { return loaders.TraceOf(ctx) },
		Development: true,
		Price:       gateway.Price{Table: prices}, // without a maximum: these queries are to find what breaks
		Limits:      gateway.Limits{Timeout: 2 * time.Minute, Limits: limit.Limits{Tokens: 5000}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &server{c, g, admin}
}

// response is what a client gets.
type response struct {
	Data       json.RawMessage `json:"data"`
	Errors     []responseError `json:"errors"`
	Extensions struct {
		Backline *loaders.Trace `json:"backline"`
		Cost     *struct {
			Requested int  `json:"requestedQueryCost"`
			Actual    *int `json:"actualQueryCost"`
		} `json:"cost"`
	} `json:"extensions"`
}

type responseError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// ask sends a query; with trace the answer says what it took.
func (s *server) ask(t *testing.T, query string, variables any, trace bool) response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(rights.With(t.Context(), s.viewer), http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if trace {
		r.Header.Set("Backline-Trace", "1")
		r.Header.Set("GraphQL-Cost", "report")
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	var out response
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("the answer %q is no JSON: %v", w.Body, err)
	}
	return out
}

// into decodes the data of an answer that must have no errors.
func (r response) into(t *testing.T, v any) {
	t.Helper()
	if len(r.Errors) > 0 {
		t.Fatalf("errors: %v", r.messages())
	}
	if err := json.Unmarshal(r.Data, v); err != nil {
		t.Fatal(err)
	}
}

func (r response) messages() string {
	var out []string
	for _, e := range r.Errors {
		out = append(out, e.Message)
	}
	return strings.Join(out, "; ")
}
