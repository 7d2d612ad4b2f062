package fieldcache

import (
	"context"
	"time"
)

// IsJoined says whether somebody waits for a value that another response of this process is loading.
func (c *Cache) IsJoined(space string, id int64) bool {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	fl := c.flights.loading[localKey{space: c.spaces[space], id: id}]
	return fl != nil && fl.done != nil
}

// Bounds, for tests that meet them.
const (
	RingSize       = ringSize
	MaxSubtree     = maxSubtree
	MaxSubtreeRefs = maxSubtreeRefs
	Beyond         = beyond
)

// Late makes a search say that it has read what was said up to now: the mistake that Search.number is
// against.
func (f *Search) Late() { f.number = f.cache.heard.number.Load() }

// Heard is the number of the last word that the cache has heard.
func (c *Cache) Heard() uint64 { return c.heard.number.Load() }

// SubtreesUnderWay is how many subtrees are being made.
func (c *Cache) SubtreesUnderWay() int {
	c.makings.mu.Lock()
	defer c.makings.mu.Unlock()
	return len(c.makings.all)
}

// HoldCalls stands for a call under way, of which there may be one from now on, until it is released.
func (c *Cache) HoldCalls() (release func()) {
	c.joint.mu.Lock()
	defer c.joint.mu.Unlock()
	c.joint.most = 1
	c.joint.under++
	return c.joint.pass
}

// CallsUnderWay is how many calls are, and how many responses wait for the next.
func (c *Cache) CallsUnderWay() (under, waiting int) {
	c.joint.mu.Lock()
	defer c.joint.mu.Unlock()
	return c.joint.under, len(c.joint.waiting)
}

// ReadJointly reads what lies at keys, within a budget.
func (c *Cache) ReadJointly(ctx context.Context, budget time.Duration, keys ...string) ([]string, bool) {
	return c.joint.read(ctx, newAllowance(budget), keys)
}
