package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// nameOutcome is a loader or a shard, and how something ended there.
type nameOutcome struct {
	name    string
	outcome outcome
}

// batchMetrics are the children of one loader and outcome.
type batchMetrics struct{ keys, duration prometheus.Observer }

func newBatchFamily(r *prometheus.Registry) *family[nameOutcome, batchMetrics] {
	keys := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "backline_batch_keys",
		Help:    "Keys of one batch, by loader.",
		Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000},
	}, []string{"loader"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "backline_batch_duration_seconds",
		Help:    "From the dispatch of a batch to its last answer, by loader and outcome (ok, error, timeout, cancelled).",
		Buckets: latency(0.0001, 5),
	}, []string{"loader", "outcome"})
	r.MustRegister(keys, duration)
	return newFamily(0, nil, func(k nameOutcome) *batchMetrics {
		return &batchMetrics{keys.WithLabelValues(k.name), duration.WithLabelValues(k.name, k.outcome.String())}
	})
}

// BatchStart opens the span of a batch; the statements of the batch are started on the context that
// it returns.
func (t *Telemetry) BatchStart(ctx context.Context, loader string, keys int) context.Context {
	if t.tracer == nil {
		return ctx
	}
	ctx, _ = t.tracer.Start(ctx, "batch "+loader, trace.WithAttributes(
		attribute.String("backline.loader", loader),
		attribute.Int("backline.keys", keys)))
	return ctx
}

// BatchEnd ends it and counts it.
func (t *Telemetry) BatchEnd(ctx context.Context, loader string, keys int, took time.Duration, err error) {
	m := t.metrics.batches.of(nameOutcome{loader, outcomeOf(err)})
	m.keys.Observe(float64(keys))
	m.duration.Observe(seconds(took))
	if t.tracer == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	fail(span, err)
	span.End()
}
