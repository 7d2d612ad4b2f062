package fieldcache

// IsJoined says whether somebody waits for a value that another response of this process is loading.
func (c *Cache) IsJoined(space string, id int64) bool {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	fl := c.flights.loading[localKey{space: c.spaces[space], id: id}]
	return fl != nil && fl.done != nil
}
