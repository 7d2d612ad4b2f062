package fieldcache

import (
	"context"
	"runtime/debug"
	"slices"
)

// refresher loads values anew before they are asked for, with as many goroutines as it was given.
type refresher struct{ jobs chan refreshJob }

// refreshJob are values of one batch that are getting old.
type refreshJob struct {
	space   *Space
	variant string
	ids     []int64
	seen    []token
	keys    []localKey
	reload  Load
}

const refreshQueue = 256

func (f *refresher) start(c *Cache) {
	f.jobs = make(chan refreshJob, refreshQueue)
	for range c.config.Refreshers {
		c.running.Go(func() {
			for {
				select {
				case <-c.ctx.Done():
					return
				case job := <-f.jobs:
					c.renew(job)
				}
			}
		})
	}
}

// refresh hands on what is getting old. It never waits.
func (r *Round) refresh() {
	for _, b := range r.batches {
		if len(b.old) == 0 || b.reload == nil || b.isRefresh {
			continue
		}
		job := refreshJob{space: b.space, variant: b.variant, reload: b.reload}
		for i, at := range b.old {
			k := b.key(at)
			if r.cache.flights.renew(k) {
				job.ids, job.seen, job.keys = append(job.ids, k.id), append(job.seen, b.olds[i]), append(job.keys, k)
			}
		}
		b.old = b.old[:0]
		if len(job.ids) == 0 {
			continue
		}
		select {
		case r.cache.refresher.jobs <- job:
		default:
			r.cache.flights.renewedAll(job.keys)
			r.cache.observer.Dropped("refresh", len(job.ids))
		}
	}
}

// renew runs a job: a round of its own, whose values are claimed rather than leased.
func (c *Cache) renew(job refreshJob) {
	defer c.flights.renewedAll(job.keys)
	ctx, cancel := context.WithTimeout(c.ctx, c.config.Timing.Refresh)
	defer cancel()
	r := &Round{cache: c, budget: newAllowance(c.config.Timing.Fill)}
	b := &Batch{
		round: r, space: job.space, variant: job.variant, ids: job.ids, seen: job.seen,
		isRefresh: true, Values: make([]any, len(job.ids)),
	}
	r.batches = append(r.batches, b)
	failed, renewed := 0, 0
	for r.Next(ctx) {
		ids := make([]int64, len(b.misses))
		for i, at := range b.misses {
			ids[i] = b.ids[at]
		}
		values, errs := c.reload(ctx, job, ids)
		for i := range ids {
			var err error
			if errs != nil {
				err = errs[i]
			}
			if err != nil {
				failed++
				b.Put(i, nil, err)
				continue
			}
			renewed++
			b.Put(i, values[i], nil)
		}
	}
	r.Close()
	if failed+renewed > 0 {
		c.observer.Refreshed(job.space.name, renewed, failed)
	}
}

// reload calls a job's Load. It may run what a team has written: a panic there must not end the process.
func (c *Cache) reload(ctx context.Context, job refreshJob, ids []int64) (values []any, errs []error) {
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("a panic while values were loaded anew", "space", job.space.name, "panic", p, "stack", string(debug.Stack()))
			values, errs = nil, slices.Repeat([]error{errNotLoaded}, len(ids))
		}
	}()
	return job.reload(ctx, ids)
}
