package fieldcache

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// maxSubtree bounds what one subtree may take, and maxSubtreeRefs what it may depend on: the more
	// that is, the sooner something of it changes.
	maxSubtree     = 256 << 10
	maxSubtreeRefs = 5000
	// absentFor is for how long a process remembers that something cannot be kept.
	absentFor = 10 * time.Second
	// subtreeWait bounds how long a response waits for another that makes what it needs. What both would
	// read is loaded once, whether they wait or not.
	subtreeWait = 50 * time.Millisecond
)

// subtreeSuffix tells the subtrees of a root field from its pages.
const subtreeSuffix = "#bytes"

// Wanted is a subtree that a response asks for.
type Wanted struct {
	// Field is one of Config.Subtrees.
	Field string
	// Key tells it from other subtrees of the field: what is selected below, and all arguments.
	Key string
	// Found is set if it is kept, and From says where it was.
	Found *Subtree
	From  string

	space  *Space
	key    string   // in Redis; "" until somebody asks there
	old    *Subtree // it is there, and about to expire
	flight *making
	isOwn  bool // this response makes it
}

// Where a subtree was found.
const (
	FromLocal  = "local"
	FromRedis  = "redis"
	FromFlight = "joined" // another response made it
)

// making is a subtree that a response of this process is making.
type making struct {
	done  chan struct{} // nil until somebody waits; makings.mu
	found *Subtree      // nil: it was not kept
}

// makings are all of them.
type makings struct {
	mu  sync.Mutex
	all map[localKey]*making
}

// KeepsSubtrees says whether there is any use in asking for subtrees now. They are only given out, and
// made, while the stream is heard, since nothing in Redis is deleted when something that they depend on
// changes; and not under a limit.
func (c *Cache) KeepsSubtrees() bool {
	return c.heard.ring != nil && c.hears(c.clock())
}

func (c *Cache) hears(now time.Time) bool {
	return int64(now.Sub(c.start)) < c.local.heard.Load() && c.limit.Load() == 0
}

// LocalSubtree gives a subtree that this process keeps; nil if there is none. What it does not find
// belongs into FindSubtrees.
func (s *Session) LocalSubtree(field, key string) *Subtree {
	c := s.cache
	space, now := c.subtrees[field], c.clock()
	if space == nil || !c.hears(now) {
		return nil
	}
	found := c.localSubtree(space, key, now.UnixMilli())
	if found == nil || found.isAbsent || mayBeEarly(found.until-now.UnixMilli(), found.delta) {
		return nil
	}
	c.observer.Looked(space.name, 1, 0, 0, 0, 0)
	return found
}

// localSubtree looks into L1. now is in Unix milliseconds.
func (c *Cache) localSubtree(space *Space, key string, now int64) *Subtree {
	if c.local.cache == nil {
		return nil
	}
	e, ok := c.local.cache.GetIfPresent(localKey{space: space, variant: key})
	if !ok {
		return nil
	}
	found := e.value.(*Subtree)
	if found.until <= now || !found.isAbsent && !c.heard.stands(found) {
		return nil
	}
	return found
}

func (c *Cache) putSubtree(w *Wanted, found *Subtree) {
	if c.local.cache != nil {
		// Entries count for twice their size, since values are larger than their encodings; this one is not.
		c.local.cache.Set(localKey{space: w.space, variant: w.Key}, &entry{value: found, size: uint32(len(found.text) / 2)})
	}
}

// Search is a look-up of subtrees, and what becomes of those that were not found.
type Search struct {
	cache  *Cache
	number uint64 // of the last word heard before anything is read
	start  time.Time
	wanted []Wanted
	isOwn  bool // it makes at least one
	ended  bool
}

// FindSubtrees looks for subtrees in this process and in Redis, all at once. The response makes those that
// are not found, and must call End.
func (s *Session) FindSubtrees(ctx context.Context, wanted []Wanted) *Search {
	c := s.cache
	f := &Search{cache: c, wanted: wanted, start: c.clock()}
	if !c.hears(f.start) {
		return f
	}
	f.number = c.heard.number.Load() // before anything is read
	f.look()
	f.fetch(ctx, s)
	if !f.isOwn {
		f.await(ctx)
	}
	f.tell()
	return f
}

// look takes what this process has, and says who makes the rest.
func (f *Search) look() {
	c, now := f.cache, f.start.UnixMilli()
	for i := range f.wanted {
		w := &f.wanted[i]
		if w.space = c.subtrees[w.Field]; w.space == nil {
			continue
		}
		found := c.localSubtree(w.space, w.Key, now)
		switch {
		case found == nil:
			w.board(c)
		case found.isAbsent:
		case isEarly(found.until-now, found.delta) && w.board(c):
			w.old = found
		default: // fresh, or somebody makes it anew already
			w.Found, w.From = found, FromLocal
		}
		f.isOwn = f.isOwn || w.isOwn
	}
}

// board begins to make a subtree, or finds who does.
func (w *Wanted) board(c *Cache) (isNew bool) {
	k := localKey{space: w.space, variant: w.Key}
	c.makings.mu.Lock()
	defer c.makings.mu.Unlock()
	if w.flight = c.makings.all[k]; w.flight != nil {
		if w.flight.done == nil {
			w.flight.done = make(chan struct{})
		}
		return false
	}
	w.flight, w.isOwn = &making{}, true
	c.makings.all[k] = w.flight
	return true
}

