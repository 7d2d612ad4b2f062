package report

import (
	"fmt"
	"io"
	"math"
)

// Figure is one that Backline is to reach.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Must and Aim bound the value, from below or from above.
	Must    float64 `json:"must"`
	Aim     float64 `json:"aim"`
	AtLeast bool    `json:"atLeast"`
	// Digits of the value that matter.
	Digits int `json:"-"`
}

// Reached says whether the figure is what it must be.
func (f Figure) Reached() bool { return f.within(f.Must) }

func (f Figure) within(bound float64) bool {
	if f.AtLeast {
		return f.Value >= bound
	}
	return f.Value <= bound
}

// shares of the limit that must be reached, and those that we aim at.
var shares = map[string]struct{ must, aim float64 }{
	"Q1": {0.70, 0.90}, "Q2": {0.55, 0.66}, "Q3": {0.75, 0.88}, "Q4": {0.60, 0.72},
}

// Servers of which two have everything in front of their resolvers, one asked with an API key and the
// text of the document and one with a token and the document's id, and the other what cannot be switched
// off.
const (
	Doored     = "backline-door"
	DooredByID = "backline-door-id"
	Doorless   = "backline-open"
)

// Servers that answer from a cache: fields, subtrees in Redis, subtrees in the process; and one that
// does nothing but get its answers from Redis.
const (
	Cached   = "backline-cached"
	Bytes    = "backline-bytes"
	BytesL1  = "backline-bytes-l1"
	RedisGet = "redis-get"
)

// cached are the shares of the requests per second of RedisGet that must be reached, and those that we aim
// at.
var cached = []struct {
	server, query, what string
	must, aim           float64
}{
	{Cached, "Q4", "fields kept", 0.45, 0.60},
	{Bytes, "Q4", "bytes in Redis", 0.80, 0.80},
	{Bytes, "Q1", "bytes in Redis", 0.80, 0.80},
	{BytesL1, "Q4", "bytes in the process", 1.2, 1.2},
	{BytesL1, "Q1", "bytes in the process", 1.2, 1.2},
}

// doorTakes is what the door may take away of the requests per second of the cheapest question.
const doorTakes = 0.15

// Judge compares the results with the figures. What was not measured is left out.
func (r *Results) Judge() {
	r.Figures = nil
	add := func(name string, value, must, aim float64, atLeast bool, digits int) {
		if !math.IsNaN(value) {
			r.Figures = append(r.Figures, Figure{name, value, must, aim, atLeast, digits})
		}
	}
	const us = "backline"
	for _, q := range []string{"Q1", "Q2", "Q3", "Q4"} {
		s := shares[q]
		add(q+" share of the limit's CPU, 16 connections", r.CPURatio(Key{us, q, 16}), s.must, s.aim, true, 2)
	}
	for _, q := range []string{"Q1", "Q2", "Q3", "Q4"} {
		for _, conns := range []int{16, 64} {
			s := shares[q]
			add(fmt.Sprintf("%s share of the limit's requests/s, %d connections", q, conns), r.ThroughputRatio(Key{us, q, conns}), s.must, s.aim, true, 2)
		}
	}
	for _, l := range []struct {
		query string
		most  float64
	}{{"Q1", 1.5}, {"Q2", 2}, {"Q4", 1.5}} {
		add(l.query+" p50 over the limit's, 1 connection", r.LatencyRatio(Key{us, l.query, 1}), l.most, l.most, false, 2)
	}
	for _, l := range []struct {
		query string
		most  float64
	}{{"Q1", 5}, {"Q2", 7}, {"Q4", 2}} {
		if c := r.Count(us, l.query); c != nil {
			add(l.query+" statements", c.Statements, l.most, l.most, false, 2)
		}
	}
	if c := r.Count(us, "Q1"); c != nil {
		add("Q1 allocated objects", c.Objects, 1500, 1500, false, 0)
	}
	cpu := Sample.CPU
	q1 := Key{us, "Q1", 16}
	add("Q1 CPU of gqlgen + dataloader over Backline's", r.Ratio(Key{"gqlgen", "Q1", 16}, q1, cpu), 20, 20, true, 1)
	add("Q1 CPU with twice the artists over that with 50", r.Ratio(Key{us, "Q1x2", 16}, q1, cpu), 2, 2, false, 2)
	for _, door := range []struct{ server, how string }{{Doored, "key and text"}, {DooredByID, "token and id"}} {
		for _, conns := range []int{16, 64} {
			rate := r.Ratio(Key{door.server, "Q4", conns}, Key{Doorless, "Q4", conns}, func(s Sample) float64 { return s.PerSecond })
			add(fmt.Sprintf("Q4 share of requests/s that the door takes, %s, %d connections", door.how, conns), 1-rate, doorTakes, doorTakes, false, 2)
		}
		// The same in processor time, which does not depend on what else the machine does.
		add("Q4 CPU with the door over that without, "+door.how+", 16 connections",
			r.Ratio(Key{door.server, "Q4", 16}, Key{Doorless, "Q4", 16}, func(s Sample) float64 { return s.CPU() + s.Redis }),
			1/(1-doorTakes), 1/(1-doorTakes), false, 2)
	}
	for _, c := range cached {
		rate := r.Ratio(Key{c.server, c.query, 16}, Key{RedisGet, c.query, 16}, func(s Sample) float64 { return s.PerSecond })
		add(c.query+" requests/s over those of a GET, "+c.what, rate, c.must, c.aim, true, 2)
	}
	add("Q1 CPU on 4 shards over that on 1", r.Ratio(Key{us + "-4", "Q1", 16}, q1, cpu), 1.6, 1.6, false, 2)
}

// WriteFigures writes a line for each figure and reports whether all are what they must be.
func (r *Results) WriteFigures(w io.Writer) bool {
	all := true
	for _, f := range r.Figures {
		verdict := "PASS, aim reached"
		switch {
		case !f.Reached():
			verdict, all = "FAIL", false
		case !f.within(f.Aim):
			verdict = "PASS"
		}
		sign := "≤"
		if f.AtLeast {
			sign = "≥"
		}
		bounds := fmt.Sprintf("must %s %g", sign, f.Must)
		if f.Aim != f.Must {
			bounds += fmt.Sprintf(", aim %s %g", sign, f.Aim)
		}
		fmt.Fprintf(w, "%-55s %9.*f   %-26s %s\n", f.Name, f.Digits, f.Value, bounds, verdict)
	}
	return all
}
