// Package fieldcache keeps what loaders read: in this process (L1) and in Redis (L2). It stands inside
// a loader's batch, between the keys of a wave and the store's statements.
//
// It knows Redis, and neither rows nor the store: values are whatever a Codec can write and read.
//
// # A round
//
// A wave's round asks once for all keys of all its batches. Keys that L1 does not have go to Redis in
// one MGET; for those that are not there either the round takes leases in one pipeline; the caller
// loads the misses and the round fills them in one pipeline, behind the caller's back:
//
//	round := session.Round()
//	defer round.Close()
//	albums := round.Add(space, "", ids, reload)
//	for round.Next(ctx) {
//		for i, at := range albums.Misses() {
//			albums.Put(i, …)
//		}
//	}
//	use(albums.Values, albums.Errs)
//
// # Why a value is never older than the invalidations
//
// In Redis, a miss leaves a lease in the place of the value, and a fill succeeds only while its lease
// stands. An invalidation deletes value and lease alike, so what was read before it cannot be written
// after it. A refresh replaces a value only while it is the one that the refresher saw.
//
// Keys that come in many variants (pages with arguments, values of one viewer) cannot be named by who
// invalidates them. They hold the sum of generations, tokens that lie in keys of their own: of
// everything, of the space, of the id. Deleting a token takes all values with it that were filled
// under it, and so flushes whole lists, whole types, or all.
//
// In the process, every value carries the mark of its key from before it was read. Invalidations
// arrive through a Redis Stream and change marks; a value whose mark is not the current one is not
// there. L1 serves only while the stream is heard: the word of a gap, a trim, a reconnect, or no word
// for half a second turns it off, and it begins anew, empty.
//
// An invalidation must be sent when the change is visible to new statements, not before: else a load
// that begins after the invalidation may still read what was.
//
// # When Redis is away
//
// A response spends at most Config.Budget on waiting for Redis; a breaker opens after a few failures
// and is closed by a probe of its own, so requests never probe. While it is open everything is a miss,
// and Cache.Gate bounds how many of them ask the store at once.
package fieldcache
