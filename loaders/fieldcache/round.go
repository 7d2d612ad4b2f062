package fieldcache

import (
	"context"
	"errors"
	"math"
	"time"
)

// Round looks up the keys of a wave's batches, all at once. It belongs to one goroutine.
type Round struct {
	session *Session
	cache   *Cache
	budget  *allowance
	batches []*Batch
	items   []item
	scratch []byte // for encodings

	begun   bool
	now     int64     // when it began, Unix milliseconds
	loading time.Time // since when the caller loads
	waited  time.Time // since when it waits for others
	second  bool      // it has waited long enough to become the second to load
}

// item is a key that this process does not have.
type item struct {
	batch *Batch
	at    int32
	state state
	isPut bool

	flight *flight // its own, or the one it joined; nil if it is kept nowhere
	mark   uint64
	key    string // in Redis
	ofID   int32  // place of the id's generation, 0 if it has none
	right  token  // to fill: the token of the lease, or of the value to replace
	rescue *entry // to be served if the load fails
	sum    uint64

	value any
	err   error
}

type state uint8

const (
	wanted  state = iota // to be read from Redis
	joined               // another response brings it
	foreign              // another process is loading it
	missing              // the caller loads it
	done
)

var errNotLoaded = errors.New("the cache asked for a value that was not loaded")

// Round begins a round.
func (s *Session) Round() *Round {
	return &Round{session: s, cache: s.cache, budget: &s.budget}
}

// Add asks for the values of ids, which must not repeat. arguments, for a space with variants, are a
// canonical text of all that the value depends on beside the id. reload may be nil: then nothing is
// loaded before it is asked for.
func (r *Round) Add(space *Space, arguments string, ids []int64, reload Load) *Batch {
	b := &Batch{round: r, space: space, ids: ids, reload: reload, Values: make([]any, len(ids))}
	if space.variants {
		viewer := ""
		if space.policy.Scope == Private {
			viewer = r.session.viewer
			b.bypass = viewer == ""
		}
		b.variant = variant(arguments, viewer)
	}
	r.batches = append(r.batches, b)
	return b
}

// Next does what can be done without the store. While it says true the caller must load what the
// batches miss, Put it, and call Next again. Mostly it says true once, and never where all is there.
func (r *Round) Next(ctx context.Context) bool {
	if !r.begun {
		r.begun = true
		r.look(ctx)
	} else {
		r.settle()
	}
	if !r.collect() {
		r.await(ctx)
		if !r.collect() {
			return false
		}
	}
	r.loading = r.cache.clock()
	return true
}

// Close ends a round, also one that was given up. It tells the observer.
func (r *Round) Close() {
	var leases []filling
	for i := range r.items {
		it := &r.items[i]
		if it.state == missing && !it.right.isZero() {
			leases = append(leases, it.giveBack())
		}
		if it.flight != nil && it.state != joined && it.state != done {
			it.flight.left = true
			r.cache.flights.land(it.batch.key(it.at), it.flight)
			it.state = done
		}
	}
	if len(leases) > 0 {
		r.cache.fillLater(leases)
	}
	for _, b := range r.batches {
		if b.isRefresh {
			continue
		}
		n := &b.Counts
		r.cache.observer.Looked(b.space.name, n.Local, n.Redis, n.Stale, n.Joined, n.Missed)
		if n.Rescued > 0 {
			r.cache.observer.StaleIfError(b.space.name, n.Rescued)
		}
	}
	r.batches = nil
}

// look takes what this process has and reads the rest from Redis.
func (r *Round) look(ctx context.Context) {
	c := r.cache
	at := c.clock()
	r.now = at.UnixMilli()
	elapsed := at.Sub(c.start)
	serves := c.local.serves(elapsed)
	for _, b := range r.batches {
		r.lookLocally(b, serves)
	}
	if len(r.items) == 0 {
		r.refresh()
		return
	}
	since := time.Duration(math.MinInt64)
	if !c.local.hears(elapsed) {
		since = elapsed - c.config.Timing.Trust
	}
	own := make([]flight, len(r.items))
	c.flights.mu.Lock()
	for i := range r.items {
		it := &r.items[i]
		if it.state != wanted || it.batch.isRefresh {
			continue
		}
		own[i].since = elapsed
		var leads bool
		if it.flight, leads = c.flights.board(it.batch.key(it.at), it.mark, since, &own[i]); !leads {
			it.state = joined
			it.batch.Counts.Joined++
		}
	}
	c.flights.mu.Unlock()
	r.fetch(ctx)
	r.refresh()
}

func (r *Round) lookLocally(b *Batch, serves bool) {
	l := &r.cache.local
	for i := range b.ids {
		it := item{batch: b, at: int32(i), mark: l.markOf(b.space, b.ids[i])}
		switch {
		case b.bypass:
			it.state = missing
		case serves && !b.isRefresh:
			if e := l.get(b.key(it.at)); e != nil && r.takeLocal(&it, e) {
				continue
			}
		}
		if r.items == nil {
			r.items = make([]item, 0, len(b.ids)-i)
		}
		r.items = append(r.items, it)
	}
}

// takeLocal serves e if it is still good.
func (r *Round) takeLocal(it *item, e *entry) bool {
	b := it.batch
	switch f := r.cache.freshness(b.space, e, r.now); f {
	case fresh, early:
		b.Counts.Local++
		if f == early {
			b.renew(it.at, e)
		}
	case stale:
		if e.primed {
			it.rescue = e
			return false
		}
		b.Counts.Stale++
		b.renew(it.at, e)
	case fallback:
		it.rescue = e
		return false
	default:
		return false
	}
	b.Values[it.at] = e.value
	return true
}

