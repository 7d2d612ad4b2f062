package feed

import (
	"slices"
	"sync"
	"time"
)

// State is what this process does for a shard.
type State string

// The states.
const (
	// Connecting: it has not found out yet.
	Connecting State = "connecting"
	// Standby: another process reads, and this one would take over.
	Standby State = "standby"
	// Preparing: it has the lock, and makes or looks at publication and slot.
	Preparing State = "preparing"
	// Reading: it reads.
	Reading State = "reading"
	// Failing: something went wrong, see Status.Err; it tries again within seconds.
	Failing State = "failing"
	// Unavailable: the shard can have no feed; Status.Err is an [UnavailableError].
	Unavailable State = "unavailable"
)

// Status is how the feed of one shard is, as this process knows.
type Status struct {
	Shard string
	State State
	// Err is why it is Failing or Unavailable, and nil otherwise.
	Err error
	// Read says whether any process of the fleet reads the shard.
	Read bool
	// Covers says whether whoever reads follows all that this process does. While it does not, changes
	// of what only this process knows of are told by nobody.
	Covers bool
	// Confirmed is where the slot stands, 0 if there is none or it was never seen.
	Confirmed LSN
	// LagBytes of WAL wait to be read or confirmed, of all tables and databases of the server. Lag is
	// for how long the oldest of them has waited, to within a second or so.
	LagBytes int64
	Lag      time.Duration
	// KeptBytes of WAL are on the shard's disk for the slot.
	KeptBytes int64
	// SafeBytes of WAL can still be written before the slot is lost; -1 means that there is no limit.
	SafeBytes int64
	// WAL is what Postgres says of what the slot needs: reserved, extended, unreserved, lost; "" if
	// there is no slot.
	WAL string
	// Seen is when the shard said so, zero if it never did.
	Seen time.Time
	// Advice is what makes the feed less than exact. It is complete where State is Reading.
	Advice []Advice
}

// Observer is told how the feeds are doing. Its methods are called from many goroutines.
type Observer interface {
	// FeedState is called when a shard's state changes; err is that of Failing and Unavailable.
	FeedState(shard, state string, err error)
	// FeedApplied is called after the sink took a batch; lag is the time since its first commit.
	FeedApplied(shard string, changes int, lag time.Duration)
	// FeedFlushed is called after the sink flushed.
	FeedFlushed(shard, reason string)
	// FeedLag is called every second or so with what Status says.
	FeedLag(shard string, bytes int64, lag time.Duration)
}

// ignore is the observer where there is none.
type ignore struct{}

func (ignore) FeedState(string, string, error)        {}
func (ignore) FeedApplied(string, int, time.Duration) {}
func (ignore) FeedFlushed(string, string)             {}
func (ignore) FeedLag(string, int64, time.Duration)   {}

// board is where a shard's reader writes its status.
type board struct {
	mu     sync.Mutex
	status Status
	// markLSN was the end of the WAL at markTime, and has not been confirmed yet.
	markLSN  LSN
	markTime time.Time
	settled  chan struct{} // closed when the state is first known
	known    bool
}

func newBoard(shard string) *board {
	return &board{status: Status{Shard: shard, State: Connecting, SafeBytes: -1}, settled: make(chan struct{})}
}

func (b *board) get() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.status
	s.Advice = slices.Clone(s.Advice)
	return s
}

// set says whether the state is another one than before.
func (b *board) set(state State, err error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed := b.status.State != state
	b.status.State, b.status.Err = state, err
	if !b.known && state != Connecting && state != Preparing {
		b.known = true
		close(b.settled)
	}
	return changed
}

func (b *board) advise(advice []Advice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Advice = advice
}

func (b *board) cover(covers bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Covers = covers
}

// heard notes a word of the shard.
func (b *board) heard(w word, now time.Time) Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &b.status
	s.Seen, s.Read, s.Confirmed, s.WAL, s.SafeBytes, s.KeptBytes = now, w.active, w.confirmed, w.walStatus, w.safe, w.kept
	s.LagBytes, s.Lag = 0, 0
	if w.exists && w.current > w.confirmed {
		s.LagBytes = int64(w.current - w.confirmed) //nolint:gosec // a disk is smaller
	}
	if s.LagBytes == 0 || w.confirmed >= b.markLSN {
		b.markLSN, b.markTime = w.current, now
	} else {
		s.Lag = now.Sub(b.markTime)
	}
	return *s
}
