package fieldcache

import (
	"sync"
	"sync/atomic"
)

// breaker says whether Redis is worth asking. It opens after some failures in a row; it is closed by
// whoever probes, never by trying a request's call.
//
// It is written here because this is all of it. failsafe-go would bring policies, executors and three
// modules for one counter, and would let requests probe.
type breaker struct {
	limit    int32
	failures atomic.Int32
	open     atomic.Bool

	mu      sync.Mutex
	changed func(open bool) // called in order, with mu held
	opening chan struct{}   // closed while it is open; nil: nobody has asked
}

func (b *breaker) isOpen() bool { return b.open.Load() }

// opened is closed when the breaker opens.
func (b *breaker) opened() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.opening == nil {
		b.opening = make(chan struct{})
		if b.open.Load() {
			close(b.opening)
		}
	}
	return b.opening
}

// report counts the outcome of a call.
func (b *breaker) report(ok bool) {
	if ok {
		if b.failures.Load() != 0 {
			b.failures.Store(0)
		}
		return
	}
	if b.failures.Add(1) >= b.limit {
		b.set(true)
	}
}

func (b *breaker) set(open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open.Load() == open {
		return
	}
	b.failures.Store(0)
	b.open.Store(open)
	if open && b.opening != nil {
		close(b.opening)
	} else if !open {
		b.opening = nil
	}
	b.changed(open)
}
