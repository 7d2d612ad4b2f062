package store

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Whoever waits for a shard gives up when the response ends, or when the time of the wave is up. A
// context with a timer for that, and another that the connection watches, are some twenty objects for a
// statement whose rows are mostly there after a fraction of a millisecond. So one clock looks after all
// who wait, every few milliseconds while there are any; who gives up hears of it that much later.

// tick is how often the clock looks.
const tick = 5 * time.Millisecond

// cancelWithin is how long Postgres has to end a statement that nobody waits for any more. After that
// the connection is closed.
const cancelWithin = time.Second

// watch is the clock.
type watch struct {
	mu      sync.Mutex
	all     []*wait
	timer   *time.Timer // nil before the first
	ticking bool
	began   bool // somebody has since the last look

	looking []*wait // of one look; each sets the timer for the next
}

// wait is the context of somebody who waits for a shard, from begin to end. It ends with the response's,
// or at a time.
type wait struct {
	context.Context // the response's
	at              time.Time
	watch           *watch
	place           int // in watch.all

	mu   sync.Mutex
	err  error
	done chan struct{} // nil until somebody asks for it
	// conn is the connection that is used; nil: none is. cancels ends its statement, if it has been told to.
	conn    *pgconn.PgConn
	cancels *pgconn.CancelRequestContextWatcherHandler
}

// begin starts a wait, which must not have been used.
func (c *watch) begin(ctx context.Context, w *wait, at time.Time) {
	w.Context, w.at, w.watch = ctx, at, c
	c.mu.Lock()
	defer c.mu.Unlock()
	w.place = len(c.all)
	c.all = append(c.all, w)
	c.began = true
	if c.ticking {
		return
	}
	c.ticking = true
	if c.timer == nil {
		c.timer = time.AfterFunc(tick, c.look)
		return
	}
	c.timer.Reset(tick)
}

// look ends those whose time is up.
func (c *watch) look() {
	c.mu.Lock()
	c.looking = append(c.looking[:0], c.all...)
	c.began = false
	c.mu.Unlock()
	now := time.Now()
	for _, w := range c.looking {
		w.look(now) //nolint:errcheck // whoever waits asks
	}
	clear(c.looking)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ticking = c.began || len(c.looking) > 0; c.ticking {
		c.timer.Reset(tick)
	}
}

// stop stops the clock, when nobody will wait any more.
func (c *watch) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
	}
}

// use says that the wait is now for Postgres, on a connection that it shares with nobody, until letGo.
func (w *wait) use(conn *pgconn.PgConn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil { // else nothing may begin on it
		w.conn = conn
	}
}

// letGo returns when the connection can be used for something else.
func (w *wait) letGo() {
	w.mu.Lock()
	cancels := w.cancels
	w.conn, w.cancels = nil, nil
	w.mu.Unlock()
	if cancels != nil {
		cancels.HandleUnwatchAfterCancel()
	}
}

// cancel has Postgres end what runs on the connection. w.mu is held.
func (w *wait) cancel() {
	w.cancels = &pgconn.CancelRequestContextWatcherHandler{Conn: w.conn, DeadlineDelay: cancelWithin}
	w.cancels.HandleCancel(w)
}

// end ends the wait for good. Its connection must have been let go.
func (w *wait) end() {
	c := w.watch
	c.mu.Lock()
	last := len(c.all) - 1
	c.all[w.place] = c.all[last]
	c.all[w.place].place = w.place
	c.all[last] = nil
	c.all = c.all[:last]
	c.mu.Unlock()
	w.mu.Lock()
	w.finish(context.Canceled)
	w.mu.Unlock()
}

// look finds out whether the wait is over, and why.
func (w *wait) look(now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	err := w.Context.Err()
	if err == nil && !now.Before(w.at) {
		err = context.DeadlineExceeded
	}
	w.finish(err)
	return err
}

// finish notes why it is over, unless it is already. w.mu is held.
func (w *wait) finish(err error) {
	if err == nil || w.err != nil {
		return
	}
	w.err = err
	if w.done != nil {
		close(w.done)
	}
	if w.conn != nil {
		w.cancel()
	}
}

// Deadline implements context.Context.
func (w *wait) Deadline() (time.Time, bool) {
	if at, ok := w.Context.Deadline(); ok && at.Before(w.at) {
		return at, true
	}
	return w.at, true
}

// Done implements context.Context.
func (w *wait) Done() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done == nil {
		w.done = make(chan struct{})
		if w.err != nil {
			close(w.done)
		}
	}
	return w.done
}

// Err implements context.Context. It does not wait for the clock.
func (w *wait) Err() error { return w.look(time.Now()) }
