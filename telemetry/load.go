package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Load is how much the server does at the moment.
type Load struct {
	Running, Waiting int  // operations
	Alone            bool // throttling goes on without Redis
}

// ObserveLoad adds the load to the metrics. The function is called at every scrape, from any goroutine.
// Call ObserveLoad once.
func (t *Telemetry) ObserveLoad(load func() Load) {
	gauge := func(name, help string, of func(Load) float64) {
		t.metrics.registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return of(load()) }))
	}
	gauge("backline_operations_running", "Operations that run.", func(l Load) float64 { return float64(l.Running) })
	gauge("backline_operations_waiting", "Operations that wait for others to end.", func(l Load) float64 { return float64(l.Waiting) })
	gauge("backline_throttle_alone", "1 while clients' budgets are this instance's own, because Redis does not answer.", func(l Load) float64 {
		if l.Alone {
			return 1
		}
		return 0
	})
}
