package throttle

import (
	"context"
	"sync"
	"time"
)

// known is how long it is believed what Redis said about a bucket. Meanwhile a client that has nothing
// left is told so without asking.
const known = time.Second

// Account is what this instance knows and holds of one client's budget. It is safe for use by several
// goroutines.
type Account struct {
	limiter *Limiter
	id      string
	plan    *Plan
	chunk   Points // the most that the lease holds
	direct  bool   // nobody remembers it: it leases nothing

	mu      sync.Mutex
	lease   Points // of the bucket, to be spent here
	surplus Points // of the bucket, to be returned with the next call: the lease is full
	left    Points // in the bucket at the time at, as Redis said
	at      time.Time
	waiting []*waiter
	calling bool
	quiet   int // sweeps since it was last used
	local   bucket
}

// waiter is a request that the lease is too small for.
type waiter struct {
	need Points
	gone bool // nobody waits any more
	done chan Verdict
}

// Verdict is the answer to a request for points.
type Verdict struct {
	// OK says that the points are taken.
	OK bool
	// Wait is how long it takes until there are enough, if nothing else is spent. 0 if OK or Never.
	Wait time.Duration
	// Never says that the plan's capacity is less than what is needed.
	Never bool
}

// Take takes points. It waits for Redis where what this instance has leased is not enough, but no longer
// than the limiter's timeout. The error is that of the context.
func (a *Account) Take(ctx context.Context, need Points) (Verdict, error) {
	a.mu.Lock()
	a.quiet = 0
	switch {
	case need > a.plan.Capacity:
		a.mu.Unlock()
		return Verdict{Never: true}, nil
	case need <= a.lease:
		a.lease -= need
		if a.isLow() {
			a.call()
		}
		a.mu.Unlock()
		return Verdict{OK: true}, nil
	}
	now := a.limiter.now()
	if a.limiter.isAway() {
		v := a.takeLocally(now, need)
		a.mu.Unlock()
		return v, nil
	}
	if wait := a.dry(now, need); wait > 0 {
		a.mu.Unlock()
		return Verdict{Wait: wait}, nil
	}
	w := &waiter{need: need, done: make(chan Verdict, 1)}
	a.waiting = append(a.waiting, w)
	a.call()
	a.mu.Unlock()
	select {
	case v := <-w.done:
		return v, nil
	case <-ctx.Done():
		a.leave(w)
		return Verdict{}, ctx.Err()
	}
}

// isLow tells that a busy client will soon have to wait, and that there is more for it: then the lease is
// filled beside its requests.
func (a *Account) isLow() bool {
	return a.lease < a.chunk/4 && a.left > a.chunk && !a.calling && !a.limiter.isAway()
}

// call has Redis asked, unless it is being asked.
func (a *Account) call() {
	if !a.calling {
		a.calling = true
		a.limiter.calls.Go(a.refill)
	}
}

// leave gives up waiting, and gives back what was just granted.
func (a *Account) leave(w *waiter) {
	a.mu.Lock()
	w.gone = true
	a.mu.Unlock()
	select {
	case v := <-w.done:
		if v.OK {
			a.Give(w.need)
		}
	default:
	}
}

// Give returns points that were taken and not used.
func (a *Account) Give(points Points) {
	if points <= 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.direct {
		a.limiter.late.add(returned{a.id, a.plan, points})
		return
	}
	a.keep(points)
}

// keep adds to the lease, which never holds more than a chunk: what is beyond it would let the client
// have more than the bound says.
func (a *Account) keep(points Points) {
	if a.limiter.isAway() && !a.local.at.IsZero() {
		a.local.points += points // it was most likely taken there; fill takes care of the capacity
		return
	}
	fits := max(0, min(points, a.chunk-a.lease))
	a.lease += fits
	a.surplus += points - fits
}

// dry tells how long there will not be enough, as far as is known; 0 means that Redis must be asked.
func (a *Account) dry(now time.Time, need Points) time.Duration {
	age := now.Sub(a.at)
	if age > known || a.calling {
		return 0
	}
	return until(need-a.lease-a.surplus-a.left-since(age, a.plan.Restore, a.plan.Capacity-a.left), a.plan.Restore)
}

