package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
)

// Identity tells this store from others: it is a short text that all instances get which work on the same
// databases, by whatever URLs they reach them, and nobody else. The shards must be migrated.
//
// A shard is told by what its server was given when it was made, which standbys have in common with their
// primary, by its number among the databases of the server, and by the moment of its first migration: a
// server made from a template has its template's identifier. So an identity outlives restarts and
// failovers. A database that was restored from a dump has another one, and so has a store whose shards
// were divided. A physical copy, such as a snapshot that runs beside its original, has the same.
func (s *Store) Identity(ctx context.Context) (string, error) {
	shards := make([]string, len(s.pools))
	err := s.eachShard(func(i int) (err error) {
		shards[i], err = identify(ctx, s.pools[i])
		return err
	}, "identify")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, text := range shards {
		fmt.Fprintln(h, text)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func identify(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	const format = `SELECT concat_ws(' ', (%s), (SELECT oid FROM pg_database WHERE datname = current_database()),
 (SELECT to_char(min(tstamp), 'YYYYMMDDHH24MISSUS') FROM ` + goose.DefaultTablename + `))`
	system := "SELECT system_identifier FROM pg_control_system()"
	var may bool
	if err := pool.QueryRow(ctx, "SELECT has_function_privilege('pg_control_system()', 'execute')").Scan(&may); err != nil {
		return "", err
	}
	if !may { // everybody may, unless somebody has taken that away
		system = "''"
	}
	var text string
	// It is asked once: no connection needs to remember it.
	err := pool.QueryRow(ctx, fmt.Sprintf(format, system), pgx.QueryExecModeExec).Scan(&text)
	return text, err
}
