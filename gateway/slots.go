package gateway

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// Load bounds how many operations run at a time, so that a server with more to do than it can answers
// as many as before, and the others at once. Zero: no bound.
type Load struct {
	// Concurrency is how many operations run at a time. 0: no bound.
	Concurrency int
	// Queue is how many more may wait.
	Queue int
	// Wait is how long they wait at most. Default 80 ms.
	Wait time.Duration
}

// maxQueueTime is how long a request may wait before it hears that there is too much to do: that it hears
// so within 100 ms takes a little less.
const maxQueueTime = 80 * time.Millisecond

// slots are what operations need to run. A request takes one when its body is there, so that nobody holds
// one by sending slowly, and leaves it before its answer is written, so that nobody holds one by reading
// slowly. Those that wait are served in order.
type slots struct {
	free    chan struct{} // nil: there is no bound
	queue   int64
	wait    time.Duration
	waiting atomic.Int64
}

func newSlots(l Load) *slots {
	s := &slots{queue: int64(l.Queue), wait: l.Wait}
	if l.Concurrency > 0 {
		s.free = make(chan struct{}, l.Concurrency)
	}
	if s.wait <= 0 {
		s.wait = maxQueueTime
	}
	return s
}

// take waits for a slot, and reports whether there is one. There is no timer where one is free.
func (s *slots) take(ctx context.Context) bool {
	if s.free == nil {
		return true
	}
	select {
	case s.free <- struct{}{}:
		return true
	default:
	}
	if s.waiting.Add(1) > s.queue {
		s.waiting.Add(-1)
		return false
	}
	defer s.waiting.Add(-1)
	timer := time.NewTimer(s.wait)
	defer timer.Stop()
	select {
	case s.free <- struct{}{}:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// leave gives a slot back.
func (s *slots) leave() {
	if s.free != nil {
		<-s.free
	}
}

// overloaded is the answer where there is no slot. What the queue holds is gone in a fraction of a second,
// and a second is the least that Retry-After can say.
func overloaded() *refusal {
	return &refusal{
		status:     http.StatusServiceUnavailable,
		code:       CodeOverloaded,
		message:    "the server has more to do than it can: send this again in a moment",
		retryAfter: 1,
	}
}

// Doing is how many operations run and wait.
type Doing struct{ Running, Waiting int }

func (s *slots) doing() Doing { return Doing{len(s.free), int(s.waiting.Load())} }
