// Package feed reads the WAL of each shard, decoded, and tells which rows changed, whoever changed
// them: this server, another service, or a person at psql. It exists so that caches can be right.
//
// It owns the protocol (logical decoding with pgoutput over a replication connection), what that
// needs in each database (a publication, a slot, the table feed_state), the choice of one reader per
// shard among all processes, and the promise below. It knows the tables and columns that it is told,
// and neither rows nor caches. It is no part of a query's way: it stands beside, and drops what the
// next query must not find.
//
//	f, err := feed.Start(feed.Config{
//		Shards: []feed.Shard{{Name: "0", URL: "postgres://…"}},
//		Tables: []feed.Table{{Name: "album", Columns: []string{"id", "artist_id"}}},
//		Sink:   cache, // Apply deletes album and old and new artist's albums, Flush deletes all
//	})
//	…
//	defer f.Close()
//
// Now
//
//	UPDATE album SET artist_id = 7 WHERE id = 3
//
// by anybody makes, a millisecond after its COMMIT, one call
//
//	cache.Apply(ctx, "0", feed.Batch{Changes: []feed.Change{
//		{Table: 0, Op: feed.Update, Old: feed.Row{3, 4}, New: feed.Row{3, 7}},
//	}, …})
//
// in one of the processes that have started a feed.
//
// # The promise
//
// Every committed change of the tables is given to [Sink.Apply] at least once, in the order of
// commits, or [Sink.Flush] is called instead. The slot keeps the place: it moves on only after Apply
// has returned nil, so what a dead reader had not finished comes again to the next. Flush is called
// where changes may be missing: a new feed, a slot that was dropped or lost, a server or a timeline
// that is not the one that was read before, a reader that follows what the one before did not, and
// tables or a publication that were altered (which is noticed within a second; rows that ALTER TABLE or
// ATTACH PARTITION changes are not decoded). What
// was last seen is kept in feed_state, so that it is noticed by the next process as well, and a flush
// that did not reach the caches is repeated.
//
// A batch is handed over as soon as a transaction has ended and new statements see what it wrote.
// That is not the same: a commit is decoded when it is in the WAL, which is before it is visible, by
// microseconds, or by as long as synchronous standbys take. Who forgot a row in between could read
// the old one again and keep it (visible.go). Nothing else on that way waits, and never for a timer
// where the change can be seen already. While the sink works, what comes next is collected, up to Config.BatchSize changes; beyond
// that Postgres waits, not this process' memory. Postgres decodes a transaction when it commits.
// With synchronous_commit off, others see a transaction before it is in the WAL for good, and only
// then is it decoded: its lag is up to three times wal_writer_delay (200 ms).
//
// # One reader
//
// The reader of a shard holds an advisory lock on a plain connection; the other processes ask for it
// twice a second. One that dies loses it at once, one whose machine vanishes after three seconds
// (TCP keepalive and tcp_user_timeout, on both sides), and so does one that hangs: the lock's
// connection stays idle inside a transaction, where idle_in_transaction_session_timeout ends it
// unless the reader says a word (lock.go). The successor ends what the hung one has left at the
// slot; where that was another user's, and it lacks pg_signal_backend, Postgres does, six seconds after
// its last word (free.go). A slot can be read by one connection only, so two readers never advance it;
// a process that wakes up finds its connections closed.
//
// During a deployment processes of several versions run, and each makes of changes what its version
// knows of (Config.Follows). One that would make more of them takes the reader's place; one that is not
// told all that it needs, because the reader makes other things of them, knows it: Status.Covers
// (follow.go).
//
// # What it needs
//
// Postgres 13 or newer with wal_level = logical, and a user who may replicate. Where that is not so
// the state is [Unavailable], with an [UnavailableError] that says what to do, and the feed looks
// again every 15 seconds. [Status.Advice] names what makes a feed less than exact, such as a table
// whose replica identity does not hold the columns that were asked for: then values of old rows are
// not known, and [Value.Known] says so.
//
// A slot without a reader keeps WAL until max_slot_wal_keep_size: Status and [Observer] have the
// lag of each shard in bytes and time, in every process. [Remove] takes a feed away for good.
//
// # Why the protocol is read here
//
// pglogrepl, of pgx's author, has the same messages. It has no releases, and makes a value of every
// column of every row; a cache wants two of them. What remains of it is message.go and stream.go, a
// few hundred lines that allocate nothing per change.
package feed
