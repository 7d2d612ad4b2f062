package fieldcache

import (
	"context"
	"time"
)

// filler writes to Redis while readers go on. What is written by several responses at the same time goes
// in one call.
type filler struct{ jobs chan fillJob }

// fillJob is what one response fills: values with leases, or a subtree.
type fillJob struct {
	fillings []filling
	subtree  *keeping
}

// keeping is a subtree for Redis.
type keeping struct {
	space     *Space
	key, text string
	life      time.Duration
}

const (
	// fillers is how many goroutines write, and so how many connections they use.
	fillers   = 4
	fillQueue = 256 // jobs that may wait
	// fillAtOnce is from how many values and bytes on a call is large enough.
	fillAtOnce      = 64
	fillBytesAtOnce = 256 << 10
)

func (f *filler) start(c *Cache) {
	f.jobs = make(chan fillJob, fillQueue)
	for range fillers {
		c.running.Go(func() {
			for {
				select {
				case <-c.ctx.Done():
					return
				case job := <-f.jobs:
					f.run(c, job)
				}
			}
		})
	}
}

// run does a job, and those that wait behind it.
func (f *filler) run(c *Cache, job fillJob) {
	var all []filling
	bytes := 0
	for more := true; more; {
		if k := job.subtree; k != nil {
			c.keep(k)
		}
		all = append(all, job.fillings...)
		for i := range job.fillings {
			bytes += len(job.fillings[i].value)
		}
		if more = len(all) < fillAtOnce && bytes < fillBytesAtOnce; more {
			select {
			case job = <-f.jobs:
			default:
				more = false
			}
		}
	}
	if len(all) > 0 {
		c.remote.fill(c.ctx, newAllowance(c.config.Timing.Fill), all)
	}
}

// later hands on what is to be written. It never waits.
func (c *Cache) later(job fillJob, values int) {
	select {
	case c.filler.jobs <- job:
	default:
		c.observer.Dropped("fill", values)
	}
}

// fillLater writes values to Redis.
func (c *Cache) fillLater(fillings []filling) { c.later(fillJob{fillings: fillings}, len(fillings)) }

// keepLater writes a subtree to Redis.
func (c *Cache) keepLater(s *Space, key, text string, life time.Duration) {
	c.later(fillJob{subtree: &keeping{s, key, text, life}}, 1)
}

func (c *Cache) keep(k *keeping) {
	if c.remote.do(c.ctx, newAllowance(c.config.Timing.Fill), "keep", func(ctx context.Context) error {
		return c.remote.client.Set(ctx, k.key, k.text, k.life).Err()
	}) {
		c.observer.Filled(k.space.name, 1, len(k.text), 0)
	}
}
