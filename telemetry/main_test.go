package telemetry_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"backline/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBroken = errors.New("connection reset")

// setup builds a Telemetry without spans, and the buffer that it logs to.
func setup(t *testing.T) (*telemetry.Telemetry, *bytes.Buffer) {
	t.Helper()
	return start(t, telemetry.Options{})
}

// setupSpans builds one whose spans can be read.
func setupSpans(t *testing.T) (*telemetry.Telemetry, *tracetest.InMemoryExporter) {
	t.Helper()
	spans := tracetest.NewInMemoryExporter()
	tel, _ := start(t, telemetry.Options{Spans: keep{spans}})
	return tel, spans
}

func start(t *testing.T, o telemetry.Options) (*telemetry.Telemetry, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	o.Out, o.Level, o.Version = &out, slog.LevelDebug, "1.2.3"
	tel, err := telemetry.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return tel, &out
}

// scrape is what Prometheus reads.
func scrape(t *testing.T, tel *telemetry.Telemetry) string {
	t.Helper()
	w := httptest.NewRecorder()
	tel.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("scrape: %d %s", w.Code, w.Body.String())
	}
	return w.Body.String()
}
