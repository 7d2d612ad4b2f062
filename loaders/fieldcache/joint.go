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
		return j.remote.read(ctx, a, keys)
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

// wait waits for values, or for the turn to read them, no longer than the response may.
func (j *joint) wait(ctx context.Context, a *allowance, r *reading) bool {
	start := j.remote.now()
	enough := time.NewTimer(time.Duration(a.left.Load()))
	defer enough.Stop()
	defer func() { a.left.Add(-int64(j.remote.now().Sub(start))) }()
	select {
	case <-r.done:
		return true
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
	n := 0
	for _, w := range j.waiting {
		if len(keys)+len(w.keys) > jointKeys {
			break
		}
		keys = append(keys, w.keys...)
		n++
	}
	others := slices.Clone(j.waiting[:n])
	j.waiting = slices.Delete(j.waiting, 0, n)
	j.mu.Unlock()
	values, ok := j.remote.read(ctx, a, keys)
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
