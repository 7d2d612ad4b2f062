package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"backline/test/bench/proc"
	"backline/test/bench/query"
	"backline/test/bench/report"
	"backline/test/fleet"
)

func itoa(n int) string { return strconv.Itoa(n) }

// measure counts what a request takes, then runs the rounds. In each round every server has its
// turn at every question and number of connections; who begins changes from turn to turn, so that
// what disturbs the machine for a while disturbs no server more than others.
func (b *bench) measure(ctx context.Context) error {
	results := &report.Results{}
	if err := b.warm(ctx); err != nil {
		return err
	}
	for _, q := range b.asked {
		for _, r := range b.servers {
			if !r.asks(q) || b.failed[r.name+" "+q.ID] != "" {
				continue
			}
			c, err := b.count(ctx, r, q)
			if err := b.excuse(r, q, err); err != nil {
				return fmt.Errorf("count what %s takes for %s: %w", r.name, q.ID, err)
			}
			if err == nil {
				results.Counts = append(results.Counts, c)
			}
		}
	}
	b.say("counted statements and allocations")
	turn := 0
	for round := range b.rounds {
		b.say("round %d of %d", round+1, b.rounds)
		for _, q := range b.asked {
			for _, conns := range b.conns {
				for i := range b.servers {
					r := b.servers[(i+turn)%len(b.servers)]
					if !r.asks(q) || !b.measures(r, q, conns) || b.failed[r.name+" "+q.ID] != "" {
						continue
					}
					if ctx.Err() != nil {
						return ctx.Err()
					}
					s, err := b.sample(r, q, conns, round)
					if err := b.excuse(r, q, err); err != nil {
						return fmt.Errorf("measure %s %s: %w", r.name, q.ID, err)
					}
					if err == nil {
						results.Add(report.Key{Server: r.name, Query: q.ID, Connections: conns}, s)
					}
				}
				turn++
			}
		}
	}
	return b.report(ctx, results)
}

// warm gives servers whose code is compiled while it runs the time for that.
func (b *bench) warm(ctx context.Context) error {
	b.say("warming up")
	for _, r := range b.servers {
		for _, q := range b.asked {
			if r.debugged || !r.asks(q) || ctx.Err() != nil {
				continue
			}
			j, err := b.job(r, q, 16)
			if err != nil {
				return err
			}
			j.Duration = max(b.duration, time.Second)
			if _, err := b.load.Run(j); b.excuse(r, q, err) != nil {
				return fmt.Errorf("warm %s up with %s: %w", r.name, q.ID, err)
			}
		}
	}
	return ctx.Err()
}

// excuse keeps the error of a server that others are compared with: it gave right answers, but
// breaks under load, which the tables say. Backline and the limit have no excuse.
func (b *bench) excuse(r *running, q query.Query, err error) error {
	if err == nil || r.name == report.Limit || r.dialect == query.Backline && r.name != reference {
		return err
	}
	text := err.Error()
	b.failed[r.name+" "+q.ID] = text[:min(len(text), 200)]
	b.say("%s fails at %s: %v", r.name, q.ID, err)
	return nil
}

// sample is one measurement.
func (b *bench) sample(r *running, q query.Query, conns, round int) (report.Sample, error) {
	j, err := b.job(r, q, conns)
	if err != nil {
		return report.Sample{}, err
	}
	j.Start = round * 100
	j.Duration = b.warmup
	if _, err := b.load.Run(j); err != nil {
		return report.Sample{}, err
	}
	before, err := r.used()
	if err != nil {
		return report.Sample{}, err
	}
	j.Duration = b.duration
	result, err := b.load.Run(j)
	if err != nil {
		return report.Sample{}, err
	}
	after, err := r.used()
	if err != nil {
		return report.Sample{}, err
	}
	each := func(part int) float64 {
		return float64((after[part] - before[part]).Nanoseconds()) / 1e3 / float64(result.Requests)
	}
	return report.Sample{
		Requests: result.Requests, PerSecond: float64(result.Requests) / result.Took.Seconds(),
		P50: micros(result.P50), P99: micros(result.P99),
		Server: each(0), Postgres: each(1), Redis: each(2),
	}, nil
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// used is the CPU time of the server, of its Postgres and of its Redis so far.
func (r *running) used() (u [3]time.Duration, err error) {
	if u[0], err = fleet.CPU(r.PID); err != nil {
		return u, err
	}
	if u[1], err = fleet.CPU(r.cluster.Postgres...); err != nil {
		return u, err
	}
	if r.cluster.Redis != 0 {
		u[2], err = fleet.CPU(r.cluster.Redis)
	}
	return u, err
}

// count takes what does not depend on the machine: allocations, statements, bytes.
func (b *bench) count(ctx context.Context, r *running, q query.Query) (report.Count, error) {
	c := report.Count{Server: r.name, Query: q.ID}
	j, err := b.job(r, q, 16)
	if err != nil {
		return c, err
	}
	j.Requests = 300
	if b.quick {
		j.Requests = 100
	}
	warm, err := b.load.Run(j)
	if err != nil {
		return c, err
	}
	c.Bytes = warm.Bytes / int64(warm.Requests)
	if r.debugged {
		if c.Objects, c.Allocated, err = b.allocations(r, func() error { _, err := b.load.Run(j); return err }, j.Requests); err != nil {
			return c, err
		}
	}
	j.Connections, j.Requests = 1, 20
	texts, err := r.cluster.Statements(ctx, func() error { _, err := b.load.Run(j); return err })
	c.Statements = float64(len(texts)) / float64(j.Requests)
	c.Texts = distinct(texts)
	return c, err
}

// allocations are those of a request, without what asking for them takes.
func (b *bench) allocations(r *running, f func() error, requests int) (objects, bytes float64, err error) {
	var at [3]proc.Allocated
	for i := range at {
		if i == 2 {
			if err := f(); err != nil {
				return 0, 0, err
			}
		}
		if at[i], err = proc.Allocations(r.debug); err != nil {
			return 0, 0, err
		}
	}
	per := func(a, b, c int64) float64 { return float64((c-b)-(b-a)) / float64(requests) }
	return per(at[0].Objects, at[1].Objects, at[2].Objects), per(at[0].Bytes, at[1].Bytes, at[2].Bytes), nil
}

func distinct(texts []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, t := range texts {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}
