package telemetry

import (
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// uses counts who uses which part of the schema. A request adds one to one counter, that of its document
// and its client; what that means for each field is worked out when the metrics are read, or when a
// document is forgotten.
type uses struct {
	desc    *prometheus.Desc
	clients *clients

	mu          sync.Mutex
	coordinates []string
	ids         map[string]int32
	live        map[*documentUses]struct{}
	totals      map[string][]uint64 // by client, then by coordinate
}

// documentUses are the requests with one document, by client.
type documentUses struct {
	of     *uses
	ids    []int32
	counts *family[string, atomic.Uint64]
	gone   atomic.Bool
}

func newUses(r *prometheus.Registry, c *clients) *uses {
	u := &uses{
		desc: prometheus.NewDesc("backline_schema_uses_total",
			"Operations that ran and use a field (Type.field), or an argument or enum value that is deprecated, by client.",
			[]string{"coordinate", "client"}, nil),
		clients: c, ids: map[string]int32{}, live: map[*documentUses]struct{}{}, totals: map[string][]uint64{},
	}
	r.MustRegister(u)
	return u
}

// Uses begins to count operations that use the coordinates, each of which is named once. Count counts one
// operation of a client; it takes nanoseconds. Drop ends it: what was counted stays.
func (t *Telemetry) Uses(coordinates []string) (count func(client string), drop func()) {
	u := t.metrics.uses
	d := &documentUses{of: u, ids: make([]int32, len(coordinates))}
	d.counts = newFamily(0, nil, func(string) *atomic.Uint64 { return new(atomic.Uint64) })
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, c := range coordinates {
		id, ok := u.ids[c]
		if !ok {
			id = int32(len(u.coordinates)) //nolint:gosec // a schema has not as many fields
			u.ids[c] = id
			u.coordinates = append(u.coordinates, c)
		}
		d.ids[i] = id
	}
	u.live[d] = struct{}{}
	return d.count, d.drop
}

func (d *documentUses) count(client string) {
	d.counts.of(d.of.clients.label(client)).Add(1)
	if d.gone.Load() { // a request that was on its way when the document was forgotten
		d.drop()
	}
}

func (d *documentUses) drop() {
	d.gone.Store(true)
	d.of.mu.Lock()
	defer d.of.mu.Unlock()
	d.fold()
	delete(d.of.live, d)
}

// fold adds what was counted to the totals. The lock is held.
func (d *documentUses) fold() {
	for client, counter := range *d.counts.children.Load() {
		n := counter.Swap(0)
		if n == 0 {
			continue
		}
		totals := d.of.totals[client]
		if missing := len(d.of.coordinates) - len(totals); missing > 0 {
			totals = append(totals, make([]uint64, missing)...)
			d.of.totals[client] = totals
		}
		for _, id := range d.ids {
			totals[id] += n
		}
	}
}

// Describe implements prometheus.Collector.
func (u *uses) Describe(ch chan<- *prometheus.Desc) { ch <- u.desc }

// Collect implements prometheus.Collector.
func (u *uses) Collect(ch chan<- prometheus.Metric) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for d := range u.live {
		d.fold()
	}
	for client, totals := range u.totals {
		for id, n := range totals {
			if n > 0 {
				ch <- prometheus.MustNewConstMetric(u.desc, prometheus.CounterValue, float64(n), u.coordinates[id], client)
			}
		}
	}
}
