package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Run sends the queries of one wave: to every shard all of its parts in one round trip, all shards
// at once, under one deadline. It returns when every part has its rows or its error.
func (s *Store) Run(ctx context.Context, queries ...*Query) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var own [8][]*job // one list per shard; enough for most topologies without an allocation
	byShard := own[:0]
	if len(s.pools) > len(own) {
		byShard = make([][]*job, 0, len(s.pools))
	}
	byShard = byShard[:len(s.pools)]
	last := -1
	for _, q := range queries {
		for i := range q.Parts {
			p := &q.Parts[i]
			byShard[p.Shard] = append(byShard[p.Shard], &job{q, p})
			last = max(last, p.Shard)
		}
	}
	if last < 0 {
		return
	}
	var wg sync.WaitGroup
	for i, jobs := range byShard[:last] {
		if len(jobs) > 0 {
			wg.Go(func() { s.runShard(ctx, i, jobs) })
		}
	}
	s.runShard(ctx, last, byShard[last])
	wg.Wait()
}

// job is a part with the query that it belongs to.
type job struct {
	query *Query
	part  *Part
}

// runShard runs parts on one connection of a shard.
func (s *Store) runShard(ctx context.Context, shard int, jobs []*job) {
	start := time.Now()
	name := string(s.topology.Name(shard))
	ctxs := make([]context.Context, len(jobs))
	begin := func(i int) {
		ctxs[i] = ctx
		if jobs[i].query.Context != nil {
			ctxs[i] = jobs[i].query.Context
		}
		if s.observer != nil {
			ctxs[i] = s.observer.StatementStart(ctxs[i], name, jobs[i].query.Loader)
		}
	}
	for i := range jobs {
		begin(i)
	}
	done := func(i int, err error) {
		p := jobs[i].part
		p.Took = time.Since(start)
		if err != nil {
			p.Err = failure(ctx, fmt.Errorf("run %s on shard %s: %w", jobs[i].query.Loader, name, err))
		}
		if s.observer != nil {
			s.observer.StatementEnd(ctxs[i], name, jobs[i].query.Loader, p.Rows, p.Took, p.Err)
		}
	}
	failRest := func(from int, err error) {
		for i := from; i < len(jobs); i++ {
			done(i, err)
		}
	}
	conn, err := s.pools[shard].Acquire(ctx)
	if err != nil {
		failRest(0, err)
		return
	}
	defer conn.Release()
	var again []int
	read := func(i int, err error) {
		done(i, err)
		if p := jobs[i].part; err == nil && p.again != nil && p.again(p) {
			again = append(again, i)
		}
	}
	if len(jobs) == 1 {
		read(0, runOne(ctx, conn.Conn(), jobs[0].part))
	} else {
		runMany(ctx, conn.Conn(), jobs, read, failRest)
	}
	for _, i := range again { // now that the connection is free
		jobs[i].part.Rows = 0
		begin(i)
		done(i, runOne(ctx, conn.Conn(), jobs[i].part))
	}
}

// runOne runs a part alone, without the pipeline's bookkeeping.
func runOne(ctx context.Context, c *pgx.Conn, p *Part) error {
	sd, err := c.Prepare(ctx, p.Statement.name, p.Statement.SQL)
	if err != nil {
		return err
	}
	values, formats := encode(p.Params)
	return read(c.PgConn().ExecStatement(ctx, sd, values, formats, p.Statement.formats), p)
}

// runMany pipelines parts. Each is a transaction of its own, so that one that fails takes no other
// with it.
func runMany(ctx context.Context, c *pgx.Conn, jobs []*job, done func(int, error), failRest func(int, error)) {
	described := make([]*pgconn.StatementDescription, len(jobs))
	broken := make([]error, len(jobs))
	for i, j := range jobs {
		described[i], broken[i] = c.Prepare(ctx, j.part.Statement.name, j.part.Statement.SQL)
	}
	pipe := c.PgConn().StartPipeline(ctx)
	defer pipe.Close() //nolint:errcheck // a broken connection has been reported with the parts
	for i, j := range jobs {
		if broken[i] == nil {
			values, formats := encode(j.part.Params)
			pipe.SendQueryStatement(described[i], values, formats, j.part.Statement.formats)
			pipe.SendPipelineSync()
		}
	}
	if err := pipe.Flush(); err != nil {
		failRest(0, err)
		return
	}
	for i, j := range jobs {
		if broken[i] != nil {
			done(i, broken[i])
			continue
		}
		result, err := pipe.GetResults()
		if rr, ok := result.(*pgconn.ResultReader); ok {
			err = read(rr, j.part)
		}
		done(i, err)
		if _, err := pipe.GetResults(); err != nil { // the sync
			failRest(i+1, err)
			return
		}
	}
}

func read(rr *pgconn.ResultReader, p *Part) error {
	for rr.NextRow() {
		p.Rows++
		p.Row(rr.Values())
	}
	_, err := rr.Close()
	return err
}

func encode(params []Param) (values [][]byte, formats []int16) {
	values, formats = make([][]byte, len(params)), make([]int16, len(params))
	for i, p := range params {
		values[i], formats[i] = p.Value, p.Format
	}
	return values, formats
}

// failure gives errors that a client can act on their code. The rest stays internal.
func failure(ctx context.Context, err error) error {
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(ctx.Err(), context.Canceled): // what came instead is how Postgres says so
		return fmt.Errorf("%w: %w", context.Canceled, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &pg) && pg.Code == "57014":
		return &Error{code: CodeTimeout, message: "the data did not arrive in time", cause: err}
	case pg == nil, pg.Code == "53300", strings.HasPrefix(pg.Code, "57"), strings.HasPrefix(pg.Code, "08"):
		// Not an answer of Postgres at all, or one that says that it is not there for us.
		return &Error{code: CodeUnavailable, message: "a part of the data cannot be reached at the moment", cause: err}
	default:
		return err
	}
}
