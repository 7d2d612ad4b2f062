package fieldcache

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"
)

// jointKeys bounds what one call for several responses reads: values may be large, and one goroutine
// takes them all from the connection.
const jointKeys = 32

// jointBytes bounds it further where values have been large lately: one goroutine takes all of them from the
// connection, within the budget of the response that makes the call.
const jointBytes = 256 << 10

// joint lets responses that want little of Redis share calls. There are as many calls under way as there
// are processors, each for whoever came first and alone; whoever comes while all of them wait for Redis
// goes with the next, which one of those that wait makes for all. So nobody waits for company, and the more
// there is to do, the fewer calls it takes: a call for one key costs mostly what every call costs.
type joint struct {
	remote *remote
	most   int // calls under way

	mu      sync.Mutex
	under   int        // calls under way, or about to be
	waiting []*reading // while all are
	size    int        // of a value, about: of those that were read lately
}

// reading is what one response waits for.
type reading struct {
	keys   []string
	values []string
	ok     bool
	leads  bool          // it is to make the next call; joint.mu
	done   chan struct{} // closed when it leads, or has its values
}

func newJoint(r *remote) *joint { return &joint{remote: r, most: runtime.GOMAXPROCS(0)} }

// read is remote.read.
func (j *joint) read(ctx context.Context, a *allowance, keys []string) (values []string, ok bool) {
	j.mu.Lock()
	if j.under < j.most {
		j.under++
		j.mu.Unlock()
		defer j.pass()
		values, ok = j.remote.read(ctx, a, keys)
		j.learn(values, ok)
		return values, ok
	}
	r := &reading{keys: keys, done: make(chan struct{})}
	j.waiting = append(j.waiting, r)
	j.mu.Unlock()
	if !j.wait(ctx, a, r) {
		return nil, false
	}
	if r.leads {
		defer j.pass()
		j.lead(ctx, a, r)
	}
	return r.values, r.ok
}

// learn remembers how large values are.
func (j *joint) learn(values []string, ok bool) {
	if !ok {
		return
	}
	bytes := 0
	for _, v := range values {
		bytes += len(v)
	}
	j.mu.Lock()
	j.size += (bytes/max(1, len(values)) - j.size) / 8
	j.mu.Unlock()
}

// wait waits for values, or for the turn to read them. As with seats, that costs the allowance nothing, and
// ends when the breaker opens.
func (j *joint) wait(ctx context.Context, a *allowance, r *reading) bool {
	enough := time.NewTimer(seatWait * time.Duration(a.left.Load()))
	defer enough.Stop()
	select {
	case <-r.done:
		return true
	case <-j.remote.breaker.opened():
	case <-enough.C:
	case <-ctx.Done():
	}
	j.mu.Lock()
	leads := r.leads
	j.waiting = slices.DeleteFunc(j.waiting, func(w *reading) bool { return w == r })
	j.mu.Unlock()
	if leads {
		j.pass()
	}
	return false
}

// lead makes one call for r and for as many as wait.
func (j *joint) lead(ctx context.Context, a *allowance, r *reading) {
	keys := slices.Clip(r.keys)
	j.mu.Lock()
	n, most := 0, min(jointKeys, jointBytes/max(1, j.size))
	for _, w := range j.waiting {
		if len(keys)+len(w.keys) > most {
			break
		}
		keys = append(keys, w.keys...)
		n++
	}
	others := slices.Clone(j.waiting[:n])
	j.waiting = slices.Delete(j.waiting, 0, n)
	j.mu.Unlock()
	values, ok := j.remote.read(ctx, a, keys)
	j.learn(values, ok)
	for _, w := range append([]*reading{r}, others...) {
		if w.ok = ok; ok {
			w.values, values = values[:len(w.keys):len(w.keys)], values[len(w.keys):]
		}
	}
	for _, w := range others {
		close(w.done)
	}
}

// pass ends a call: of those that wait, the last that came makes the next, since it has the most time left.
func (j *joint) pass() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting) == 0 {
		j.under--
		return
	}
	last := len(j.waiting) - 1
	next := j.waiting[last]
	j.waiting[last] = nil
	j.waiting = j.waiting[:last]
	next.leads = true
	close(next.done)
}
