package seed

import "sync"

// Phase is what a seed is doing.
type Phase string

// The phases, in order.
const (
	Loading  Phase = "rows"
	Indexing Phase = "indexes" // and statistics for the planner
)

// Progress is told how far a seed has come: done of total rows, then done of total indexes over all
// shards. Both include what is repeated on every shard. Calls do not overlap, done never falls
// within a phase, and the last call of a phase has done = total. A nil Progress hears nothing.
type Progress func(phase Phase, done, total int64)

// tally adds up the progress of all shards.
type tally struct {
	tell Progress

	mu     sync.Mutex
	phases map[Phase]*count
}

type count struct{ done, total int64 }

func newTally(tell Progress) *tally {
	return &tally{tell: tell, phases: map[Phase]*count{Loading: {}, Indexing: {}}}
}

// expect adds n to the total of a phase.
func (t *tally) expect(p Phase, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phases[p].total += n
}

func (t *tally) add(p Phase, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.phases[p]
	c.done += n
	if t.tell != nil {
		t.tell(p, c.done, c.total)
	}
}
