package telemetry

import "github.com/prometheus/client_golang/prometheus"

// documentMetrics is the child of one source.
type documentMetrics struct{ count prometheus.Counter }

func newDocumentFamily(r *prometheus.Registry) *family[string, documentMetrics] {
	count := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "backline_documents_total",
		Help: "Operations by where their document was found: in the request (text), kept from another request (kept), in the manifest (listed), or in the request although it should be in the manifest (unlisted).",
	}, []string{"source"})
	r.MustRegister(count)
	return newFamily(0, nil, func(source string) *documentMetrics { return &documentMetrics{count.WithLabelValues(source)} })
}

// Document counts where the document of an operation was found.
func (t *Telemetry) Document(source string) { t.metrics.documents.of(source).count.Inc() }
