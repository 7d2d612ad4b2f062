package fieldcache_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"backline/loaders/fieldcache"
)

// TestMemory: what L1 holds stays near its bound, whatever its values were a part of when they were loaded.
//
//nolint:paralleltest // it measures the heap
func TestMemory(t *testing.T) {
	const bound, slab, keys, atOnce = 8 << 20, 256 << 10, 40_000, 200
	f := setup(t, options{policy: fieldcache.Policy{TTL: time.Hour}, config: func(c *fieldcache.Config) { c.LocalBytes = bound }})
	// Each load gives rows whose titles are parts of one large text.
	load := func(_ context.Context, ids []int64) ([]any, []error) {
		text := strings.Repeat("a title of some length; ", slab/24)
		rows, values := make([]album, len(ids)), make([]any, len(ids))
		for i, id := range ids {
			rows[i] = album{ID: id, Title: text[24*i : 24*(i+1)], Year: 2000}
			values[i] = &rows[i]
		}
		return values, nil
	}
	before := heap()
	for from := int64(1); from <= keys; from += atOnce {
		r := f.Session("").Round()
		b := r.Add(f.Space("Album"), "", sequence(from, atOnce), nil)
		for r.Next(t.Context()) {
			values, _ := load(t.Context(), sequence(from, len(b.Misses())))
			for i := range values {
				b.Put(i, values[i], nil)
			}
		}
		r.Close()
		// One row of each load is asked for again and again: it stays, when others go.
		f.atHand("Album", "", "", from)
		f.atHand("Album", "", "", from)
	}
	if n := f.LocalBytes(); n > bound || n < bound/4 {
		t.Errorf("it says that it holds %d bytes of %d", n, bound)
	}
	if held := heap() - before; held > 3*bound {
		t.Errorf("it holds %d bytes, and may have %d", held, bound)
	}
	runtime.KeepAlive(f.Cache)
}

func sequence(from int64, n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = from + int64(i)
	}
	return ids
}

// heap is what lives.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
