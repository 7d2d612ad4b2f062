package feed

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// During a deployment programs of several versions share a feed, and each makes of changes what its own
// version knows of: Config.Follows. The reader writes its own into feed_state, after the flush that goes
// with it. Whoever stands by reads it there with each question for the lock, and so knows whether it is
// told all that it needs (Status.Covers). One that has more to tell than the reader ends it, and reads
// itself; neither does so with one that only has other things to tell, so they never take turns.

// followedMore is why all is flushed when a reader follows what the one before did not.
const followedMore = "more is followed than before"

// hasAll says whether all of some is among these.
func hasAll(these, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(these, s) })
}

// lockName is how the connection of the lock calls itself: the same with all that follow the same.
func lockName(follows []string) string {
	h := fnv.New64a()
	for _, f := range slices.Sorted(slices.Values(follows)) {
		_, _ = h.Write([]byte(f + "\n"))
	}
	return applicationName + " " + strconv.FormatUint(h.Sum64(), 36)
}

// followed is what the last reader wrote that it follows.
func (l *lock) followed(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timing.silence)
	defer cancel()
	var follows []string
	err := l.conn.QueryRow(ctx, "SELECT follows FROM feed_state").Scan(&follows)
	if code := codeOf(err); code == codeUndefinedTable || code == codeUndefinedColumn || errors.Is(err, pgx.ErrNoRows) {
		return nil, nil // nobody has, and the next word begins a new transaction
	}
	if err != nil {
		return nil, fmt.Errorf("ask what the reader follows: %w", err)
	}
	return follows, nil
}

// endReader takes the lock from whoever holds it and does not follow the same as this process. It says
// whether there was somebody to end.
func (l *lock) endReader(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timing.silence)
	defer cancel()
	const half = 1 << 32
	ended, err := l.conn.Exec(ctx, `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid::bigint = $1 AND l.objid::bigint = $2
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND a.application_name <> $3`,
		int64(lockKey)/half, int64(lockKey)%half, l.name)
	if codeOf(err) == codeNotPermitted {
		l.mayNotEnd = true // it waits until the other one ends
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("end a reader that follows less: %w", err)
	}
	return ended.RowsAffected() > 0, nil
}

// standBy compares this process, which does not have the lock, with the reader. It says whether the
// reader has been ended, since it follows less.
func (r *reader) standBy(ctx context.Context, l *lock, w word) (ended bool, err error) {
	theirs, err := l.followed(ctx)
	if err != nil {
		return false, err
	}
	own := r.config.Follows
	covers := hasAll(theirs, own)
	r.board.cover(covers)
	// Only while it reads: one that prepares has not written yet what it follows.
	if covers || !w.active || !hasAll(own, theirs) || l.mayNotEnd {
		return false, nil
	}
	if ended, err = l.endReader(ctx); l.mayNotEnd {
		mayNotEnd(r.log, r.shard, l.conn, "what only this release keeps is kept for five seconds, until the other one ends")
	}
	return ended, err
}
