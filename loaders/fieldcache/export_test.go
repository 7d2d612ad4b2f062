package fieldcache

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
