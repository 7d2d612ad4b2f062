package fieldcache

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"sync/atomic"
	"time"
	"unsafe"
)

// Subtree is the encoded value of a root field, with everything below it. What lies in Redis is
//
//	version(1) checksum(4) until(8) number(8) delta(4) counts(4) refs(4) | counts | refs | JSON
//
// checksum CRC-32C over the key and all that follows
// until    when it expires, Unix milliseconds
// number   of the last invalidation that was heard before anything was read for it
// delta    how long it took to make, microseconds
// counts   the length of what belongs to the caller
// refs     how many names follow, sorted, of 8 bytes each
//
// and is kept in this process as it is: the JSON is copied once, into the answer.
type Subtree struct {
	text     string
	number   uint64
	until    int64
	delta    uint32
	counts   string
	refs     string
	json     string
	isAbsent bool // it is known that nothing can be kept here

	// checked is the entry of the stream up to which it is known to stand.
	checked atomic.Uint64
}

const (
	subtreeVersion    = 0x81
	subtreeChecksumAt = 1
	subtreeUntilAt    = subtreeChecksumAt + 4
	subtreeNumberAt   = subtreeUntilAt + 8
	subtreeDeltaAt    = subtreeNumberAt + 8
	subtreeCountsAt   = subtreeDeltaAt + 4
	subtreeRefsAt     = subtreeCountsAt + 4
	subtreeHeader     = subtreeRefsAt + 4
	nameSize          = 8
)

var errCutOff = errors.New("it ends too early")

// JSON is the encoded value.
func (s *Subtree) JSON() string { return s.json }

// Counts is what the caller gave along with it.
func (s *Subtree) Counts() string { return s.counts }

func (s *Subtree) refCount() int { return len(s.refs) / nameSize }

func (s *Subtree) ref(i int) name {
	b := s.refs[i*nameSize : (i+1)*nameSize]
	return name(binary.BigEndian.Uint64(unsafe.Slice(unsafe.StringData(b), nameSize)))
}

func (s *Subtree) dependsOn(n name) bool {
	from, to := 0, s.refCount()
	for from < to {
		middle := int(uint(from+to) / 2)
		switch r := s.ref(middle); {
		case r == n:
			return true
		case r < n:
			from = middle + 1
		default:
			to = middle
		}
	}
	return false
}

// newSubtree encodes a value; what it is made of is copied.
func newSubtree(key string, number uint64, until int64, took time.Duration, counts, json []byte, refs []name) *Subtree {
	b := make([]byte, subtreeHeader, subtreeHeader+len(counts)+nameSize*len(refs)+len(json))
	b[0] = subtreeVersion
	binary.BigEndian.PutUint64(b[subtreeUntilAt:], uint64(until))
	binary.BigEndian.PutUint64(b[subtreeNumberAt:], number)
	binary.BigEndian.PutUint32(b[subtreeDeltaAt:], uint32(min(took.Microseconds(), 1<<31)))
	binary.BigEndian.PutUint32(b[subtreeCountsAt:], uint32(len(counts)))
	binary.BigEndian.PutUint32(b[subtreeRefsAt:], uint32(len(refs)))
	b = append(b, counts...)
	for _, n := range refs {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, json...)
	binary.BigEndian.PutUint32(b[subtreeChecksumAt:], subtreeChecksum(key, b))
	s := &Subtree{}
	s.divide(unsafe.String(unsafe.SliceData(b), len(b))) // nobody has b any more
	return s
}

// readSubtree reads what newSubtree wrote for the same key.
func readSubtree(key, text string) (*Subtree, error) {
	if len(text) < subtreeHeader || text[0] != subtreeVersion {
		return nil, errForeignVersion
	}
	b := unsafe.Slice(unsafe.StringData(text), len(text))
	if binary.BigEndian.Uint32(b[subtreeChecksumAt:]) != subtreeChecksum(key, b) {
		return nil, errChecksum
	}
	s := &Subtree{}
	if !s.divide(text) {
		return nil, errCutOff
	}
	return s, nil
}

// divide finds the parts of an encoding.
func (s *Subtree) divide(text string) bool {
	b := unsafe.Slice(unsafe.StringData(text), len(text)) // it is only read
	s.text = text
	s.until = int64(binary.BigEndian.Uint64(b[subtreeUntilAt:]))
	s.number = binary.BigEndian.Uint64(b[subtreeNumberAt:])
	s.delta = binary.BigEndian.Uint32(b[subtreeDeltaAt:])
	counts := int64(binary.BigEndian.Uint32(b[subtreeCountsAt:]))
	refs := int64(binary.BigEndian.Uint32(b[subtreeRefsAt:])) * nameSize
	if subtreeHeader+counts+refs > int64(len(text)) {
		return false
	}
	rest := text[subtreeHeader:]
	s.counts, rest = rest[:counts], rest[counts:]
	s.refs, s.json = rest[:refs], rest[refs:]
	return true
}

func subtreeChecksum(key string, b []byte) uint32 {
	sum := crc32.Update(0, castagnoli, unsafe.Slice(unsafe.StringData(key), len(key)))
	return crc32.Update(sum, castagnoli, b[subtreeUntilAt:])
}

// Reads are what has been read for a response: all that its subtrees depend on.
type Reads struct {
	names     []name
	spaces    []*Space
	isUnknown bool
}

// Add notes that the value of an id was looked up in a space, whether there is one or not. Values that are
// not for everybody, and those that no cache keeps, are Unknown.
func (r *Reads) Add(s *Space, ids ...int64) {
	if s == nil || s.policy.Scope != Public || len(r.names) > maxSubtreeRefs {
		r.isUnknown = true
		return
	}
	if !slices.Contains(r.spaces, s) {
		r.spaces = append(r.spaces, s)
		r.names = append(r.names, nameOf(s.name, 0))
	}
	for _, id := range ids {
		r.names = append(r.names, nameOf(s.name, id))
	}
}

// AddBatch notes the ids of a batch.
func (r *Reads) AddBatch(b *Batch) { r.Add(b.space, b.ids...) }

// Unknown notes that something was read of which nobody hears when it changes: nothing is kept.
func (r *Reads) Unknown() { r.isUnknown = true }

// all are the names, sorted.
func (r *Reads) all() []name {
	slices.Sort(r.names)
	r.names = slices.Compact(r.names)
	return r.names
}

// life is for how long what was read may be kept.
func (r *Reads) life() time.Duration {
	life := time.Duration(0)
	for i, s := range r.spaces {
		if i == 0 || s.policy.TTL < life {
			life = s.policy.TTL
		}
	}
	return life
}
