package telemetry

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// startTracing builds the tracer, if anybody collects its spans. Sampling, batching and the
// exporter's protocol are as the OTEL_ environment says.
func (t *Telemetry) startTracing(ctx context.Context, o Options, b build) error {
	exporter := o.Spans
	if exporter == nil {
		if !spansWanted(os.Getenv) {
			return nil
		}
		var err error
		if exporter, err = autoexport.NewSpanExporter(ctx); err != nil {
			return fmt.Errorf("start the trace exporter: %w", err)
		}
		// The SDK reports a collector that is away to a handler of the whole process, which by
		// default is the standard logger.
		otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
			t.Log.Warn("traces are not exported", "err", err)
		}))
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(
			attribute.String("service.name", cmp.Or(o.ServiceName, "backline")),
			attribute.String("service.version", b.version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv())
	if err != nil {
		return fmt.Errorf("describe the service for traces: %w", err)
	}
	t.provider = sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	t.tracer = t.provider.Tracer("backline")
	t.propagator = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
	return nil
}

// spansWanted reports whether the standard environment names an exporter. The SDK would otherwise
// try a collector on localhost.
func spansWanted(getenv func(string) string) bool {
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") {
		return false
	}
	switch getenv("OTEL_TRACES_EXPORTER") {
	case "none":
		return false
	case "", "otlp":
		return getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	default:
		return true
	}
}

// Request wraps the handler of GraphQL requests in a span, a child of the caller's if there is one.
func (t *Telemetry) Request(next http.Handler) http.Handler {
	if t.tracer == nil {
		return next
	}
	return otelhttp.NewHandler(next, "graphql",
		otelhttp.WithTracerProvider(t.provider),
		otelhttp.WithPropagators(t.propagator),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + r.URL.Path }))
}

// fail marks a span as failed. Spans stay inside, so they may carry the cause.
func fail(span trace.Span, err error) {
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
}
