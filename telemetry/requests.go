package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Bounds on the series that clients can make by naming operations, themselves and versions.
const (
	maxRequestSeries = 2000
	maxPriceSeries   = 200
)

type requestKey struct{ operation, client, version, code string }

type requestMetrics struct{ count prometheus.Counter }

func newRequestFamily(r *prometheus.Registry) *family[requestKey, requestMetrics] {
	count := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "backline_requests_total",
		Help: "Requests by operation, client, its version, and the code of what refused them (ok where nothing did).",
	}, []string{"operation", "client", "version", "code"})
	r.MustRegister(count)
	other := func(k requestKey) requestKey { return requestKey{otherLabel, otherLabel, otherLabel, k.code} }
	return newFamily(maxRequestSeries, other, func(k requestKey) *requestMetrics {
		return &requestMetrics{count.WithLabelValues(k.operation, k.client, k.version, k.code)}
	})
}

// Answered counts a request to the GraphQL endpoint once it is answered. The operation is "" for an
// anonymous one and for what did not become one; the client and its version are what the client says; the
// code is that of the error that stands for all data, "" if there is none.
func (t *Telemetry) Answered(operation, client, version, code string) {
	if code == "" {
		code = "ok"
	}
	t.metrics.requests.of(requestKey{operationLabel(operation), t.metrics.clients.label(client), versionLabel(version), code}).count.Inc()
}

type priceKey struct{ operation, client string }

type priceMetrics struct{ estimated, actual prometheus.Observer }

func newPriceFamily(r *prometheus.Registry) *family[priceKey, priceMetrics] {
	histogram := func(name, help string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: name, Help: help, Buckets: []float64{1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000},
		}, []string{"operation", "client"})
		r.MustRegister(h)
		return h
	}
	estimated := histogram("backline_price_estimated_points", "What operations that ran might have cost, by operation and client.")
	actual := histogram("backline_price_actual_points", "What they did cost, by operation and client.")
	other := func(priceKey) priceKey { return priceKey{otherLabel, otherLabel} }
	return newFamily(maxPriceSeries, other, func(k priceKey) *priceMetrics {
		return &priceMetrics{estimated.WithLabelValues(k.operation, k.client), actual.WithLabelValues(k.operation, k.client)}
	})
}

// Price observes what an operation that ran might have cost, and what it did cost, in points.
func (t *Telemetry) Price(operation, client string, estimated, actual float64) {
	m := t.metrics.prices.of(priceKey{operationLabel(operation), t.metrics.clients.label(client)})
	m.estimated.Observe(estimated)
	m.actual.Observe(actual)
}

type throttledKey struct{ client, plan string }

type throttledMetrics struct{ points prometheus.Counter }

func newThrottledFamily(r *prometheus.Registry) *family[throttledKey, throttledMetrics] {
	points := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "backline_throttled_points_total",
		Help: "Points that clients asked for and did not have, by client and plan.",
	}, []string{"client", "plan"})
	r.MustRegister(points)
	return newFamily(0, nil, func(k throttledKey) *throttledMetrics {
		return &throttledMetrics{points.WithLabelValues(k.client, k.plan)}
	})
}

// Throttled counts points that a client asked for and did not have.
func (t *Telemetry) Throttled(client, plan string, points float64) {
	t.metrics.throttled.of(throttledKey{t.metrics.clients.label(client), plan}).points.Add(points)
}
