package seed

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"backline/store/shard"
)

// state is what a shard says about its seed, the one row of its table seed_state.
type state struct {
	// fingerprint of the catalogue, "" where no seed has been committed.
	fingerprint string
	// shards is how many the catalogue was divided between.
	shards int
	// complete says that every one of them has committed.
	complete bool
	// rows says that the tables of a seed hold rows; not looked for where it is complete.
	rows bool
}

// querier is a pool or a connection.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func readState(ctx context.Context, q querier) (state, error) {
	var s state
	var exists bool
	if err := q.QueryRow(ctx, `SELECT to_regclass('seed_state') IS NOT NULL`).Scan(&exists); err != nil {
		return s, err
	}
	if exists {
		err := q.QueryRow(ctx, `SELECT fingerprint, shards, complete FROM seed_state`).
			Scan(&s.fingerprint, &s.shards, &s.complete)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return s, err
		}
	}
	if s.complete { // what has become of the tables since then is no matter
		return s, nil
	}
	if err := checkTables(ctx, q); err != nil {
		return s, err
	}
	some := make([]string, tableCount)
	for i, l := range layouts {
		some[i] = "EXISTS (SELECT FROM " + l.name + ")"
	}
	err := q.QueryRow(ctx, `SELECT `+strings.Join(some, " OR ")).Scan(&s.rows)
	return s, err
}

// checkTables explains what would otherwise be an unknown relation.
func checkTables(ctx context.Context, q querier) error {
	var missing []string
	if err := q.QueryRow(ctx, `SELECT array_agg(n) FROM unnest($1::text[]) n WHERE to_regclass(n) IS NULL`,
		tableNames()).Scan(&missing); err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: there is no %s", ErrNoTables, strings.Join(missing, ", "))
	}
	return nil
}

const (
	createState = `CREATE TABLE IF NOT EXISTS seed_state (
		singleton   boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
		fingerprint text        NOT NULL,
		shards      integer     NOT NULL,
		complete    boolean     NOT NULL,
		loaded_at   timestamptz NOT NULL DEFAULT now())`
	commentState  = `COMMENT ON TABLE seed_state IS 'Which seed the rows of this shard came from; complete once every shard has committed.'`
	deleteState   = `DELETE FROM seed_state`
	insertState   = `INSERT INTO seed_state (fingerprint, shards, complete) VALUES ($1, $2, false)`
	completeState = `UPDATE seed_state SET complete = true`
)

// standing is what the states of all shards amount to.
type standing int

const (
	// untouched: no shard holds a row.
	untouched standing = iota
	// interrupted: a seed has committed on some shards and was never marked complete.
	interrupted
	// filled: a complete seed, or rows of somebody else.
	filled
)

// judge is an error where an unfinished seed on one shard meets unknown rows on another: to serve
// them would be wrong, and to overwrite them too.
func judge(top *shard.Topology, states []state) (standing, error) {
	unfinished, unknown := -1, -1
	for i, s := range states {
		switch {
		case s.complete:
			return filled, nil
		case s.fingerprint != "":
			unfinished = i
		case s.rows:
			unknown = i
		}
	}
	switch {
	case unfinished >= 0 && unknown >= 0:
		return filled, fmt.Errorf("shard %s holds a seed that was never finished, but shard %s holds rows of unknown origin: begin with empty shards",
			top.Name(unfinished), top.Name(unknown))
	case unfinished >= 0:
		return interrupted, nil
	case unknown >= 0:
		return filled, nil
	}
	return untouched, nil
}

// IsEmpty reports whether the shards wait for a seed: no shard holds a row, or a seed was cut short
// before all shards had committed (Demo and Chinook then finish it or begin anew). It is false as
// soon as there is anything that a seed would overwrite.
func IsEmpty(ctx context.Context, t Target) (bool, error) {
	if err := t.validate(); err != nil {
		return false, err
	}
	states := make([]state, len(t.Pools))
	for i, pool := range t.Pools {
		var err error
		if states[i], err = readState(ctx, pool); err != nil {
			return false, fmt.Errorf("check whether shard %s is empty: %w", t.Topology.Name(i), err)
		}
	}
	is, err := judge(t.Topology, states)
	return is != filled, err
}
