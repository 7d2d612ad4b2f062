package gateway

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// deadline is a context that ends at a time, or before with its parent or by its owner, as that of
// context.WithDeadline does, which it makes when somebody first waits for the end. An answer that is there
// already waits for nothing: then there is no timer, and the parent hears of nobody.
type deadline struct {
	context.Context // the parent
	at              time.Time

	mu    sync.Mutex // of who makes it
	timed atomic.Pointer[timed]
	ended atomic.Bool
}

// timed is the context that somebody waits for.
type timed struct {
	context.Context
	cancel context.CancelFunc
}

// wait makes the context that can be waited for.
func (d *deadline) wait() *timed {
	if t := d.timed.Load(); t != nil {
		return t
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.timed.Load(); t != nil {
		return t
	}
	t := &timed{}
	if d.ended.Load() { // nothing that has happened since counts
		t.Context, t.cancel = context.WithCancel(context.WithoutCancel(d.Context))
	} else {
		t.Context, t.cancel = context.WithDeadline(d.Context, d.at)
	}
	d.timed.Store(t)
	if d.ended.Load() {
		t.cancel()
	}
	return t
}

// end ends the context, which its owner must do.
func (d *deadline) end() {
	d.ended.Store(true)
	if t := d.timed.Load(); t != nil {
		t.cancel()
	}
}

// Deadline implements context.Context.
func (d *deadline) Deadline() (time.Time, bool) {
	if at, ok := d.Context.Deadline(); ok && at.Before(d.at) {
		return at, true
	}
	return d.at, true
}

// Done implements context.Context.
func (d *deadline) Done() <-chan struct{} { return d.wait().Done() }

// Err implements context.Context. Once it is over for any reason it is so for good.
func (d *deadline) Err() error {
	if d.timed.Load() == nil && !d.ended.Load() && d.Context.Err() == nil && time.Now().Before(d.at) {
		return nil
	}
	return d.wait().Err()
}

// Value implements context.Context. What is asked for here is the parent's, but for the key by which
// package context finds whom it must tell: contexts made of this one cost no goroutine.
func (d *deadline) Value(key any) any {
	if t := d.timed.Load(); t != nil {
		return t.Value(key)
	}
	return d.Context.Value(key)
}
