package fieldcache

import (
	"sync"
	"time"
)

// flight is a key that somebody in this process is reading or loading.
type flight struct {
	since time.Duration // when it took off, since the start of the cache
	done  chan struct{} // closed when the rest is there; made by the first to join
	mark  uint64
	value any
	err   error
	left  bool // nobody will bring a value
}

// flights are all of them, and the keys that are being refreshed.
type flights struct {
	mu      sync.Mutex
	loading map[localKey]*flight
	renewed map[localKey]struct{}
}

// board takes a seat in the flight of a key, or begins own: then leads is true. A flight that took off
// before an invalidation would bring what was; nobody boards it any more. Where invalidations are not
// heard (the process was frozen, Redis is away) nobody boards one that took off before since: for longer
// than that L1 does not trust what it has either. flights.mu is held.
func (f *flights) board(k localKey, mark uint64, since time.Duration, own *flight) (fl *flight, leads bool) {
	if fl := f.loading[k]; fl != nil && fl.mark == mark && fl.since >= since {
		if fl.done == nil {
			fl.done = make(chan struct{})
		}
		return fl, false
	}
	own.mark = mark
	f.loading[k] = own
	return own, true
}

// land ends a flight. Its result must be set.
func (f *flights) land(k localKey, fl *flight) {
	f.mu.Lock()
	if f.loading[k] == fl {
		delete(f.loading, k)
	}
	done := fl.done
	f.mu.Unlock()
	if done != nil {
		close(done)
	}
}

// renew says whether the caller shall refresh a key: nobody else in this process does.
func (f *flights) renew(k localKey) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.renewed[k]; ok {
		return false
	}
	f.renewed[k] = struct{}{}
	return true
}

func (f *flights) renewedAll(keys []localKey) {
	f.mu.Lock()
	for _, k := range keys {
		delete(f.renewed, k)
	}
	f.mu.Unlock()
}
