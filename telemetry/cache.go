package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// FieldCache is the observer of the field cache. Its spaces are entities and fields of the schema, which
// bounds their number.
type FieldCache struct{ m *cacheMetrics }

// FieldCache gives the observer of the field cache.
func (t *Telemetry) FieldCache() FieldCache { return FieldCache{t.metrics.cache} }

type cacheMetrics struct {
	spaces    *family[string, spaceMetrics]
	calls     *family[callKey, callMetrics]
	flushes   *family[string, countMetrics] // by reason
	dropped   *family[string, countMetrics] // by work
	available *family[string, countMetrics] // "away" or "back"
}

// spaceMetrics are the children of one space.
type spaceMetrics struct {
	local, redis, stale, joined, misses  prometheus.Counter
	filled, bytes, leasesLost            prometheus.Counter
	refreshed, refreshesFailed           prometheus.Counter
	discarded, staleIfError, invalidated prometheus.Counter
}

type callKey struct {
	call   string
	failed bool
}

type callMetrics struct{ duration prometheus.Observer }

type countMetrics struct{ count prometheus.Counter }

// maxReasons bounds the reasons of flushes, which are a few sentences of the cache and of the feed.
const maxReasons = 30

func newCacheMetrics(r *prometheus.Registry) *cacheMetrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	lookups := counter("backline_cache_lookups_total", "Values that were looked up, by space and by where they were found: local (in the process), redis, stale (either, after their time), joined (on their way for another response), miss.", "space", "result")
	filled := counter("backline_cache_fills_total", "Values that were written to Redis, by space.", "space")
	bytes := counter("backline_cache_filled_bytes_total", "Bytes that were written to Redis, by space.", "space")
	lost := counter("backline_cache_leases_lost_total", "Values that were not written, because they were invalidated or loaded by another process while they were read, by space.", "space")
	refreshes := counter("backline_cache_refreshes_total", "Values that were loaded before they were asked for, by space and outcome (ok, error).", "space", "outcome")
	discarded := counter("backline_cache_discarded_total", "Values in Redis that could not be read, by space.", "space")
	rescued := counter("backline_cache_stale_if_error_total", "Values that were served after their time because loading them failed, by space.", "space")
	invalidations := counter("backline_cache_invalidations_total", "Invalidations that this process heard, by space (* for all of them).", "space")
	calls := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "backline_cache_call_duration_seconds",
		Help:    "One call of the cache to Redis, by call (read, lease, fill, keep) and outcome (ok, error).",
		Buckets: latency(0.0001, 4),
	}, []string{"call", "outcome"})
	r.MustRegister(calls)
	flushes := counter("backline_cache_local_flushes_total", "Times that the process forgot all values, by reason.", "reason")
	dropped := counter("backline_cache_dropped_total", "Values of which a fill or a refresh was left undone, and calls for a lookup, because too many were waiting, by work.", "work")
	changes := counter("backline_cache_redis_changes_total", "Times that Redis went away and came back, as the cache sees it.", "to")
	count := func(most int, v *prometheus.CounterVec) *family[string, countMetrics] {
		return newFamily(most, func(string) string { return otherLabel }, func(label string) *countMetrics {
			return &countMetrics{v.WithLabelValues(label)}
		})
	}
	return &cacheMetrics{
		spaces: newFamily(0, nil, func(space string) *spaceMetrics {
			of := func(result string) prometheus.Counter { return lookups.WithLabelValues(space, result) }
			if space == "" { // of everything there are invalidations only
				return &spaceMetrics{invalidated: invalidations.WithLabelValues("*")}
			}
			return &spaceMetrics{
				local: of("local"), redis: of("redis"), stale: of("stale"), joined: of("joined"), misses: of("miss"),
				filled: filled.WithLabelValues(space), bytes: bytes.WithLabelValues(space), leasesLost: lost.WithLabelValues(space),
				refreshed: refreshes.WithLabelValues(space, "ok"), refreshesFailed: refreshes.WithLabelValues(space, "error"),
				discarded: discarded.WithLabelValues(space), staleIfError: rescued.WithLabelValues(space),
				invalidated: invalidations.WithLabelValues(space),
			}
		}),
		calls: newFamily(0, nil, func(k callKey) *callMetrics {
			outcome := outcomeOK
			if k.failed {
				outcome = outcomeError
			}
			return &callMetrics{calls.WithLabelValues(k.call, outcome.String())}
		}),
		flushes: count(maxReasons, flushes), dropped: count(maxReasons, dropped), available: count(0, changes),
	}
}

