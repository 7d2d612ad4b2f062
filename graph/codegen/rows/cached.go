package rows

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"backline/graph/codegen/entity"
)

// cachePolicy is a policy as a literal of Go; "nil" if nothing is kept.
func cachePolicy(c *entity.Cached) string {
	if c == nil {
		return "nil"
	}
	private := ""
	if c.Private {
		private = ", Private: true"
	}
	return fmt.Sprintf("&CachePolicy{TTL: %d, StaleWhileRevalidate: %d, StaleIfError: %d%s}", c.TTL, c.StaleWhileRevalidate, c.StaleIfError, private)
}

// layout is the same as long as all that is kept is written in the same way, and means the same under
// the same key: which rows there are, in which order, and for whom.
func (s schema) layout() string {
	hash := sha256.New()
	for _, e := range s.Entities {
		if !s.Packs(e) {
			continue
		}
		fmt.Fprintln(hash, e.Name, e.Table, e.Cached != nil && e.Cached.Private, owners(e))
		for _, c := range e.Columns {
			fmt.Fprintln(hash, c.Name, c.Type, c.Null)
		}
	}
	for _, l := range s.KeptLists() {
		fmt.Fprintln(hash, l.Path(), l.Target.Table, l.Key, l.Cached.Private)
		if l.Links != nil {
			fmt.Fprintln(hash, *l.Links)
		}
		orders := []*entity.Order{l.FixedOrder}
		if l.Orders != nil {
			orders = l.Orders.Orders
		}
		for _, o := range orders {
			if o != nil {
				fmt.Fprintln(hash, orderBy(l.Target, o))
			}
		}
	}
	for _, c := range s.Computed {
		fmt.Fprintln(hash, c.Path, c.Cached.Private)
		for _, e := range c.Reads { // a stricter release must not find what a laxer one has kept
			fmt.Fprintln(hash, e.Table, owners(e))
		}
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
}
