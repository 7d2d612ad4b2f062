package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// maxOperationName bounds one label value.
const maxOperationName = 64

type operationKey struct{ kind, name, outcome string }

// operationMetrics are the children of one operation and outcome.
type operationMetrics struct{ duration prometheus.Observer }

func newOperationFamily(r *prometheus.Registry) *family[operationKey, operationMetrics] {
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "backline_operation_duration_seconds",
		Help:    "From a validated operation to its complete response, by type, name and outcome (ok, partial, error).",
		Buckets: latency(0.001, 4),
	}, []string{"type", "name", "outcome"})
	r.MustRegister(duration)
	other := func(k operationKey) operationKey { return operationKey{k.kind, otherLabel, k.outcome} }
	return newFamily(maxOperationNames, other, func(k operationKey) *operationMetrics {
		return &operationMetrics{duration.WithLabelValues(k.kind, k.name, k.outcome)}
	})
}

// errorMetrics is the child of one code.
type errorMetrics struct{ count prometheus.Counter }

func newErrorFamily(r *prometheus.Registry) *family[string, errorMetrics] {
	count := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "backline_errors_total",
		Help: "Errors in responses, by code.",
	}, []string{"code"})
	r.MustRegister(count)
	return newFamily(maxErrorCodes, func(string) string { return otherLabel }, func(code string) *errorMetrics {
		return &errorMetrics{count.WithLabelValues(code)}
	})
}

// OperationStart opens the span of an operation.
func (t *Telemetry) OperationStart(ctx context.Context, kind, name string) context.Context {
	if t.tracer == nil {
		return ctx
	}
	ctx, _ = t.tracer.Start(ctx, kind, trace.WithAttributes( // not the name: clients choose it
		attribute.String("graphql.operation.type", kind),
		attribute.String("graphql.operation.name", name)))
	return ctx
}

// OperationEnd ends it and counts it.
func (t *Telemetry) OperationEnd(ctx context.Context, kind, name, outcome string, took time.Duration) {
	t.metrics.operations.of(operationKey{kind, operationLabel(name), outcome}).duration.Observe(seconds(took))
	if t.tracer == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(attribute.String("backline.outcome", outcome))
	if outcome == "error" {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// Error counts an error that a client receives.
func (t *Telemetry) Error(code string) { t.metrics.errors.of(code).count.Inc() }

// operationLabel is what the name of an operation is counted as.
func operationLabel(name string) string {
	switch {
	case name == "":
		return "anonymous"
	case len(name) > maxOperationName:
		return otherLabel
	}
	return name
}
