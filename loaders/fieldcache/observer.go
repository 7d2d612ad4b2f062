package fieldcache

import "time"

// Observer is told what the cache does; a space is an entity or a field. Its methods are called from
// many goroutines and must be quick.
type Observer interface {
	// Looked tells of one batch of a round: how many of its values were in this process, in Redis,
	// served stale (they count in neither of the former), on their way for another response of this
	// process, and missing.
	Looked(space string, local, redis, stale, joined, misses int)
	// Filled tells of values written to Redis, and of leases that no longer stood.
	Filled(space string, values, bytes, leasesLost int)
	// Refreshed tells of values loaded anew before they were asked for, and of those that failed.
	Refreshed(space string, values, failed int)
	// Discarded tells of what lay in Redis and could not be read.
	Discarded(space string, values int)
	// StaleIfError tells of values served because loading them anew failed.
	StaleIfError(space string, values int)
	// Invalidated tells of invalidations heard, ids and whole spaces ("" for everything) alike.
	Invalidated(space string, n int)
	// Flushed tells that L1 was emptied, and why.
	Flushed(reason string)
	// Called tells of one call to Redis ("read", "lease", "fill", or "keep" of a subtree).
	Called(call string, took time.Duration, failed bool)
	// Dropped tells of work that was left undone because too much was waiting ("fill", "refresh", "lookup").
	Dropped(work string, n int)
	// Available tells that Redis went away or came back.
	Available(yes bool)
}

// unobserved is the Observer of those who give none.
type unobserved struct{}

func (unobserved) Looked(string, int, int, int, int, int) {}
func (unobserved) Filled(string, int, int, int)           {}
func (unobserved) Refreshed(string, int, int)             {}
func (unobserved) Discarded(string, int)                  {}
func (unobserved) StaleIfError(string, int)               {}
func (unobserved) Invalidated(string, int)                {}
func (unobserved) Flushed(string)                         {}
func (unobserved) Called(string, time.Duration, bool)     {}
func (unobserved) Dropped(string, int)                    {}
func (unobserved) Available(bool)                         {}
