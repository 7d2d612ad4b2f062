package feed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// lockKey is the advisory lock whose holder is the reader: "feed" in ASCII, twice.
const lockKey = 0x6665656466656564

// applicationName is how the feed's connections call themselves.
const applicationName = "backline feed"

// lock is a plain connection that holds the lock, or asks for it again and again. (Waiting inside
// Postgres would be simpler, but a waiting statement holds a snapshot, which keeps VACUUM and CREATE
// INDEX CONCURRENTLY waiting as well.)
//
// A reader that hangs keeps its connections, and its kernel answers for it. So the connection is
// always idle inside a transaction, which Postgres ends, connection and lock with it, when no word
// comes for timing.silence. Each word begins a new transaction: none is ever older than that, and
// none holds a snapshot between words.
type lock struct {
	conn *pgx.Conn
	// statement is a word: it tells how the slot is, and takes the lock or not.
	statement func(take bool) string
	// name is what its connection calls itself.
	name   string
	timing timing
	// mayNotEnd says that Postgres has refused to end the reader for this user.
	mayNotEnd bool
}

// word is what the shard answers.
type word struct {
	locked                 bool
	logical, recovering    bool
	exists, active         bool
	confirmed, current     LSN
	walStatus, fingerprint string
	// kept is how many bytes of WAL the shard keeps for the slot.
	kept int64
	// safe is how many bytes of WAL can still be written before the slot is lost, -1 for no limit.
	safe int64
}

const wordSQL = `SELECT %s, current_setting('wal_level') = 'logical', pg_is_in_recovery(), s.slot_name IS NOT NULL, s.active,
 s.confirmed_flush_lsn, CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END,
 s.wal_status, s.safe_wal_size, (%s),
 CASE WHEN pg_is_in_recovery() THEN NULL ELSE (pg_current_wal_lsn() - s.restart_lsn)::bigint END
FROM pg_database d LEFT JOIN pg_replication_slots s ON s.slot_name = '%s' || d.oid AND s.database = d.datname
WHERE d.datname = current_database()`

func openLock(ctx context.Context, c *pgx.ConnConfig, tables []Table, name string, t timing) (*lock, error) {
	c = c.Copy()
	c.RuntimeParams["application_name"] = name
	c.RuntimeParams["idle_in_transaction_session_timeout"] = strconv.FormatInt(t.silence.Milliseconds(), 10)
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect for the lock: %w", err)
	}
	if _, err := conn.Exec(ctx, "BEGIN"); err != nil {
		return nil, errors.Join(fmt.Errorf("connect for the lock: %w", err), conn.Close(ctx))
	}
	return &lock{conn: conn, name: name, timing: t, statement: func(take bool) string {
		locked := "true"
		if take {
			locked = fmt.Sprintf("pg_try_advisory_lock(%d)", int64(lockKey))
		}
		return "COMMIT; BEGIN; " + fmt.Sprintf(wordSQL, locked, fingerprintSQL(tables), slotPrefix)
	}}, nil
}

// close gives the lock back.
func (l *lock) close() { disconnect(l.conn) }

// say is one word.
func (l *lock) say(ctx context.Context, take bool) (word, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timing.silence)
	defer cancel()
	results, err := l.conn.PgConn().Exec(ctx, l.statement(take)).ReadAll()
	if err != nil {
		return word{}, err
	}
	rows := results[len(results)-1].Rows
	if len(rows) != 1 {
		return word{}, errors.New("the database has no name")
	}
	return readWord(rows[0])
}

// readWord reads a row in text format, in which NULL is nil.
func readWord(row [][]byte) (w word, err error) {
	is := func(i int) bool { return string(row[i]) == "t" }
	lsn := func(i int) (l LSN) {
		if row[i] != nil && err == nil {
			l, err = ParseLSN(string(row[i]))
		}
		return l
	}
	w = word{
		locked: is(0), logical: is(1), recovering: is(2), exists: is(3), active: is(4),
		confirmed: lsn(5), current: lsn(6), walStatus: string(row[7]), safe: -1, fingerprint: string(row[9]),
	}
	if row[8] != nil && err == nil {
		w.safe, err = strconv.ParseInt(string(row[8]), 10, 64)
	}
	if row[10] != nil && err == nil {
		w.kept, err = strconv.ParseInt(string(row[10]), 10, 64)
	}
	return w, err
}

// hold says a word every so often, tells it to heard, and ends with the first error of either.
func (l *lock) hold(ctx context.Context, heard func(word) error) error {
	ticker := time.NewTicker(l.timing.heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		w, err := l.say(ctx, false)
		if err != nil {
			return fmt.Errorf("keep the lock: %w", err)
		}
		if err := heard(w); err != nil {
			return err
		}
	}
}

// connConfig is for all connections of the feed to one shard. The settings let both sides notice
// within seconds that the other one's machine is gone.
func connConfig(url string, t timing) (*pgx.ConnConfig, error) {
	pool, err := pgxpool.ParseConfig(url) // as the store reads it: with settings of pools, which it leaves out
	if err != nil {
		return nil, errors.New("the database URL cannot be read") // pgx's message may hold the password
	}
	c := pool.ConnConfig
	c.ConnectTimeout = t.silence
	c.DefaultQueryExecMode = pgx.QueryExecModeExec // statements that run once are not worth preparing
	seconds := strconv.Itoa(max(1, int(t.silence/(3*time.Second))))
	maps.Copy(c.RuntimeParams, map[string]string{
		"application_name":        applicationName,
		"timezone":                "UTC",
		"synchronous_commit":      "local", // no standby needs to know of feed_state at once
		"statement_timeout":       "0",
		"lock_timeout":            "5000", // migrations hold locks on tables for long
		"tcp_keepalives_idle":     seconds,
		"tcp_keepalives_interval": seconds,
		"tcp_keepalives_count":    "3",
		"tcp_user_timeout":        strconv.FormatInt(t.silence.Milliseconds(), 10),
	})
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 3}}
	c.DialFunc = dialer.DialContext
	return c, nil
}
