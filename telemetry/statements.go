package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// statementMetrics are the children of one shard and outcome.
type statementMetrics struct {
	rows     prometheus.Counter
	duration prometheus.Observer
}

func newStatementFamily(r *prometheus.Registry) *family[nameOutcome, statementMetrics] {
	rows := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "backline_statement_rows_total",
		Help: "Rows that statements returned, by shard.",
	}, []string{"shard"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "backline_statement_duration_seconds",
		Help:    "From sending a statement to its last row, by shard and outcome (ok, error, timeout, cancelled).",
		Buckets: latency(0.0001, 5),
	}, []string{"shard", "outcome"})
	r.MustRegister(rows, duration)
	return newFamily(0, nil, func(k nameOutcome) *statementMetrics {
		return &statementMetrics{rows.WithLabelValues(k.name), duration.WithLabelValues(k.name, k.outcome.String())}
	})
}

// StatementStart opens the span of a statement on a shard, below the batch that it is part of.
func (t *Telemetry) StatementStart(ctx context.Context, shard, statement string) context.Context {
	if t.tracer == nil {
		return ctx
	}
	ctx, _ = t.tracer.Start(ctx, statement+" on "+shard,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("db.system.name", "postgresql"),
			attribute.String("db.query.summary", statement),
			attribute.String("backline.shard", shard)))
	return ctx
}

// StatementEnd ends it and counts it.
func (t *Telemetry) StatementEnd(ctx context.Context, shard, _ string, rows int, took time.Duration, err error) {
	m := t.metrics.statements.of(nameOutcome{shard, outcomeOf(err)})
	m.rows.Add(float64(rows))
	m.duration.Observe(seconds(took))
	if t.tracer == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(attribute.Int("db.response.returned_rows", rows))
	fail(span, err)
	span.End()
}
