package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"backline/telemetry"
)

// Spans of one request: two loaders in one wave, as the loaders start and end them, over two shards.
func TestSpans(t *testing.T) {
	t.Parallel()
	tel, spans := setupSpans(t)
	handler := tel.Request(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		op := tel.OperationStart(r.Context(), "query", "Q")
		batches := map[string]context.Context{ // a wave's batches leave together
			"AlbumsByArtistID": tel.BatchStart(op, "AlbumsByArtistID", 50),
			"GenreByID":        tel.BatchStart(op, "GenreByID", 7),
		}
		for statement, batch := range batches {
			for _, shard := range []string{"0", "1"} {
				s := tel.StatementStart(batch, shard, statement)
				var err error
				if statement == "GenreByID" && shard == "1" {
					err = errBroken
				}
				tel.StatementEnd(s, shard, statement, 12, time.Millisecond, err)
			}
		}
		tel.BatchEnd(batches["AlbumsByArtistID"], "AlbumsByArtistID", 50, time.Millisecond, nil)
		tel.BatchEnd(batches["GenreByID"], "GenreByID", 7, time.Millisecond, errBroken)
		tel.OperationEnd(op, "query", "Q", "partial", time.Millisecond)
	}))
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	parents := map[string]string{
		"POST /graphql":          "",
		"query":                  "POST /graphql",
		"batch AlbumsByArtistID": "query",
		"batch GenreByID":        "query",
		"AlbumsByArtistID on 0":  "batch AlbumsByArtistID",
		"AlbumsByArtistID on 1":  "batch AlbumsByArtistID",
		"GenreByID on 0":         "batch GenreByID",
		"GenreByID on 1":         "batch GenreByID",
	}
	names := map[string]string{}
	for _, s := range spans.GetSpans() {
		names[s.SpanContext.SpanID().String()] = s.Name
	}
	if len(spans.GetSpans()) != len(parents) {
		t.Errorf("%d spans: %v", len(spans.GetSpans()), names)
	}
	for _, s := range spans.GetSpans() {
		want, known := parents[s.Name]
		if !known || names[s.Parent.SpanID().String()] != want {
			t.Errorf("%s is below %q, want %q", s.Name, names[s.Parent.SpanID().String()], want)
		}
		if s.SpanContext.TraceID().String() != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("%s is of another trace", s.Name)
		}
		failed := s.Name == "GenreByID on 1" || s.Name == "batch GenreByID"
		if (s.Status.Code == codes.Error) != failed {
			t.Errorf("%s has status %v", s.Name, s.Status)
		}
	}
}

// Without tracing a request is not wrapped, and nothing is sent anywhere.
func TestNoTracing(t *testing.T) {
	t.Parallel()
	tel, _ := setup(t)
	next := &handler{}
	if tel.Request(next) != http.Handler(next) {
		t.Error("the handler is wrapped")
	}
	if ctx := t.Context(); tel.BatchStart(ctx, "Tracks", 1) != ctx {
		t.Error("the context is wrapped")
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

type handler struct{}

func (*handler) ServeHTTP(http.ResponseWriter, *http.Request) {}

// keep lets spans be read after the shutdown.
type keep struct{ *tracetest.InMemoryExporter }

func (keep) Shutdown(context.Context) error { return nil }

var _ interface {
	StatementStart(ctx context.Context, shard, statement string) context.Context
	StatementEnd(ctx context.Context, shard, statement string, rows int, took time.Duration, err error)
	BatchStart(ctx context.Context, loader string, keys int) context.Context
	BatchEnd(ctx context.Context, loader string, keys int, took time.Duration, err error)
} = (*telemetry.Telemetry)(nil)
