package fieldcache

import "context"

// Load loads values anew, in the background: of one space, arguments and viewer. Its answers are as
// those that Put takes.
type Load func(ctx context.Context, ids []int64) (values []any, errs []error)

// Batch are the keys of one loader in a round.
type Batch struct {
	// Values are there when Round.Next has said false: nil where no such row exists.
	Values []any
	// Errs are as long as the values, or nil if no load failed.
	Errs []error

	// Counts are what became of the keys.
	Counts Counts

	round   *Round
	space   *Space
	variant string
	digest  string
	ids     []int64
	reload  Load
	// bypass says that these values are kept nowhere.
	bypass bool
	// isRefresh says that the values are there, and old.
	isRefresh bool
	seen      []token // of a refresh: what is about to be replaced

	misses []int32 // places
	items  []int32 // of the round, beside misses
	old    []int32 // places to refresh
	olds   []token
}

// Counts are what became of the keys of a batch.
type Counts struct {
	// Local came from this process, Redis from there, Stale from either after their time; Joined
	// were on their way for another response; Missed were loaded.
	Local, Redis, Stale, Joined, Missed int
	// Rescued are stale values served because the load failed.
	Rescued int
}

// Misses are the places of the ids that must be loaded now.
func (b *Batch) Misses() []int32 { return b.misses }

// Put gives miss i its value, nil if no such row exists, or the error of its load.
func (b *Batch) Put(i int, value any, err error) {
	it := &b.round.items[b.items[i]]
	it.value, it.err, it.isPut = value, err, true
}

func (b *Batch) fail(at int32, err error) {
	if b.Errs == nil {
		b.Errs = make([]error, len(b.ids))
	}
	b.Errs[at] = err
}

func (b *Batch) key(at int32) localKey { return localKey{b.space, b.ids[at], b.variant} }
