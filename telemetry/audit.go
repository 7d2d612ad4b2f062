package telemetry

import (
	"io"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// AuditLog is the logger of the audit log: it writes every line, whatever the level of the other log,
// with the ids of request and trace, and marked so that a collector finds it among others. It writes
// JSON to file, or with nil where the other log goes, in its format.
func (t *Telemetry) AuditLog(file io.Writer) *slog.Logger {
	o := Options{Out: file, Log: "json"}
	if file == nil {
		o = Options{Out: t.options.Out, Log: t.options.Log}
	}
	return newLogger(o).With("audit", true)
}

// denialMetrics is the child of one coordinate. The schema bounds their number.
type denialMetrics struct{ count prometheus.Counter }

func newDenialFamily(r *prometheus.Registry) *family[string, denialMetrics] {
	count := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "backline_denials_total",
		Help: "What viewers were not given: fields, and rows of types, by coordinate; once for a batch.",
	}, []string{"coordinate"})
	r.MustRegister(count)
	return newFamily(0, nil, func(coordinate string) *denialMetrics {
		return &denialMetrics{count.WithLabelValues(coordinate)}
	})
}

// Denied counts a denial of a type or a field.
func (t *Telemetry) Denied(coordinate string) { t.metrics.denials.of(coordinate).count.Inc() }
