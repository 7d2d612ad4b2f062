package telemetry

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// feedMetrics are the children of one shard's change feed.
type feedMetrics struct {
	changes prometheus.Counter
	delay   prometheus.Observer
}

func newFeedFamily(r *prometheus.Registry) *family[string, feedMetrics] {
	changes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "backline_feed_changes_total",
		Help: "Changed rows that this process read from a shard's WAL and passed on, by shard.",
	}, []string{"shard"})
	delay := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "backline_feed_delay_seconds",
		Help:    "From the first commit of a batch of changes until the caches had it, by shard; of the shards that this process reads.",
		Buckets: latency(0.0001, 5),
	}, []string{"shard"})
	r.MustRegister(changes, delay)
	return newFamily(0, nil, func(shard string) *feedMetrics {
		return &feedMetrics{changes.WithLabelValues(shard), delay.WithLabelValues(shard)}
	})
}

// flushKey is a shard, and why its caches were flushed.
type flushKey struct{ shard, reason string }

func newFeedFlushFamily(r *prometheus.Registry) *family[flushKey, countMetrics] {
	count := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "backline_feed_flushes_total",
		Help: "Times that changes of a shard may have been missed and caches were flushed, by shard and reason.",
	}, []string{"shard", "reason"})
	r.MustRegister(count)
	return newFamily(0, nil, func(k flushKey) *countMetrics {
		return &countMetrics{count.WithLabelValues(k.shard, k.reason)}
	})
}

// FeedState is told when the state of a shard's feed changes. ObserveFeeds has it at every scrape, and
// the log has the errors.
func (t *Telemetry) FeedState(string, string, error) {}

// FeedApplied counts changes that the caches have heard of.
func (t *Telemetry) FeedApplied(shard string, changes int, lag time.Duration) {
	m := t.metrics.feeds.of(shard)
	m.changes.Add(float64(changes))
	m.delay.Observe(seconds(lag))
}

// FeedFlushed counts that caches were flushed.
func (t *Telemetry) FeedFlushed(shard, reason string) {
	t.metrics.feedFlushes.of(flushKey{shard, reason}).count.Inc()
}

// FeedLag is told of what ObserveFeeds has at every scrape.
func (t *Telemetry) FeedLag(string, int64, time.Duration) {}

// Feed is how the change feed of one shard is, as this process knows.
type Feed struct {
	Shard, State string
	// Heard says that changes are read by some process, and without much delay.
	Heard bool
	// LagBytes of WAL wait to be read, the oldest for Lag. KeptBytes are kept on the disk for the feed,
	// and SafeBytes may still be written before Postgres gives it up; below 0: there is no limit.
	LagBytes, KeptBytes, SafeBytes int64
	Lag                            time.Duration
}

// ObserveFeeds adds the change feeds to the metrics. The function is called at every scrape, from any
// goroutine; each shard is named once. Call ObserveFeeds once.
func (t *Telemetry) ObserveFeeds(feeds func() []Feed) {
	t.metrics.registry.MustRegister(newFeedCollector(feeds))
}

// feedCollector reads the feeds when it is asked.
type feedCollector struct {
	feeds                                       func() []Feed
	state, heard, lagBytes, lag, kept, safeLeft *prometheus.Desc
}

func newFeedCollector(feeds func() []Feed) *feedCollector {
	desc := func(name, help string, more ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, append([]string{"shard"}, more...), nil)
	}
	return &feedCollector{
		feeds:    feeds,
		state:    desc("backline_feed_state", "1 for the state of a shard's change feed in this process (connecting, standby, preparing, reading, failing, unavailable).", "state"),
		heard:    desc("backline_feed_heard", "1 while the changes of a shard are read by some process, and without much delay."),
		lagBytes: desc("backline_feed_lag_bytes", "WAL of a shard that waits to be read."),
		lag:      desc("backline_feed_lag_seconds", "For how long the oldest of it has waited."),
		kept:     desc("backline_feed_wal_kept_bytes", "WAL that a shard keeps on its disk for the feed."),
		safeLeft: desc("backline_feed_wal_safe_bytes", "WAL that a shard can still write before it gives the feed up; +Inf where there is no limit."),
	}
}

func (c *feedCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.state, c.heard, c.lagBytes, c.lag, c.kept, c.safeLeft} {
		ch <- d
	}
}

func (c *feedCollector) Collect(ch chan<- prometheus.Metric) {
	for _, f := range c.feeds() {
		gauge := func(d *prometheus.Desc, v float64, more ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{f.Shard}, more...)...)
		}
		gauge(c.state, 1, f.State)
		gauge(c.heard, truth(f.Heard))
		gauge(c.lagBytes, float64(f.LagBytes))
		gauge(c.lag, seconds(f.Lag))
		gauge(c.kept, float64(f.KeptBytes))
		safe := float64(f.SafeBytes)
		if f.SafeBytes < 0 {
			safe = math.Inf(1)
		}
		gauge(c.safeLeft, safe)
	}
}
