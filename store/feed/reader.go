package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// reader follows one shard, or waits until it may.
type reader struct {
	shard  string
	config *Config
	conn   *pgx.ConnConfig
	board  *board
	log    *slog.Logger
	// logged are the failures that the log has since it last read or stood by: one of them again is no
	// news, and there are not more than maxLogged, whatever their texts hold.
	logged []string
	// began says that it has read, or waited, before.
	began bool
	// walStatus is what was last heard of the slot's WAL.
	walStatus string
}

// run ends with ctx. After an error it begins anew, without a pause if the session before went well
// for long.
func (r *reader) run(ctx context.Context) {
	t := r.config.timing
	pause := t.retry
	for ctx.Err() == nil {
		began := r.config.Now()
		err := r.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if r.config.Now().Sub(began) > t.silence {
			pause = t.retry
		}
		wait := pause/2 + rand.N(pause) //nolint:gosec // so that processes do not try in step
		if u, ok := errors.AsType[*UnavailableError](err); ok {
			r.set(Unavailable, u)
			wait = t.unavailable
		} else {
			r.set(Failing, err)
			pause = min(2*pause, t.maxRetry)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// maxLogged bounds how many failures are told before it works again.
const maxLogged = 16

func (r *reader) set(s State, err error) {
	changed := r.board.set(s, err)
	if changed {
		r.config.Observer.FeedState(r.shard, string(s), err)
	}
	switch s {
	case Unavailable, Failing: // the reason may be another one, while the state is the same
		if text := err.Error(); len(r.logged) < maxLogged && !slices.Contains(r.logged, text) {
			r.logged = append(r.logged, text)
			r.log.Warn("no change feed", "shard", r.shard, "state", string(s), "err", err)
		}
	case Reading, Standby:
		if !changed {
			return
		}
		level := slog.LevelInfo
		if !r.began { // whoever started the feed says so for all shards
			r.began, level = true, slog.LevelDebug
		}
		r.logged = nil
		r.log.Log(context.Background(), level, "change feed", "shard", r.shard, "state", string(s))
	}
}

// session lasts from connecting to the first error.
func (r *reader) session(ctx context.Context) error {
	l, err := openLock(ctx, r.conn, r.config.Tables, lockName(r.config.Follows), r.config.timing)
	if err != nil {
		return err
	}
	defer l.close()
	if err := r.acquire(ctx, l); err != nil {
		return err
	}
	r.set(Preparing, nil)
	ctx, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel(nil)
	watch := &watch{reader: r}
	wg.Go(func() { cancel(l.hold(ctx, watch.heard)) })
	err = r.read(ctx, watch)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// acquire waits for the lock.
func (r *reader) acquire(ctx context.Context, l *lock) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		w, err := l.say(ctx, true)
		if err != nil {
			return fmt.Errorf("ask for the lock: %w", err)
		}
		r.note(w)
		switch {
		case w.recovering:
			return errRecovering
		case !w.logical:
			return notLogical(r.shard)
		case w.locked:
			r.board.cover(true)
			return nil
		}
		ended, err := r.standBy(ctx, l, w)
		if err != nil {
			return err
		}
		r.set(Standby, nil)
		if ended {
			timer.Reset(r.config.timing.retry / 4) // before it comes back
			continue
		}
		timer.Reset(r.config.timing.poll*3/4 + rand.N(r.config.timing.poll/2)) //nolint:gosec // so that processes do not ask in step
	}
}

func (r *reader) note(w word) {
	s := r.board.heard(w, r.config.Now())
	r.config.Observer.FeedLag(r.shard, s.LagBytes, s.Lag)
	if w.walStatus != r.walStatus && w.walStatus == "unreserved" {
		r.log.Warn("the change feed is about to lose its slot, and caches to be flushed: too much WAL waits to be read",
			"shard", r.shard, "bytes", s.LagBytes, "read", s.Read)
	}
	r.walStatus = w.walStatus
}

// read prepares and then reads until something goes wrong.
func (r *reader) read(ctx context.Context, w *watch) error {
	conn, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer disconnect(conn)
	plan, replication, err := r.prepare(ctx, conn)
	if err != nil {
		return err
	}
	r.board.advise(plan.advice)
	for _, advice := range plan.advice {
		r.log.Warn("change feed: "+advice.Text, "shard", r.shard)
	}
	s, err := startStream(ctx, replication, plan.slot, plan.from,
		newQueue(r.config.BatchSize, maxBatchBytes), newDecoder(r.config.Tables, plan.tables), r.config.timing.farewell)
	if err != nil {
		return unavailable(r.shard, r.conn.User, err)
	}
	w.begin(plan)
	r.set(Reading, nil)
	return s.run(ctx, func(ctx context.Context, b *buffer) error {
		if err := waitUntilVisible(ctx, conn, b.xids, nil); err != nil {
			return err
		}
		return r.apply(ctx, b.batch())
	})
}

// connect is for statements beside the lock and the stream.
func (r *reader) connect(ctx context.Context) (*pgx.Conn, error) {
	plain := r.conn.Copy()
	// To make a slot may take as long as the longest transaction: do not leave that to go on.
	plain.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: time.Second}
	}
	conn, err := pgx.ConnectConfig(ctx, plain)
	if err != nil {
		return nil, fmt.Errorf("connect to prepare the feed: %w", err)
	}
	return conn, nil
}

