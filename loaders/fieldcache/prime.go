package fieldcache

import (
	"bytes"
	"time"
)

// primeRoom is for the encoding of a value before it is known how large it is.
const primeRoom = 512

// Moment is one before something is read.
type Moment struct {
	at      time.Time
	changes uint64
}

// Moment is now.
func (c *Cache) Moment() Moment { return Moment{c.clock(), c.local.changes.Load()} }

// Prime keeps a value that was read since a moment, for everybody, by an id that was not known before: that
// of a row that came on a page. It is kept in this process alone, since it has no lease, and only if no
// invalidation at all was heard since the moment: then the mark of its key is the one from before it was
// read, whatever the key is. What is kept is a copy.
func (c *Cache) Prime(m Moment, space *Space, id int64, value any) {
	now := c.clock()
	if space.variants || value == nil || !c.local.serves(now.Sub(c.start)) {
		return
	}
	k := localKey{space: space, id: id}
	mark := c.local.markOf(space, id)
	if c.local.changes.Load() != m.changes || c.local.has(k) {
		return
	}
	e := &entry{
		primed: true, mark: mark, filled: m.at.UnixMilli(), soft: space.policy.softExpiry(now.UnixMilli(), false),
		delta: uint32(min(now.Sub(m.at).Microseconds(), 1<<31)), token: newToken(),
	}
	b := bytes.Clone(space.codec.Append(make([]byte, 0, primeRoom), value))
	e.size = uint32(headerSize + len(b))
	var err error
	if e.value, err = space.codec.Read(b); err == nil {
		c.local.put(k, e)
	}
}