// land ends what the response was making.
func (w *Wanted) land(c *Cache, found *Subtree) {
	w.flight.found = found
	c.makings.mu.Lock()
	delete(c.makings.all, localKey{space: w.space, variant: w.Key})
	done := w.flight.done
	c.makings.mu.Unlock()
	if done != nil {
		close(done)
	}
	w.isOwn = false
}

// fetch reads what this response would have to make.
func (f *Search) fetch(ctx context.Context, s *Session) {
	if !f.isOwn {
		return
	}
	c := f.cache
	keys := make([]string, 0, len(f.wanted))
	for i := range f.wanted {
		if w := &f.wanted[i]; w.isOwn {
			keys = append(keys, w.redisKey())
		}
	}
	values, ok := c.joint.read(ctx, &s.budget, keys)
	if !ok {
		return
	}
	f.isOwn = false
	for i := range f.wanted {
		w := &f.wanted[i]
		if !w.isOwn {
			continue
		}
		text := values[0]
		values = values[1:]
		if text != "" && f.take(w, text) {
			w.land(c, w.Found)
			continue
		}
		f.isOwn = true
	}
}

// take judges what lies in Redis.
func (f *Search) take(w *Wanted, text string) bool {
	c, now := f.cache, f.start.UnixMilli()
	found, err := readSubtree(w.redisKey(), text)
	if err != nil {
		c.observer.Discarded(w.space.name, 1) // it is replaced
		return false
	}
	isOld := w.old != nil && w.old.until == found.until || w.old == nil && isEarly(found.until-now, found.delta)
	if isOld || found.until <= now || !c.heard.stands(found) {
		return false
	}
	w.Found, w.From = found, FromRedis
	c.putSubtree(w, found)
	return true
}

func (w *Wanted) redisKey() string {
	if w.key == "" {
		w.key = w.space.prefix + digest(w.Key)
	}
	return w.key
}

// await waits for what other responses make. Whoever makes something does not wait: two could wait for each
// other.
func (f *Search) await(ctx context.Context) {
	var timer *time.Timer
	for i := range f.wanted {
		w := &f.wanted[i]
		if w.Found != nil || w.flight == nil {
			continue
		}
		if timer == nil {
			timer = time.NewTimer(subtreeWait)
			defer timer.Stop()
		}
		select {
		case <-w.flight.done:
			// It may have begun to read before something was said that is known here.
			if found := w.flight.found; found != nil && f.cache.heard.stands(found) {
				w.Found, w.From = found, FromFlight
			}
		case <-timer.C:
			timer.Reset(0)
		case <-ctx.Done():
		}
	}
}

// tell tells the observer.
func (f *Search) tell() {
	for i := range f.wanted {
		w := &f.wanted[i]
		if w.space == nil {
			continue
		}
		one := func(from string) int {
			if w.From == from {
				return 1
			}
			return 0
		}
		f.cache.observer.Looked(w.space.name, one(FromLocal), one(FromRedis), 0, one(FromFlight), one(""))
	}
}

// Makes says whether the response makes something that others may use.
func (f *Search) Makes() bool { return f.isOwn }

// Keep keeps what the response has made of a subtree that was not found. What it is given is copied.
func (f *Search) Keep(i int, counts, json []byte, reads *Reads) {
	c, w := f.cache, &f.wanted[i]
	if !w.isOwn || f.number == 0 {
		return
	}
	key := w.redisKey()
	now := c.clock()
	life := reads.life()
	if string(json) == "null" {
		life = min(life, negativeTTL)
	}
	names := reads.all()
	if reads.isUnknown || life == 0 || len(names) > maxSubtreeRefs || len(counts)+len(json)+nameSize*len(names) > maxSubtree {
		c.putSubtree(w, &Subtree{isAbsent: true, until: now.Add(absentFor).UnixMilli()})
		return
	}
	policy := Policy{TTL: life}
	until := policy.softExpiry(now.UnixMilli(), false)
	made := newSubtree(key, f.number, until, now.Sub(f.start), counts, json, names)
	c.putSubtree(w, made)
	w.land(c, made)
	c.keepLater(w.space, key, made.text, time.Duration(until-now.UnixMilli())*time.Millisecond)
}

// End lets nobody wait any more for what was not kept. It may be called again.
func (f *Search) End() {
	if f.ended {
		return
	}
	f.ended = true
	for i := range f.wanted {
		if w := &f.wanted[i]; w.isOwn {
			w.land(f.cache, nil)
		}
	}
}

// subtreeSpaces are those of the fields of Config.Subtrees.
func subtreeSpaces(fields []string, prefix string, after int) map[string]*Space {
	spaces := make(map[string]*Space, len(fields))
	for i, field := range slices.Compact(slices.Sorted(slices.Values(fields))) {
		n := field + subtreeSuffix
		spaces[field] = &Space{name: n, seed: uint64(after+i+1) * 0x9e3779b97f4a7c15, prefix: prefix + n + ":"}
	}
	return spaces
}
