package main

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// statement is prepared on every connection. Its parameter is one bigint or none; its results are
// binary but for the columns of type numeric, which come as the text that the answer holds.
type statement struct {
	name, sql string
	formats   []int16
}

func prepared(name, sql string, formats ...int16) *statement {
	s := &statement{name, sql, formats}
	statements = append(statements, s)
	return s
}

var statements []*statement

const (
	txt = int16(0)
	bin = int16(1)
)

// descriptions of the prepared statements, by name. pgx keeps one per connection; they are equal.
var descriptions = map[string]*pgconn.StatementDescription{}

func open(ctx context.Context, url string, conns int) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	c.MaxConns, c.MinConns = int32(conns), int32(conns)
	// The plans do not depend on the values, so planning once is cheaper.
	c.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	// All is in memory, where any page is as near as the next: no bitmap scans for twenty rows.
	c.ConnConfig.RuntimeParams["random_page_cost"] = "1.1"
	c.ConnConfig.RuntimeParams["max_parallel_workers_per_gather"] = "0"
	c.ConnConfig.BuildContextWatcherHandler = func(pc *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: pc}
	}
	// One connection describes the statements before others share what it found.
	first, err := pgx.ConnectConfig(ctx, c.ConnConfig)
	if err != nil {
		return nil, err
	}
	defer first.Close(ctx)
	for _, s := range statements {
		if descriptions[s.name], err = first.PgConn().Prepare(ctx, s.name, s.sql, nil); err != nil {
			return nil, fmt.Errorf("prepare %s: %w", s.name, err)
		}
	}
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		for _, s := range statements {
			if _, err := conn.PgConn().Prepare(ctx, s.name, s.sql, nil); err != nil {
				return err
			}
		}
		return nil
	}
	return pgxpool.NewWithConfig(ctx, c)
}

var paramFormats = []int16{bin}

// query runs a single statement.
func query(ctx context.Context, db *pgxpool.Pool, s *statement, id int64, row func(v [][]byte)) error {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	param := binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(id))
	return read(conn.Conn().PgConn().ExecStatement(ctx, descriptions[s.name], [][]byte{param}, paramFormats, s.formats), row)
}

// step is a statement of a pipeline and what becomes of its rows.
type step struct {
	*statement
	row func(v [][]byte)
}

// pipeline sends all steps at once, as one transaction, and reads their rows one after another.
func pipeline(ctx context.Context, db *pgxpool.Pool, id int64, steps ...step) error {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	params := [][]byte{binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(id))}
	p := conn.Conn().PgConn().StartPipeline(ctx)
	for _, s := range steps {
		d := descriptions[s.name]
		p.SendQueryStatement(d, params[:len(d.ParamOIDs)], paramFormats[:len(d.ParamOIDs)], s.formats)
	}
	if err := p.Sync(); err != nil {
		p.Close()
		return err
	}
	for _, s := range steps {
		result, err := p.GetResults()
		if rr, ok := result.(*pgconn.ResultReader); ok {
			err = read(rr, s.row)
		}
		if err != nil {
			p.Close()
			return err
		}
	}
	return p.Close()
}

func read(rr *pgconn.ResultReader, row func(v [][]byte)) error {
	for rr.NextRow() {
		row(rr.Values())
	}
	_, err := rr.Close()
	return err
}
