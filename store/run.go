package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Run sends the queries of one wave: to every shard all of its parts in one round trip, all shards
// at once, under one deadline. It returns when every part has its rows or its error.
func (s *Store) Run(ctx context.Context, queries ...*Query) {
	if pending(queries) == 0 {
		return
	}
	until := time.Now().Add(s.timeout)
	for n := pending(queries); n > 0; n = pending(queries) {
		s.round(ctx, until, n, queries)
		for _, q := range queries {
			if q.ran = len(q.Parts); q.rest != nil {
				q.Parts = append(q.Parts, q.rest()...)
			}
		}
	}
}

// pending counts the parts that have not run.
func pending(queries []*Query) int {
	n := 0
	for _, q := range queries {
		n += len(q.Parts) - q.ran
	}
	return n
}

// round runs the n parts that are pending, all shards at once.
func (s *Store) round(ctx context.Context, until time.Time, n int, queries []*Query) {
	if len(s.pools) == 1 {
		s.visit(ctx, until, 0, n, queries)
		return
	}
	var wg sync.WaitGroup
	for i := range s.pools {
		on := 0
		for _, q := range queries {
			on += q.pendingOn(i)
		}
		switch n -= on; {
		case on == 0:
		case n > 0:
			wg.Go(func() { s.visit(ctx, until, i, on, queries) })
		default: // the last one needs no goroutine of its own
			s.visit(ctx, until, i, on, queries)
			wg.Wait()
			return
		}
	}
}

func (q *Query) pendingOn(shard int) int {
	n := 0
	for i := q.ran; i < len(q.Parts); i++ {
		if q.Parts[i].Shard == shard {
			n++
		}
	}
	return n
}

// visit is what one connection of a shard does for a wave.
type visit struct {
	wait  wait // its context
	store *Store
	name  string // of the shard
	start time.Time
	jobs  []job
	again []int  // jobs that must run once more
	own   [2]job // enough for most waves

	values  [4][]byte // enough for most statements
	formats [4]int16
}

// job is a part with the query that it belongs to.
type job struct {
	query *Query
	part  *Part
	ctx   context.Context // the observer's
	ended bool
}

// visit runs n parts on one connection of a shard.
func (s *Store) visit(ctx context.Context, until time.Time, shard, n int, queries []*Query) {
	v := &visit{store: s, name: string(s.topology.Name(shard)), start: time.Now()}
	s.watch.begin(ctx, &v.wait, until)
	defer v.wait.end()
	if v.jobs = v.own[:0]; n > len(v.own) {
		v.jobs = make([]job, 0, n)
	}
	for _, q := range queries {
		for i := q.ran; i < len(q.Parts); i++ {
			if p := &q.Parts[i]; p.Shard == shard {
				v.jobs = append(v.jobs, job{query: q, part: p})
				v.begin(len(v.jobs) - 1)
			}
		}
	}
	conn, err := s.pools[shard].Acquire(&v.wait)
	if err != nil {
		v.failFrom(0, err)
		return
	}
	defer conn.Release()
	v.wait.use(conn.Conn().PgConn())
	defer v.wait.letGo()
	defer v.recover(conn)
	if n == 1 {
		v.done(0, v.runOne(conn.Conn(), v.jobs[0].part))
	} else {
		v.runMany(conn.Conn())
	}
	for _, i := range v.again { // now that the connection is free
		v.begin(i)
		p := v.jobs[i].part
		p.Rows = 0
		v.done(i, v.runOne(conn.Conn(), p))
	}
}

// recover makes a panic of what reads rows the error of the statements that have not ended: it must not
// end the process. What is left on the connection belongs to nobody, so it is closed.
func (v *visit) recover(conn *pgxpool.Conn) {
	p := recover()
	if p == nil {
		return
	}
	c := conn.Conn().PgConn()
	c.Conn().Close() //nolint:errcheck // first, so that the next does not wait for Postgres
	c.Close(&v.wait) //nolint:errcheck // nobody uses it any more
	for i := range v.jobs {
		if !v.jobs[i].ended {
			v.end(i, fmt.Errorf("run %s on shard %s: panic: %v\n%s", v.jobs[i].query.Loader, v.name, p, debug.Stack()))
		}
	}
}

// begin tells the observer of a statement.
func (v *visit) begin(i int) {
	j := &v.jobs[i]
	j.ctx, j.ended = &v.wait, false
	if j.query.Context != nil {
		j.ctx = j.query.Context
	}
	if v.store.observer != nil {
		j.ctx = v.store.observer.StatementStart(j.ctx, v.name, j.query.Loader)
	}
}

