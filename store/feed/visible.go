package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// A transaction is decoded when its commit is in the WAL, and that is before others can see it: in
// between its backend ends it, and waits for synchronous standbys, if there are any. Who forgot its
// rows in that time could read the old ones again, and keep them for good. So a batch is handed over
// only when a snapshot of the shard has all of its transactions behind it.

// snapshot is pg_current_snapshot(): transactions below xmax that are not in running are over.
type snapshot struct {
	xmax    uint64
	running []uint64
}

func readSnapshot(ctx context.Context, c *pgx.Conn) (snapshot, error) {
	results, err := c.PgConn().Exec(ctx, "SELECT pg_current_snapshot()").ReadAll()
	if err != nil {
		return snapshot{}, fmt.Errorf("ask which transactions run: %w", err)
	}
	return parseSnapshot(string(results[0].Rows[0][0]))
}

// parseSnapshot reads xmin:xmax:running, the last of which is a list with commas.
func parseSnapshot(text string) (s snapshot, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return snapshot{}, errors.New("a snapshot has three parts")
	}
	if s.xmax, err = strconv.ParseUint(parts[1], 10, 64); err != nil {
		return snapshot{}, fmt.Errorf("read a snapshot: %w", err)
	}
	if parts[2] == "" {
		return s, nil
	}
	for part := range strings.SplitSeq(parts[2], ",") {
		xid, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return snapshot{}, fmt.Errorf("read a snapshot: %w", err)
		}
		s.running = append(s.running, xid)
	}
	return s, nil
}

// sees says whether a committed transaction is visible. Its number lacks the upper half, but no two
// that are in use are further apart than half the range of the lower.
func (s snapshot) sees(xid uint32) bool {
	full := s.xmax + uint64(int64(int32(xid-uint32(s.xmax)))) //nolint:gosec // modulo 2³², and the distance has a sign
	return full < s.xmax && !slices.Contains(s.running, full)
}

// waitUntilVisible returns when new statements on the shard see all of the transactions. Mostly they
// do at the first look; it looks again after a pause that grows from a tenth of a millisecond. When
// enough fires it waits no longer; nil never fires.
func waitUntilVisible(ctx context.Context, c *pgx.Conn, xids []uint32, enough <-chan time.Time) error {
	const longest = 5 * time.Millisecond
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, longest) {
		s, err := readSnapshot(ctx, c)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(xids, func(xid uint32) bool { return !s.sees(xid) }) {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-enough:
			timer.Stop()
			return nil
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}
