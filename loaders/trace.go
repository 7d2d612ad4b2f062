package loaders

import (
	"context"
	"time"

	"backline/store"
)

// Trace is what the loaders of a response sent, for people who explore the schema.
type Trace struct {
	Waves      int          `json:"waves"`
	Statements int          `json:"statements"`
	Batches    []TraceBatch `json:"batches"`
	// Subtrees are root fields that were not executed.
	Subtrees []TraceSubtree `json:"subtrees,omitempty"`
}

// TraceSubtree is a root field whose encoded value was kept: in the process ("local"), in Redis ("redis"),
// or made by another response at the same time ("joined").
type TraceSubtree struct {
	Field string `json:"field"`
	From  string `json:"from"`
}

// TraceBatch is one batch of one loader.
type TraceBatch struct {
	Wave       int              `json:"wave"`
	Loader     string           `json:"loader"`
	Keys       int              `json:"keys"`
	Millis     float64          `json:"ms"`
	Statements []TraceStatement `json:"statements"`
	// Cache is nil where no cache was asked.
	Cache *TraceCache `json:"cache,omitempty"`
}

// TraceStatement is what a batch asked of one shard.
type TraceStatement struct {
	Shard  string  `json:"shard"`
	Rows   int     `json:"rows"`
	Millis float64 `json:"ms"`
}

// TraceOf gives the trace of a response, nil if none was asked for. It must be complete by then.
func TraceOf(ctx context.Context) *Trace {
	a, ok := ctx.Value(contextKey{}).(*attachment)
	if !ok {
		return nil
	}
	return a.trace
}

// TookSubtree tells the trace of a response, if there is one, of a root field that is not executed.
func TookSubtree(ctx context.Context, field, from string) {
	if t := TraceOf(ctx); t != nil {
		t.Subtrees = append(t.Subtrees, TraceSubtree{field, from})
	}
}

func (t *Trace) add(st *store.Store, queries []*store.Query, cached []looked, took time.Duration) {
	t.Waves++
	for _, q := range queries {
		t.batch(st, TraceBatch{Loader: q.Loader, Keys: q.Keys, Millis: millis(took)}, q)
	}
	for _, l := range cached {
		name, b := l.sender.lookup()
		t.batch(st, TraceBatch{Loader: name, Keys: len(b.Values), Millis: millis(took), Cache: traceCache(b.Counts)}, l.queries...)
	}
}

// batch adds a batch of this wave and the statements of its queries.
func (t *Trace) batch(st *store.Store, b TraceBatch, queries ...*store.Query) {
	b.Wave, b.Statements = t.Waves, []TraceStatement{} // none is an empty list
	for _, q := range queries {
		for i := range q.Parts {
			p := &q.Parts[i]
			b.Statements = append(b.Statements, TraceStatement{string(st.Topology().Name(p.Shard)), p.Rows, millis(p.Took)})
		}
		t.Statements += len(q.Parts)
	}
	t.Batches = append(t.Batches, b)
}

// millis rounds to a hundredth: more digits are noise.
func millis(d time.Duration) float64 { return float64(d.Round(10*time.Microsecond)) / 1e6 }
