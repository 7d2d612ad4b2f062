package fieldcache

import (
	"sync"
	"sync/atomic"
)

const (
	// ringSize is how many of the last names are known in their order. 2^14 are 256 KB.
	ringSize = 1 << 14
	// namesBits: names that share a stripe are taken for each other. Stripes are looked at for names that have
	// left the ring, and where more have come than a subtree depends on. 2^16 are 512 KB.
	namesBits = 16
)

// name stands for an id of a space, or with the id 0 for a whole space, in every process alike. Two that
// are the same by accident cost a subtree its life, and nothing else.
type name uint64

func nameOf(space string, id int64) name {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(space) {
		h = (h ^ uint64(space[i])) * 1099511628211
	}
	h ^= uint64(id) * 0x9e3779b97f4a7c15
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>29) * 0xc4ceb9fe1a85ec53
	return name(h ^ h>>32 | 1) // none is 0
}

// named is one name in the order of the stream.
type named struct {
	name   name // 0: none, only time has passed
	number uint64
}

// heard is what this process knows of the stream of invalidations: what was named at which number. A
// subtree holds the number up to which its filler had heard before it began to read, and the names of all
// that it read. It stands as long as nothing said since has named any of these:
//
//   - What was said up to that number the filler has read: invalidations are said when the change can be
//     seen, and when Redis has forgotten the value.
//   - What was said since is known here if this process listens since then or longer; if it began later,
//     the subtree is not for it.
//   - A filler may have heard more than its reader. What lies between is in the subtree already, and what
//     comes after it neither of them knows: the reader is as right as with its own L1.
//
// So nobody needs leave to fill: whoever fills late fills what its readers will find to be old.
type heard struct {
	// count is that of all entries of the ring, ever. It changes with every word, so what was found to
	// stand at a count still stands while it is the same.
	count  atomic.Uint64
	number atomic.Uint64 // of the last word; 0 before the first

	mu    sync.RWMutex
	begun uint64 // since which number everything is known
	all   uint64 // of the last word that named everything
	first uint64 // entry of the ring that the order begins with
	ring  []named
	last  []uint64 // by stripe: number of the last word that named it
}

// open makes room. Without it nothing is heard.
func (h *heard) open() {
	h.ring, h.last = make([]named, ringSize), make([]uint64, 1<<namesBits)
}

// begin forgets all words: the stream is heard from here on.
func (h *heard) begin(number uint64) {
	if h.ring == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begun, h.all = number, 0
	clear(h.last)
	h.first = h.count.Load()
	h.push(named{0, number})
	h.number.Store(number)
}

// hear takes a word. Values of this process must have been forgotten by then: whoever fills from now on
// says that it has read what the word made visible.
func (h *heard) hear(number uint64, what []Ref) {
	if h.ring == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, ref := range what {
		if ref.Space == "" {
			h.all = number
			h.push(named{0, number})
			continue
		}
		n := nameOf(ref.Space, ref.ID)
		h.last[n.stripe()] = number
		h.push(named{n, number})
	}
	h.number.Store(number)
}

// outdate drops what was filled before a number that is still to be heard.
func (h *heard) outdate(number uint64) {
	if h.ring == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begun = max(h.begun, number)
	h.push(named{0, h.number.Load()})
}

func (h *heard) push(n named) {
	count := h.count.Load()
	h.ring[count%ringSize] = n
	h.count.Store(count + 1)
}

func (n name) stripe() uint64 { return uint64(n) >> (64 - namesBits) }

// stands says whether nothing has been named that s depends on.
func (h *heard) stands(s *Subtree) bool {
	if at := s.checked.Load(); at != 0 && at == h.count.Load() {
		return true
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if s.number < h.begun || s.number < h.all || h.ring == nil {
		return false
	}
	count := h.count.Load()
	from, known := s.checked.Load(), true
	if from == 0 {
		from, known = h.after(s.number)
	}
	known = known && from >= h.oldest()
	if known && count-from <= uint64(s.refCount()) {
		for ; from < count; from++ {
			if n := h.ring[from%ringSize]; n.number > s.number && s.dependsOn(n.name) {
				return false
			}
		}
	} else {
		for i := range s.refCount() {
			if h.last[s.ref(i).stripe()] > s.number {
				return false
			}
		}
	}
	s.checked.Store(count)
	return true
}

// oldest is the first entry of the ring that is still there. mu is held.
func (h *heard) oldest() uint64 {
	count := h.count.Load()
	if count < ringSize {
		return h.first
	}
	return max(h.first, count-ringSize)
}

// after is the first entry of a word after a number, and whether all those are still there. mu is held.
func (h *heard) after(number uint64) (entry uint64, known bool) {
	from, to := h.oldest(), h.count.Load()
	known = from == h.first || h.ring[from%ringSize].number <= number
	for from < to {
		if middle := from + (to-from)/2; h.ring[middle%ringSize].number <= number {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from, known
}