func (b *Batch) renew(at int32, e *entry) {
	b.old, b.olds = append(b.old, at), append(b.olds, e.token)
}

// collect gives the batches their misses. It says whether there are any.
func (r *Round) collect() bool {
	found := false
	for _, b := range r.batches {
		b.misses, b.items = b.misses[:0], b.items[:0]
	}
	for i := range r.items {
		it := &r.items[i]
		if it.state == missing {
			it.batch.misses = append(it.batch.misses, it.at)
			it.batch.items = append(it.batch.items, int32(i))
			found = true
		}
	}
	return found
}

// settle takes what the caller has loaded.
func (r *Round) settle() {
	took := r.cache.clock().Sub(r.loading)
	now := r.cache.clock().UnixMilli()
	var fillings []filling
	for i := range r.items {
		it := &r.items[i]
		if it.state != missing {
			continue
		}
		if !it.isPut {
			it.err = errNotLoaded
		}
		if f, ok := r.loaded(it, now, took); ok {
			fillings = append(fillings, f)
		}
	}
	if len(fillings) > 0 {
		r.cache.fillLater(fillings)
	}
}

// loaded ends an item with what the caller has put, and says what to write.
func (r *Round) loaded(it *item, now int64, took time.Duration) (f filling, ok bool) {
	b, c := it.batch, r.cache
	b.Counts.Missed++
	if it.err != nil {
		if it.rescue != nil {
			b.Counts.Rescued++
			it.value, it.err = it.rescue.value, nil
		}
		r.end(it)
		// The claim of a refresh that failed stands for a while, so that it is not tried all the time.
		return it.giveBack(), !it.right.isZero() && !b.isRefresh
	}
	if it.flight == nil && !b.isRefresh {
		r.end(it)
		return filling{}, false
	}
	e := &entry{
		value: it.value, mark: it.mark, sum: it.sum, token: newToken(),
		delta:  uint32(min(took.Microseconds(), 1<<31)),
		soft:   b.space.policy.softExpiry(now, it.value == nil),
		filled: r.loading.UnixMilli(),
	}
	r.scratch = appendValue(r.scratch[:0], b.space, it.key, e)
	encoded := string(r.scratch)
	c.local.keep(b.key(it.at), e, encoded) // before the flight lands, so that somebody always has it
	r.end(it)
	if it.right.isZero() {
		return filling{}, false
	}
	life := b.space.policy.hardExpiry(e.soft, e.value == nil) - now
	return filling{space: b.space, key: it.key, token: it.right, value: encoded, life: life}, true
}

func (it *item) giveBack() filling {
	return filling{space: it.batch.space, key: it.key, token: it.right}
}

// end gives an item's value or error to its batch and to all who joined.
func (r *Round) end(it *item) {
	b := it.batch
	it.state = done
	if it.err != nil {
		b.fail(it.at, it.err)
	}
	b.Values[it.at] = it.value
	if it.flight != nil {
		// An error that is only this response's must not become that of others.
		it.flight.left = errors.Is(it.err, context.Canceled) || errors.Is(it.err, errNotLoaded)
		it.flight.value, it.flight.err = it.value, it.err
		r.cache.flights.land(b.key(it.at), it.flight)
	}
}

// hit ends an item with a value from Redis.
func (r *Round) hit(it *item, e *entry) {
	e.mark = it.mark
	r.cache.local.put(it.batch.key(it.at), e)
	it.value = e.value
	r.end(it)
}

// await waits for what other processes and other responses bring.
func (r *Round) await(ctx context.Context) {
	r.awaitForeign(ctx)
	if r.collect() {
		return // whoever waits for this response must not wait for those whom it waits for
	}
	for i := range r.items {
		it := &r.items[i]
		if it.state != joined {
			continue
		}
		select {
		case <-it.flight.done:
			if !it.flight.left {
				it.state, it.value, it.err = done, it.flight.value, it.flight.err
				it.batch.Values[it.at] = it.value
				if it.err != nil {
					it.batch.fail(it.at, it.err)
				}
				continue
			}
		case <-ctx.Done():
		}
		it.state, it.flight = missing, nil
	}
}

// awaitForeign looks again and again for values that other processes are loading.
func (r *Round) awaitForeign(ctx context.Context) {
	var timer *time.Timer
	for wait := time.Millisecond; r.has(foreign); wait *= 2 {
		if r.waited.IsZero() {
			r.waited = r.cache.clock()
		}
		waited := r.cache.clock().Sub(r.waited)
		if waited >= 3*r.cache.config.LeaseWait || ctx.Err() != nil || !r.cache.remote.isAvailable() {
			r.move(foreign, missing)
			break
		}
		r.second = waited >= r.cache.config.LeaseWait
		if timer == nil {
			timer = time.NewTimer(wait)
			defer timer.Stop()
		} else {
			timer.Reset(wait)
		}
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		r.move(foreign, wanted)
		r.fetch(ctx)
	}
}

func (r *Round) has(s state) bool {
	for i := range r.items {
		if r.items[i].state == s {
			return true
		}
	}
	return false
}

func (r *Round) move(from, to state) {
	for i := range r.items {
		if r.items[i].state == from {
			r.items[i].state = to
		}
	}
}
