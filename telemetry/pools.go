package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Pool is the state of one connection pool.
type Pool struct {
	Shard string
	Role  string // "primary" or "replica"
	// Connections: how many there may be, are, are in use, and wait for use.
	Max, Total, InUse, Idle int
	// Counts since the start: acquisitions, those that had to wait, those whose caller gave up.
	Acquired, Waited, Abandoned int64
	// WaitTime is what all acquisitions together waited.
	WaitTime time.Duration
}

// ObservePools adds the pools to the metrics. The function is called at every scrape, from any
// goroutine; each pool is named once by shard and role. Call ObservePools once.
func (t *Telemetry) ObservePools(pools func() []Pool) {
	t.metrics.registry.MustRegister(newPoolCollector(pools))
}

// poolCollector reads the pools when it is asked.
type poolCollector struct {
	pools                                  func() []Pool
	most, connections                      *prometheus.Desc
	acquired, waited, abandoned, waitTimes *prometheus.Desc
}

func newPoolCollector(pools func() []Pool) *poolCollector {
	desc := func(name, help string, more ...string) *prometheus.Desc {
		return prometheus.NewDesc("backline_pool_"+name, help, append([]string{"shard", "role"}, more...), nil)
	}
	return &poolCollector{
		pools:       pools,
		most:        desc("connections_max", "Connections that a pool may have."),
		connections: desc("connections", "Connections of a pool, by state (in_use, idle, opening).", "state"),
		acquired:    desc("acquired_total", "Times that a connection was taken from a pool."),
		waited:      desc("waited_total", "Times that a connection was not there at once."),
		abandoned:   desc("abandoned_total", "Times that a caller gave up waiting."),
		waitTimes:   desc("wait_seconds_total", "Time that callers spent on taking a connection."),
	}
}

func (c *poolCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.most, c.connections, c.acquired, c.waited, c.abandoned, c.waitTimes} {
		ch <- d
	}
}

func (c *poolCollector) Collect(ch chan<- prometheus.Metric) {
	for _, p := range c.pools() {
		gauge := func(d *prometheus.Desc, v int, more ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), append([]string{p.Shard, p.Role}, more...)...)
		}
		counter := func(d *prometheus.Desc, v float64) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, p.Shard, p.Role)
		}
		gauge(c.most, p.Max)
		gauge(c.connections, p.InUse, "in_use")
		gauge(c.connections, p.Idle, "idle")
		gauge(c.connections, max(p.Total-p.InUse-p.Idle, 0), "opening")
		counter(c.acquired, float64(p.Acquired))
		counter(c.waited, float64(p.Waited))
		counter(c.abandoned, float64(p.Abandoned))
		counter(c.waitTimes, p.WaitTime.Seconds())
	}
}
