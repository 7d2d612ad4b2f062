package fieldcache

// AtHand gives the values of ids, which must not repeat, as Round.Add asks for them, if this process has
// all of them and none is to be loaded anew. They are put into values, which is as long as ids. Where it
// says false a Round does it all.
//
// It takes a tenth of what a round takes: nobody waits, so no more than one look at L1 is needed.
func AtHand[ID ~int64](s *Session, space *Space, arguments string, ids []ID, values []any) bool {
	c := s.cache
	at := c.clock()
	if !c.local.serves(at.Sub(c.start)) {
		return false
	}
	k := localKey{space: space}
	if space.variants {
		viewer := ""
		if space.policy.Scope == Private {
			if viewer = s.viewer; viewer == "" {
				return false
			}
		}
		k.variant = variant(arguments, viewer)
	}
	now := at.UnixMilli()
	for i, id := range ids {
		k.id = int64(id)
		e := c.local.get(k)
		if e == nil || c.freshness(space, e, now) != fresh {
			return false
		}
		values[i] = e.value
	}
	c.observer.Looked(space.name, len(ids), 0, 0, 0, 0)
	return true
}
