package storetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"backline/store"
)

// Call is what statements are counted by.
type Call struct{ Shard, Loader string }

// Recorder counts the statements of a store. It is safe for concurrent use.
type Recorder struct {
	next store.Observer // may be nil

	mu     sync.Mutex
	counts map[Call]int
	failed int
}

// StatementStart is for the store.
func (r *Recorder) StatementStart(ctx context.Context, shard, loader string) context.Context {
	r.mu.Lock()
	if r.counts == nil {
		r.counts = map[Call]int{}
	}
	r.counts[Call{shard, loader}]++
	r.mu.Unlock()
	if r.next != nil {
		return r.next.StatementStart(ctx, shard, loader)
	}
	return ctx
}

// StatementEnd is for the store.
func (r *Recorder) StatementEnd(ctx context.Context, shard, loader string, rows int, took time.Duration, err error) {
	if err != nil {
		r.mu.Lock()
		r.failed++
		r.mu.Unlock()
	}
	if r.next != nil {
		r.next.StatementEnd(ctx, shard, loader, rows, took, err)
	}
}

// Reset forgets what was counted.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts, r.failed = nil, 0
}

// Counts is the number of statements so far.
func (r *Recorder) Counts() map[Call]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.counts)
}

// Total is the number of statements on all shards.
func (r *Recorder) Total() int {
	n := 0
	for _, c := range r.Counts() {
		n += c
	}
	return n
}

// Failed is the number of statements that ended with an error.
func (r *Recorder) Failed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// String has a line per loader, in alphabetical order: how many statements it ran on which shard.
//
//	AlbumsByArtistID 0:1 1:1
func (r *Recorder) String() string {
	counts := r.Counts()
	calls := slices.SortedFunc(maps.Keys(counts), func(a, b Call) int {
		return cmp.Or(strings.Compare(a.Loader, b.Loader), cmp.Compare(len(a.Shard), len(b.Shard)), strings.Compare(a.Shard, b.Shard))
	})
	b := strings.Builder{}
	last := ""
	for _, c := range calls {
		if c.Loader != last {
			if last != "" {
				b.WriteByte('\n')
			}
			b.WriteString(c.Loader)
			last = c.Loader
		}
		fmt.Fprintf(&b, " %s:%d", c.Shard, counts[c])
	}
	return b.String()
}