// refill asks Redis, and goes on until nobody waits. It runs once at a time, detached from the requests: one that is
// cancelled takes nothing from the others.
func (a *Account) refill() {
	for {
		a.mu.Lock()
		least, wish := a.wanted()
		if len(a.waiting) == 0 && a.lease >= a.chunk/4 || wish <= 0 {
			a.calling = false
			a.mu.Unlock()
			return
		}
		back := a.surplus
		a.surplus = 0
		a.mu.Unlock()

		// What a failed call was to return, or may have granted, is lost: the client never gets more.
		granted, left, err := a.limiter.call(a, least, wish, back)

		if err != nil {
			a.limiter.lost(err)
		}
		a.mu.Lock()
		now := a.limiter.now()
		if err != nil {
			a.answerLocally(now)
			a.calling = false
			a.mu.Unlock()
			return
		}
		a.lease += granted
		a.left, a.at = left, now
		a.answer(granted < wish)
		if len(a.waiting) == 0 {
			a.calling = false
			a.mu.Unlock()
			return
		}
		a.mu.Unlock()
	}
}

// wanted forgets those who are gone, and says what the first of the others needs and what would be
// enough for all, with a chunk to spare.
func (a *Account) wanted() (least, wish Points) {
	kept := a.waiting[:0]
	for _, w := range a.waiting {
		if !w.gone {
			kept = append(kept, w)
			wish += w.need
		}
	}
	clear(a.waiting[len(kept):])
	a.waiting = kept
	wish = max(0, min(wish+a.chunk, a.plan.Capacity+a.chunk)-a.lease)
	if len(kept) == 0 {
		return 0, wish
	}
	return max(0, kept[0].need-a.lease), wish
}

// answer serves those who wait, in order. Where the bucket has no more, the others are refused.
func (a *Account) answer(isEmpty bool) {
	kept := a.waiting[:0]
	for _, w := range a.waiting {
		switch {
		case w.gone:
		case w.need <= a.lease:
			a.lease -= w.need
			w.done <- Verdict{OK: true}
		case isEmpty && w.need > a.lease+a.left:
			w.done <- Verdict{Wait: max(until(w.need-a.lease-a.left, a.plan.Restore), time.Microsecond)}
		default:
			kept = append(kept, w)
		}
	}
	clear(a.waiting[len(kept):])
	a.waiting = kept
}

// answerLocally serves those who wait when Redis has failed them.
func (a *Account) answerLocally(now time.Time) {
	for _, w := range a.waiting {
		if !w.gone {
			w.done <- a.takeLocally(now, w.need)
		}
	}
	a.waiting = nil
}

// takeLocally takes from what is still leased, and then from this instance's part of the plan.
func (a *Account) takeLocally(now time.Time, need Points) Verdict {
	if need <= a.lease {
		a.lease -= need
		return Verdict{OK: true}
	}
	capacity, rate := a.limiter.share(a.plan)
	b := &a.local
	if a.direct {
		return a.limiter.spill.take(now, need, capacity, rate)
	}
	if b.at.IsZero() && !a.at.IsZero() { // it goes on with its part of what the shared bucket had
		left := min(a.plan.Capacity, a.left+since(now.Sub(a.at), a.plan.Restore, a.plan.Capacity))
		b.points, b.at = min(capacity, left/Points(a.limiter.instances)), now
	}
	wait, ok := b.take(now, need, capacity, rate)
	return Verdict{OK: ok, Wait: wait}
}

// Status is what a client may know of its budget.
type Status struct {
	// Plan is its plan.
	Plan *Plan
	// Available is what it can spend here and now, as far as this instance knows.
	Available Points
}

// Status tells what is left, from memory.
func (a *Account) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.limiter.now()
	if a.limiter.isAway() {
		capacity, rate := a.limiter.share(a.plan)
		b := a.local
		b.fill(now, capacity, rate)
		return Status{a.plan, min(max(0, b.points)+a.lease, a.plan.Capacity)}
	}
	available := a.plan.Capacity
	if !a.at.IsZero() {
		available = a.left + since(now.Sub(a.at), a.plan.Restore, a.plan.Capacity-a.left) + a.lease + a.surplus
	}
	return Status{a.plan, min(available, a.plan.Capacity)}
}
