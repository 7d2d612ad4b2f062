package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Bounds on label values that clients can choose. Beyond them it is "other".
const (
	maxOperationNames = 200
	maxErrorCodes     = 100
	otherLabel        = "other"
)

// metrics are the registry and the label children of everything that is counted on a query's way.
type metrics struct {
	registry    *prometheus.Registry
	operations  *family[operationKey, operationMetrics]
	errors      *family[string, errorMetrics]
	documents   *family[string, documentMetrics]
	denials     *family[string, denialMetrics]
	batches     *family[nameOutcome, batchMetrics]
	statements  *family[nameOutcome, statementMetrics]
	clients     *clients
	requests    *family[requestKey, requestMetrics]
	prices      *family[priceKey, priceMetrics]
	throttled   *family[throttledKey, throttledMetrics]
	uses        *uses
	cache       *cacheMetrics
	feeds       *family[string, feedMetrics]
	feedFlushes *family[flushKey, countMetrics]
}

func newMetrics(b build, clientNames []string) *metrics {
	registry := prometheus.NewRegistry()
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "backline_build_info",
		Help: "1, with what is running as labels.",
	}, []string{"version", "revision", "go"})
	info.WithLabelValues(b.version, b.revision, b.goVersion).Set(1)
	registry.MustRegister(info,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	clients := newClients(clientNames)
	return &metrics{
		registry:    registry,
		operations:  newOperationFamily(registry),
		errors:      newErrorFamily(registry),
		documents:   newDocumentFamily(registry),
		denials:     newDenialFamily(registry),
		batches:     newBatchFamily(registry),
		statements:  newStatementFamily(registry),
		clients:     clients,
		requests:    newRequestFamily(registry),
		prices:      newPriceFamily(registry),
		throttled:   newThrottledFamily(registry),
		uses:        newUses(registry, clients),
		cache:       newCacheMetrics(registry),
		feeds:       newFeedFamily(registry),
		feedFlushes: newFeedFlushFamily(registry),
	}
}

// latency gives histogram bounds in seconds, from least on, three to a decade.
func latency(least float64, decades int) []float64 {
	bounds := make([]float64, 0, 3*decades+1)
	for range decades {
		bounds = append(bounds, least, least*2.5, least*5)
		least *= 10
	}
	return append(bounds, least)
}