// done notes what Postgres or the connection said at the end of a statement.
func (v *visit) done(i int, err error) {
	if err != nil {
		err = failure(&v.wait, fmt.Errorf("run %s on shard %s: %w", v.jobs[i].query.Loader, v.name, err))
	}
	v.end(i, err)
}

// end notes how a statement ended.
func (v *visit) end(i int, err error) {
	j := &v.jobs[i]
	j.ended = true
	p := j.part
	p.Took, p.Err = time.Since(v.start), err
	if v.store.observer != nil {
		v.store.observer.StatementEnd(j.ctx, v.name, j.query.Loader, p.Rows, p.Took, p.Err)
	}
	switch {
	case err == nil && p.again != nil && p.again(p):
		v.again = append(v.again, i)
	case err != nil && p.instead != nil && isRefusal(err):
		p.instead(p)
		v.again = append(v.again, i)
	}
}

func (v *visit) failFrom(i int, err error) {
	for ; i < len(v.jobs); i++ {
		v.done(i, err)
	}
}

// unwatched is for what waits on a connection that a [wait] uses, which sees to it that this ends.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var unwatched = context.Background()

// runOne runs a part alone, without the pipeline's bookkeeping.
func (v *visit) runOne(c *pgx.Conn, p *Part) error {
	if err := v.wait.Err(); err != nil {
		return err
	}
	sd, err := c.Prepare(unwatched, p.Statement.name, p.Statement.SQL)
	if err != nil {
		return err
	}
	values, formats := v.encode(p.Params)
	return read(c.PgConn().ExecStatement(unwatched, sd, values, formats, p.Statement.formats), p)
}

// runMany pipelines parts, in one transaction: a Sync for each would be one more message and one more
// commit for each. A part that fails takes those behind it with it, which is rare, so these run again,
// each by itself.
func (v *visit) runMany(c *pgx.Conn) {
	jobs := v.jobs
	if err := v.wait.Err(); err != nil {
		v.failFrom(0, err)
		return
	}
	described := make([]*pgconn.StatementDescription, len(jobs))
	broken := make([]error, len(jobs))
	for i, j := range jobs {
		described[i], broken[i] = c.Prepare(unwatched, j.part.Statement.name, j.part.Statement.SQL)
	}
	pipe := c.PgConn().StartPipeline(unwatched)
	defer pipe.Close() //nolint:errcheck // a broken connection has been reported with the parts
	for i, j := range jobs {
		if broken[i] == nil {
			values, formats := v.encode(j.part.Params)
			pipe.SendQueryStatement(described[i], values, formats, j.part.Statement.formats)
		}
	}
	if err := pipe.Sync(); err != nil {
		v.failFrom(0, err)
		return
	}
	for i, j := range jobs {
		if broken[i] != nil {
			v.done(i, broken[i])
			continue
		}
		result, err := pipe.GetResults()
		if rr, ok := result.(*pgconn.ResultReader); ok {
			err = read(rr, j.part)
		}
		v.done(i, err)
		if err == nil {
			continue
		}
		pipe.Close() //nolint:errcheck // as above
		if _, ok := errors.AsType[*pgconn.PgError](err); !ok {
			v.failFrom(i+1, err)
			return
		}
		for i++; i < len(jobs); i++ {
			v.done(i, v.runOne(c, jobs[i].part))
		}
		return
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

// encode gives parameters as pgx wants them, apart, until the next time.
func (v *visit) encode(params []Param) (values [][]byte, formats []int16) {
	values, formats = v.values[:0], v.formats[:0]
	for _, p := range params {
		values, formats = append(values, p.Value), append(formats, p.Format)
	}
	return values, formats
}

// isRefusal says that Postgres has looked at a statement and will not run it, whoever sends it.
func isRefusal(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code != "53300" && !strings.HasPrefix(pg.Code, "57") && !strings.HasPrefix(pg.Code, "08")
}

// failure gives errors that a client can act on their code. The rest stays internal.
func failure(ctx context.Context, err error) error {
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(ctx.Err(), context.Canceled): // what came instead is how Postgres says so
		return fmt.Errorf("%w: %w", context.Canceled, err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &pg) && pg.Code == "57014":
		return &Error{code: CodeTimeout, message: "the data did not arrive in time", cause: err}
	case pg == nil, pg.Code == "53300", strings.HasPrefix(pg.Code, "57"), strings.HasPrefix(pg.Code, "08"):
		// Not an answer of Postgres at all, or one that says that it is not there for us.
		return &Error{code: CodeUnavailable, message: "a part of the data cannot be reached at the moment", cause: err}
	default:
		return err
	}
}
