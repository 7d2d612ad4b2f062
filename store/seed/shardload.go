package seed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store/shard"
)

// seedLock is the advisory lock of a shard that is being seeded ("seed" in ASCII).
const seedLock = 0x73656564

// settings of the seed's own connections, in their start-up packet: a statement that lifts a short
// timeout may itself exceed it on a busy machine.
var settings = map[string]string{
	"application_name":                    "backline seed",
	"statement_timeout":                   "0",
	"lock_timeout":                        "0",
	"idle_in_transaction_session_timeout": "0",
	"synchronous_commit":                  "on",
	"maintenance_work_mem":                "128MB",
	// The shards build their indexes side by side already.
	"max_parallel_maintenance_workers": "0",
}

// withoutTriggers keeps the triggers of foreign keys from looking up every reference, which the
// catalogue has made sure of; it takes a superuser or a grant, and without it the same rows are
// loaded more slowly.
const withoutTriggers = "SET session_replication_role = replica"

const insufficientPrivilege = "42501"

// shardLoad is one shard's part of a run: its connection, which holds the lock, and its transaction.
type shardLoad struct {
	loader  *loader
	index   int
	name    shard.Name
	conn    *pgx.Conn
	state   state
	done    bool // by an earlier run
	tx      pgx.Tx
	freeze  bool
	indexes []index
}

// lockShard opens a connection of the seed's own beside the pool, whose connections have the settings
// of short queries, waits for the shard's lock and reads its state.
func lockShard(ctx context.Context, pool *pgxpool.Pool) (*shardLoad, error) {
	config := pool.Config().ConnConfig // a copy
	maps.Copy(config.RuntimeParams, settings)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s := &shardLoad{conn: conn}
	if err := s.lock(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *shardLoad) lock(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, withoutTriggers)
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); err != nil && (!ok || pgErr.Code != insufficientPrivilege) {
		return fmt.Errorf("%s: %w", withoutTriggers, err)
	}
	if _, err := s.conn.Exec(ctx, "SELECT pg_advisory_lock($1)", seedLock); err != nil {
		return fmt.Errorf("wait for the lock: %w", err)
	}
	if s.state, err = readState(ctx, s.conn); err != nil {
		return fmt.Errorf("read its state: %w", err)
	}
	return nil
}

// close rolls back what was not committed and gives up the lock.
func (s *shardLoad) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.conn.Close(ctx) // the server rolls back when the connection ends
}

// outsideReferences reports whether a table that no seed fills refers to one that it does; such a
// table keeps Postgres from truncating, even where it holds no row.
const outsideReferences = `
SELECT EXISTS (SELECT FROM pg_constraint
	WHERE contype = 'f' AND confrelid = ANY($1::text[]::regclass[]::oid[])
	AND NOT conrelid = ANY($1::text[]::regclass[]::oid[]))`

// prepare opens the transaction, takes the tables and drops what is built again afterwards.
func (s *shardLoad) prepare(ctx context.Context) error {
	var err error
	if s.tx, err = s.conn.Begin(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	all := strings.Join(tableNames(), ", ")
	if _, err := s.tx.Exec(ctx, "LOCK TABLE "+all+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		return fmt.Errorf("lock tables: %w", err)
	}
	// Somebody may have written between readState and the lock.
	now, err := readState(ctx, s.tx)
	if err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	if now.rows && now.fingerprint == "" {
		return ErrNotEmpty
	}
	var referred bool
	if err := s.tx.QueryRow(ctx, outsideReferences, tableNames()).Scan(&referred); err != nil {
		return fmt.Errorf("look for references: %w", err)
	}
	if err := s.empty(ctx, !referred); err != nil {
		return err
	}
	if s.indexes, err = dropIndexes(ctx, s.tx); err != nil {
		return err
	}
	s.loader.tally.expect(Indexing, int64(len(s.indexes))+1)
	return nil
}

// empty removes the rows of an interrupted seed. Tables truncated in the same transaction can be
// loaded frozen: rows and visibility map are then as after a VACUUM, so that the first queries do
// not rewrite every page that they read, and counts run on the index alone.
func (s *shardLoad) empty(ctx context.Context, truncate bool) error {
	names := tableNames()
	if truncate {
		s.freeze = true
		if _, err := s.tx.Exec(ctx, "TRUNCATE "+strings.Join(names, ", ")); err != nil {
			return fmt.Errorf("empty tables: %w", err)
		}
		return nil
	}
	for _, name := range slices.Backward(names) {
		if _, err := s.tx.Exec(ctx, "DELETE FROM "+name); err != nil {
			return fmt.Errorf("empty %s: %w", name, err)
		}
	}
	return nil
}

// load copies all tables, builds the indexes, and leaves the transaction ready to commit.
func (s *shardLoad) load(ctx context.Context) error {
	for t := range tableCount {
		if err := s.copyTable(ctx, t); err != nil {
			return fmt.Errorf("load %s: %w", t, err)
		}
	}
	// Where triggers run after all, those of deferred foreign keys stand in the way of an index.
	if _, err := s.tx.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
		return fmt.Errorf("check references: %w", err)
	}
	for _, ix := range s.indexes {
		if _, err := s.tx.Exec(ctx, ix.definition); err != nil {
			return fmt.Errorf("build index %s: %w", ix.name, err)
		}
		s.loader.tally.add(Indexing, 1)
	}
	// Without statistics the planner guesses, and the first queries after a seed are the ones that
	// a newcomer sees.
	for _, sql := range []string{
		"ANALYZE " + strings.Join(tableNames(), ", "), createState, commentState, deleteState,
	} {
		if _, err := s.tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("record the seed: %w", err)
		}
	}
	if _, err := s.tx.Exec(ctx, insertState, s.loader.catalogue.fingerprint(), len(s.loader.shards)); err != nil {
		return fmt.Errorf("record the seed: %w", err)
	}
	s.loader.tally.add(Indexing, 1)
	return nil
}

// copyTable runs the catalogue's writer in a goroutine of its own: it makes rows while Postgres
// takes in those before.
func (s *shardLoad) copyTable(ctx context.Context, t Table) error {
	options := "FORMAT binary"
	if s.freeze {
		options += ", FREEZE"
	}
	sql := fmt.Sprintf("COPY %s (%s) FROM STDIN (%s)", t, strings.Join(layouts[t].columns, ", "), options)

	read, write := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		out := newCopyWriter(write, func(rows int64) { s.loader.tally.add(Loading, rows) })
		err := s.loader.catalogue.write(t, s.owns, out)
		if err == nil {
			err = out.end()
		}
		_ = write.CloseWithError(err) // nil is the end of the rows
	}()
	_, err := s.conn.PgConn().CopyFrom(ctx, read, sql)
	_ = read.CloseWithError(errAborted)
	<-written
	return err
}

// errAborted reaches a catalogue's writer when the copy has ended before it has.
var errAborted = errors.New("the copy has ended")

func (s *shardLoad) owns(b shard.Bucket) bool { return s.loader.target.Topology.Owner(b) == s.index }

// countRows counts what an earlier run has loaded.
func (s *shardLoad) countRows(ctx context.Context) (int64, error) {
	var n int64
	for _, name := range tableNames() {
		var rows int64
		if err := s.conn.QueryRow(ctx, "SELECT count(*) FROM "+name).Scan(&rows); err != nil {
			return 0, err
		}
		n += rows
	}
	return n, nil
}
