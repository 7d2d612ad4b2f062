package fieldcache

import (
	"context"
	"sync/atomic"
)

// Gate bounds how many rounds ask the store at once while Redis is away: what the cache kept from the
// store would reach it all at the same time. While Redis is there it lets everybody through at once.
type Gate struct {
	available func() bool
	seats     chan struct{}
	waiting   atomic.Int64
}

// Enter waits for a seat if need be, as long as ctx lives. leave must be called after a nil error.
func (g *Gate) Enter(ctx context.Context) (leave func(), err error) {
	if g.available() {
		return func() {}, nil
	}
	g.waiting.Add(1)
	defer g.waiting.Add(-1)
	select {
	case g.seats <- struct{}{}:
		return func() { <-g.seats }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Load is how many rounds ask the store with a seat, and how many wait for one.
func (g *Gate) Load() (loading, waiting int) { return len(g.seats), int(g.waiting.Load()) }
