package fieldcache

import (
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/maypok86/otter/v2"
)

// localKey is the key of a value in this process.
type localKey struct {
	space   *Space
	id      int64
	variant string
}

// markBits: invalidations of ids that share a mark hit each other's values. 2^16 marks are 256 KB.
const markBits = 16

// local is L1.
type local struct {
	cache *otter.Cache[localKey, *entry] // nil: none
	// epoch counts flushes; with the mark of the space and that of the id it makes the mark of a key.
	// All of them only grow, so a sum that is the same says that none has changed.
	epoch atomic.Uint64
	marks [1 << markBits]atomic.Uint32
	// changes counts all invalidations that were heard. It changes before the marks do.
	changes atomic.Uint64
	// heard is until when it may serve, since the start of the cache.
	heard atomic.Int64
}

// entryCost is what an entry takes beside its encoding: nodes of the cache and of its policy, the
// entry, the key. The value in memory is taken for twice its encoding: its texts are parts of that, and
// structs and pointers are about as large.
const entryCost = 320

func (l *local) open(maxBytes uint64) error {
	if maxBytes == 0 {
		return nil
	}
	cache, err := otter.New(&otter.Options[localKey, *entry]{
		MaximumWeight: maxBytes,
		Weigher: func(k localKey, e *entry) uint32 {
			return entryCost + 2*e.size + uint32(len(k.variant))
		},
		Executor: func(maintain func()) { maintain() }, // eviction is cheap, a goroutine is not
	})
	if err != nil {
		return fmt.Errorf("build the cache of this process: %w", err)
	}
	l.cache = cache
	return nil
}

// serves says whether values may be given out: the stream of invalidations has been heard just now.
func (l *local) serves(elapsed time.Duration) bool { return l.cache != nil && l.hears(elapsed) }

// hears says whether the stream has been heard just now.
func (l *local) hears(elapsed time.Duration) bool { return int64(elapsed) < l.heard.Load() }

func (l *local) stripe(s *Space, id int64) *atomic.Uint32 {
	h := (uint64(id) ^ s.seed) * 0xff51afd7ed558ccd
	h = (h ^ h>>32) * 0xc4ceb9fe1a85ec53
	return &l.marks[h>>(64-markBits)]
}

// markOf is the mark of a key. Take it before reading a value, and keep it with the value.
func (l *local) markOf(s *Space, id int64) uint64 {
	return l.epoch.Load() + s.mark.Load() + uint64(l.stripe(s, id).Load())
}

func (l *local) get(k localKey) *entry {
	e, ok := l.cache.GetIfPresent(k)
	if !ok || e.mark != l.markOf(k.space, k.id) {
		return nil
	}
	return e
}

// has says whether there is a value for a key, without a trace in the statistics of the cache.
func (l *local) has(k localKey) bool {
	e, ok := l.cache.GetEntryQuietly(k)
	return ok && e.Value.mark == l.markOf(k.space, k.id)
}

// keep is put for a value that was loaded: it keeps what can be read from its encoding, since whoever loaded
// it made it along with others, and one that is kept would hold the memory of all.
func (l *local) keep(k localKey, e *entry, encoded string) {
	if l.cache == nil {
		return
	}
	if e.value != nil {
		var err error
		e.value, err = k.space.codec.Read(unsafe.Slice(unsafe.StringData(encoded), len(encoded))[headerSize:])
		if err != nil {
			return // nor could it be read from Redis
		}
	}
	l.put(k, e)
}

func (l *local) put(k localKey, e *entry) {
	if l.cache != nil && e.mark == l.markOf(k.space, k.id) {
		l.cache.Set(k, e)
	}
}

// dropAll makes all values of a space unusable.
func (l *local) dropAll(s *Space) {
	l.changes.Add(1)
	s.mark.Add(1)
}

// drop makes a value unusable, also one that is just being read.
func (l *local) drop(k localKey) {
	l.changes.Add(1)
	l.stripe(k.space, k.id).Add(1)
	if l.cache != nil {
		l.cache.Invalidate(k) // its variants go when there is no room
	}
}

// flush makes everything unusable.
func (l *local) flush() {
	l.changes.Add(1)
	l.epoch.Add(1)
	if l.cache != nil {
		l.cache.InvalidateAll()
	}
}

// bytes is what it holds, roughly.
func (l *local) bytes() uint64 {
	if l.cache == nil {
		return 0
	}
	return l.cache.WeightedSize()
}
