package throttle

import "time"

const (
	quietSweeps = 2  // after which a lease is returned
	staleSweeps = 60 // after which an account is forgotten: longer than a request takes
)

func (l *Limiter) sweepUntilStopped(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.sweep()
		case <-l.stop:
			return
		}
	}
}

// sweep returns what quiet clients do not need, forgets those that are gone, and looks whether a Redis
// that failed is back.
func (l *Limiter) sweep() {
	if l.isAway() && !l.isBack() {
		l.forget()
		return
	}
	if err := l.giveBack(l.collect(quietSweeps)); err != nil {
		l.lost(err)
	}
	l.forget()
}

// isBack asks Redis for what requests ask it for, a bucket that can be written.
func (l *Limiter) isBack() bool {
	if l.redis == nil {
		return false
	}
	probe := &Account{id: "probe", plan: &Plan{Capacity: Point, Restore: Point}}
	if _, _, err := l.call(probe, 0, 1, 0); err != nil {
		return false
	}
	l.away.Store(false)
	l.log.Info("throttling has Redis again")
	return true
}

// collect takes the leases of accounts that have been quiet for a number of sweeps, and what is in the
// way of every account.
func (l *Limiter) collect(sweeps int) []returned {
	list := l.late.take()
	l.accounts.Range(func(_, value any) bool {
		a := value.(*Account)
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.quiet++; a.quiet > sweeps {
			a.surplus += a.lease
			a.lease = 0
		}
		if a.surplus > 0 && !a.calling {
			list = append(list, returned{a.id, a.plan, a.surplus})
			a.left += a.surplus
			a.surplus = 0
		}
		return true
	})
	return list
}

// forget drops the accounts of clients that are gone, whose local buckets are full again.
func (l *Limiter) forget() {
	now := l.now()
	l.accounts.Range(func(id, value any) bool {
		a := value.(*Account)
		a.mu.Lock()
		defer a.mu.Unlock()
		if l.isAway() {
			a.quiet++
		}
		capacity, rate := l.share(a.plan)
		isFull := true
		if !a.local.at.IsZero() {
			a.local.fill(now, capacity, rate)
			isFull = a.local.points >= capacity
		}
		if a.quiet > staleSweeps && isFull && a.lease == 0 && a.surplus == 0 && len(a.waiting) == 0 {
			l.accounts.Delete(id)
			l.count.Add(-1)
		}
		return true
	})
}
