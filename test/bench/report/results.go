// Package report keeps what was measured and shows it: a table, a chart, JSON, and whether the
// figures that Backline is to reach were reached.
package report

import (
	"math"
	"slices"
)

// Key names a cell of the tables.
type Key struct {
	Server      string `json:"server"`
	Query       string `json:"query"`
	Connections int    `json:"connections"`
}

// Sample is one measurement. Times are microseconds; those of processors are per request.
type Sample struct {
	Requests  int     `json:"requests"`
	PerSecond float64 `json:"requestsPerSecond"`
	P50       float64 `json:"p50"`
	P99       float64 `json:"p99"`
	Server    float64 `json:"cpuServer"`
	Postgres  float64 `json:"cpuPostgres"`
	Redis     float64 `json:"cpuRedis"`
}

// CPU is that of server and Postgres together.
func (s Sample) CPU() float64 { return s.Server + s.Postgres }

// Cell is a key with the samples of all rounds, in their order.
type Cell struct {
	Key
	Median Sample   `json:"median"`
	Rounds []Sample `json:"rounds"`
}

// Count is what a request takes that does not depend on the machine.
type Count struct {
	Server     string   `json:"server"`
	Query      string   `json:"query"`
	Bytes      int64    `json:"answerBytes"`
	Objects    float64  `json:"allocatedObjects,omitempty"`
	Allocated  float64  `json:"allocatedBytes,omitempty"`
	Statements float64  `json:"statements"`
	Texts      []string `json:"statementTexts"`
}

// Server is one that was measured.
type Server struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Version string `json:"version,omitempty"`
}

// Results are all of a run.
type Results struct {
	Started  string            `json:"started"`
	Command  string            `json:"command"`
	Commit   string            `json:"commit"`
	Machine  string            `json:"machine"`
	Versions map[string]string `json:"versions"`
	Scale    float64           `json:"scale"`
	Rows     map[string]int64  `json:"rows"`
	RoundsN  int               `json:"rounds"`
	Seconds  float64           `json:"secondsPerMeasurement"`
	Servers  []Server          `json:"servers"`
	Missing  map[string]string `json:"missing,omitempty"`
	Failed   map[string]string `json:"failed,omitempty"` // server and question → why
	Cells    []*Cell           `json:"cells"`
	Counts   []Count           `json:"counts"`
	Figures  []Figure          `json:"figures,omitempty"`
}

// Add keeps a sample.
func (r *Results) Add(k Key, s Sample) {
	c := r.Cell(k)
	if c == nil {
		c = &Cell{Key: k}
		r.Cells = append(r.Cells, c)
	}
	c.Rounds = append(c.Rounds, s)
	c.Median = medians(c.Rounds)
}

// Cell finds what was measured for a key, nil if nothing was.
func (r *Results) Cell(k Key) *Cell {
	for _, c := range r.Cells {
		if c.Key == k {
			return c
		}
	}
	return nil
}

// Count finds the counts of a server and query, nil if there are none.
func (r *Results) Count(server, query string) *Count {
	for i := range r.Counts {
		if c := &r.Counts[i]; c.Server == server && c.Query == query {
			return c
		}
	}
	return nil
}

func medians(s []Sample) Sample {
	of := func(get func(Sample) float64) float64 {
		v := make([]float64, len(s))
		for i := range s {
			v[i] = get(s[i])
		}
		return median(v)
	}
	return Sample{
		Requests:  int(of(func(s Sample) float64 { return float64(s.Requests) })),
		PerSecond: of(func(s Sample) float64 { return s.PerSecond }),
		P50:       of(func(s Sample) float64 { return s.P50 }),
		P99:       of(func(s Sample) float64 { return s.P99 }),
		Server:    of(func(s Sample) float64 { return s.Server }),
		Postgres:  of(func(s Sample) float64 { return s.Postgres }),
		Redis:     of(func(s Sample) float64 { return s.Redis }),
	}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// Ratio is the median over the rounds of get for a divided by get for b: pairs that were measured a
// moment apart, so that what slows the machine for a while slows both. It is NaN where either was
// not measured.
func (r *Results) Ratio(a, b Key, get func(Sample) float64) float64 {
	x, y := r.Cell(a), r.Cell(b)
	if x == nil || y == nil {
		return math.NaN()
	}
	var v []float64
	for i := range min(len(x.Rounds), len(y.Rounds)) {
		v = append(v, get(x.Rounds[i])/get(y.Rounds[i]))
	}
	return median(v)
}

// Limit is the server that others are compared with.
const Limit = "limit"

// CPURatio is the share of the limit that a server reaches: the limit's time for a request over
// its own, server and Postgres together.
func (r *Results) CPURatio(k Key) float64 {
	return r.Ratio(Key{Limit, k.Query, k.Connections}, k, Sample.CPU)
}

// ThroughputRatio is the server's requests per second over the limit's.
func (r *Results) ThroughputRatio(k Key) float64 {
	return r.Ratio(k, Key{Limit, k.Query, k.Connections}, func(s Sample) float64 { return s.PerSecond })
}

// LatencyRatio is the server's median time over the limit's.
func (r *Results) LatencyRatio(k Key) float64 {
	return r.Ratio(k, Key{Limit, k.Query, k.Connections}, func(s Sample) float64 { return s.P50 })
}
