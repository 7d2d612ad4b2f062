package persisted

import (
	"context"
	"fmt"

	"github.com/maypok86/otter/v2"
)

// automatic keeps the texts that clients sent: near in memory, and far in Redis.
type automatic struct {
	near *otter.Cache[string, string] // by hash
	far  *shared                      // nil: there is no Redis
}

// newAutomatic keeps at most this many documents and bytes in memory.
func newAutomatic(most, bytes int, far *shared) (*automatic, error) {
	least := max(bytes/max(most, 1), 1) // what a short text weighs, so that the number is bounded as well
	near, err := otter.New(&otter.Options[string, string]{
		MaximumWeight: uint64(bytes), //nolint:gosec // a size
		Weigher: func(_, text string) uint32 {
			return uint32(max(len(text), least)) //nolint:gosec // it came in a request
		},
		Executor: func(maintain func()) { maintain() }, // eviction is cheap, a goroutine is not
	})
	if err != nil {
		return nil, fmt.Errorf("build the cache of automatic persisted queries: %w", err)
	}
	return &automatic{near, far}, nil
}

// load is the text with a hash.
func (a *automatic) load(ctx context.Context, hash string) (text string, ok bool) {
	if text, ok := a.near.GetIfPresent(hash); ok {
		return text, true
	}
	if text, ok = a.far.load(ctx, hash); ok {
		a.near.Set(hash, text)
	}
	return text, ok
}

// store keeps a text that was found good. What is known here is known in Redis, unless that forgot it:
// then the next instance asks its client.
func (a *automatic) store(ctx context.Context, hash, text string) {
	if _, known := a.near.GetIfPresent(hash); known {
		return
	}
	a.near.Set(hash, text)
	a.far.store(ctx, hash, text)
}
