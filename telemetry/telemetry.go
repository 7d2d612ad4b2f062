package telemetry

import (
	"context"
	"io"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options say who reports, and how.
type Options struct {
	// ServiceName is the service.name of traces, unless OTEL_SERVICE_NAME says otherwise.
	ServiceName string
	// Version is the server's own; "" takes what the build recorded.
	Version string
	// Log is the format of log lines: "text", "json", or "auto" (or ""), which is text on a
	// terminal and JSON elsewhere.
	Log string
	// Level is the least level that is logged. The zero value is slog.LevelInfo.
	Level slog.Level
	// Out receives the log lines. Required.
	Out io.Writer
	// ClientNames are the clients that metrics tell apart. Empty: the first 30 that come.
	ClientNames []string
	// Spans receives the spans. Nil: whatever the OTEL_ environment asks for, and nothing if it
	// asks for nothing.
	Spans sdktrace.SpanExporter
}

// Telemetry is the logger, the tracer and the metrics of one server.
type Telemetry struct {
	// Log is the logger that every package is given.
	Log *slog.Logger

	options    Options
	metrics    *metrics
	tracer     trace.Tracer // nil: nobody collects spans
	provider   *sdktrace.TracerProvider
	propagator propagation.TextMapPropagator
}

// New starts the exporter, if there is one. End it with Shutdown.
func New(ctx context.Context, o Options) (*Telemetry, error) {
	build := readBuild(o.Version)
	t := &Telemetry{
		Log:     newLogger(o),
		options: o,
		metrics: newMetrics(build, o.ClientNames),
	}
	if err := t.startTracing(ctx, o, build); err != nil {
		return nil, err
	}
	return t, nil
}

// Shutdown sends the spans that are still waiting, at most until ctx ends.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t.provider == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// seconds is the unit of every duration in metrics.
func seconds(d time.Duration) float64 { return d.Seconds() }