// disconnect is for connections that may be broken: then Postgres finds out by itself.
func disconnect(c interface {
	Close(ctx context.Context) error
}) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.Close(ctx)
}

// prepare makes what is missing, and gives a connection for replication that is ready to start.
func (r *reader) prepare(ctx context.Context, conn *pgx.Conn) (*plan, *pgconn.PgConn, error) {
	p := &preparation{
		shard: r.shard, tables: r.config.Tables, follows: r.config.Follows, conn: conn, flush: r.flush, keepBytes: r.config.KeepBytes, log: r.log,
	}
	if err := p.check(ctx); err != nil {
		return nil, nil, err
	}
	c := r.conn.Config.Copy()
	c.RuntimeParams["replication"] = "database"
	c.RuntimeParams["wal_sender_timeout"] = strconv.FormatInt((2 * r.config.timing.silence).Milliseconds(), 10)
	replication, err := pgconn.ConnectConfig(ctx, c)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to read the WAL: %w", unavailable(r.shard, p.facts.user, err))
	}
	system, timeline, err := identifySystem(ctx, replication)
	var plan *plan
	if err == nil {
		plan, err = p.run(ctx, system, timeline)
	}
	if err != nil {
		disconnect(replication)
		return nil, nil, err
	}
	return plan, replication, nil
}

func (r *reader) apply(ctx context.Context, b Batch) error {
	ctx, cancel := context.WithTimeout(ctx, r.config.SinkTimeout)
	defer cancel()
	if err := r.config.Sink.Apply(ctx, r.shard, b); err != nil {
		return err
	}
	r.config.Observer.FeedApplied(r.shard, len(b.Changes), max(0, r.config.Now().Sub(b.Oldest)))
	return nil
}

func (r *reader) flush(ctx context.Context, reason string) error {
	level := slog.LevelWarn
	if reason == feedBegins { // nothing is lost: whatever is kept is from before anybody listened
		level = slog.LevelInfo
	}
	r.log.Log(ctx, level, "change feed: caches of the shard are flushed", "shard", r.shard, "reason", reason)
	ctx, cancel := context.WithTimeout(ctx, r.config.SinkTimeout)
	defer cancel()
	if err := r.config.Sink.Flush(ctx, r.shard, reason); err != nil {
		return err
	}
	r.config.Observer.FeedFlushed(r.shard, reason)
	return nil
}

// watch looks at the words that the lock's connection hears while the reader works.
type watch struct {
	reader *reader

	mu      sync.Mutex
	plan    *plan // nil until the stream has begun
	missing int
}

func (w *watch) begin(p *plan) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plan = p
}

var (
	errAltered = errors.New("the tables or their publication were altered")
	errSilent  = errors.New("the shard no longer sends changes to this connection, though it has not said so")
)

// heard gives an error when the session must end.
func (w *watch) heard(s word) error {
	w.reader.note(s)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.plan == nil:
		return nil
	case s.fingerprint != w.plan.fingerprint:
		return errAltered
	case s.active:
		w.missing = 0
		return nil
	}
	// A connection that has just ended shows as an error of its own first.
	if w.missing++; w.missing > 1 {
		return errSilent
	}
	return nil
}