// add leaves out what did not happen, which is most.
func add(c prometheus.Counter, n int) {
	if n != 0 {
		c.Add(float64(n))
	}
}

// Looked counts the values of one batch by where they were found.
func (c FieldCache) Looked(space string, local, redis, stale, joined, misses int) {
	s := c.m.spaces.of(space)
	add(s.local, local)
	add(s.redis, redis)
	add(s.stale, stale)
	add(s.joined, joined)
	add(s.misses, misses)
}

// Filled counts values that were written, and those that were not.
func (c FieldCache) Filled(space string, values, bytes, leasesLost int) {
	s := c.m.spaces.of(space)
	add(s.filled, values)
	add(s.bytes, bytes)
	add(s.leasesLost, leasesLost)
}

// Refreshed counts values that were loaded before they were asked for.
func (c FieldCache) Refreshed(space string, values, failed int) {
	s := c.m.spaces.of(space)
	add(s.refreshed, values)
	add(s.refreshesFailed, failed)
}

// Discarded counts what could not be read.
func (c FieldCache) Discarded(space string, values int) { add(c.m.spaces.of(space).discarded, values) }

// StaleIfError counts what was served because loading failed.
func (c FieldCache) StaleIfError(space string, values int) {
	add(c.m.spaces.of(space).staleIfError, values)
}

// Invalidated counts invalidations; "" is everything.
func (c FieldCache) Invalidated(space string, n int) { add(c.m.spaces.of(space).invalidated, n) }

// Flushed counts that the process forgot all.
func (c FieldCache) Flushed(reason string) { c.m.flushes.of(reason).count.Inc() }

// Called observes a call to Redis.
func (c FieldCache) Called(call string, took time.Duration, failed bool) {
	c.m.calls.of(callKey{call, failed}).duration.Observe(seconds(took))
}

// Dropped counts work that was left undone.
func (c FieldCache) Dropped(work string, n int) { add(c.m.dropped.of(work).count, n) }

// Available counts that Redis went away or came back.
func (c FieldCache) Available(yes bool) {
	to := "away"
	if yes {
		to = "back"
	}
	c.m.available.of(to).count.Inc()
}

// CacheState is how the cache is at the moment.
type CacheState struct {
	// Redis and Local say which tiers serve, Limited that only young values are served because changes
	// are not heard.
	Redis, Local, Limited bool
	LocalBytes            uint64
	// Loading and Waiting are the rounds that ask the store while Redis is away, and that may not yet.
	Loading, Waiting int
}

// ObserveCache adds the state of the cache to the metrics. The function is called at every scrape, from
// any goroutine. Call ObserveCache once.
func (t *Telemetry) ObserveCache(state func() CacheState) {
	gauge := func(name, help string, of func(CacheState) float64) {
		t.metrics.registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return of(state()) }))
	}
	gauge("backline_cache_redis_available", "1 while the cache uses Redis.", func(s CacheState) float64 { return truth(s.Redis) })
	gauge("backline_cache_local_available", "1 while values of the process are served: invalidations are heard.", func(s CacheState) float64 { return truth(s.Local) })
	gauge("backline_cache_limited", "1 while only young values are served, because the changes of a shard are not heard.", func(s CacheState) float64 { return truth(s.Limited) })
	gauge("backline_cache_local_bytes", "Bytes that the values in the process take, roughly.", func(s CacheState) float64 { return float64(s.LocalBytes) })
	gauge("backline_cache_store_loading", "Rounds that ask the store while Redis is away; their number is bounded.", func(s CacheState) float64 { return float64(s.Loading) })
	gauge("backline_cache_store_waiting", "Rounds that wait until they may.", func(s CacheState) float64 { return float64(s.Waiting) })
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// BatchLooked adds to the span of ctx what became of the keys of a batch in the cache. Metrics have it by
// space, from the cache itself.
func (t *Telemetry) BatchLooked(ctx context.Context, loader string, local, redis, stale, joined, misses int) {
	if t.tracer == nil {
		return
	}
	trace.SpanFromContext(ctx).AddEvent("cache "+loader, trace.WithAttributes(
		attribute.Int("backline.cache.local", local), attribute.Int("backline.cache.redis", redis),
		attribute.Int("backline.cache.stale", stale), attribute.Int("backline.cache.joined", joined),
		attribute.Int("backline.cache.misses", misses)))
}
