package throttle

import "time"

// bucket is a token bucket of this instance alone.
type bucket struct {
	points Points
	at     time.Time // zero: it has not been used yet
}

// take takes points if they are there, and otherwise tells when they are. More than fits into the bucket
// is had for a full one, which then owes the rest.
func (b *bucket) take(now time.Time, need, capacity, rate Points) (wait time.Duration, ok bool) {
	b.fill(now, capacity, rate)
	if b.points < min(need, capacity) {
		return until(min(need, capacity)-b.points, rate), false
	}
	b.points -= need
	return 0, true
}

func (b *bucket) fill(now time.Time, capacity, rate Points) {
	if b.at.IsZero() {
		b.points = capacity
	} else {
		b.points = min(capacity, b.points+since(now.Sub(b.at), rate, capacity-b.points))
	}
	b.at = now
}
