package gateway

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"backline/graph/rights"
	"backline/telemetry"
)

// Whatever is done with a request's context, at whatever time and in whatever order, it tells what the
// context of context.WithDeadline tells.
func TestDeadline(t *testing.T) {
	t.Parallel()
	cause := errors.New("the client is gone")
	for name, do := range map[string]func(ctx context.Context, leave context.CancelCauseFunc, end func()){
		"nothing":                  func(context.Context, context.CancelCauseFunc, func()) {},
		"time":                     func(context.Context, context.CancelCauseFunc, func()) { time.Sleep(4 * time.Second) },
		"the end":                  func(_ context.Context, _ context.CancelCauseFunc, end func()) { end() },
		"the client":               func(_ context.Context, leave context.CancelCauseFunc, _ func()) { leave(cause) },
		"the end, then the client": func(_ context.Context, leave context.CancelCauseFunc, end func()) { end(); leave(cause) },
		"a look, then time": func(ctx context.Context, _ context.CancelCauseFunc, _ func()) {
			ctx.Err() //nolint:errcheck // it is looked at
			time.Sleep(4 * time.Second)
		},
		"a wait": func(ctx context.Context, _ context.CancelCauseFunc, _ func()) { <-ctx.Done() },
		"a wait, then the end": func(ctx context.Context, _ context.CancelCauseFunc, end func()) {
			<-ctx.Done()
			end()
		},
		"a wait that the client ends": func(ctx context.Context, leave context.CancelCauseFunc, _ func()) {
			time.AfterFunc(500*time.Millisecond, func() { leave(cause) })
			<-ctx.Done()
		},
		"a wait that the end ends": func(ctx context.Context, _ context.CancelCauseFunc, end func()) {
			time.AfterFunc(500*time.Millisecond, end)
			<-ctx.Done()
		},
		"what was made of it waits": func(ctx context.Context, _ context.CancelCauseFunc, end func()) {
			below, cancel := context.WithCancel(context.WithValue(ctx, requestKey{}, nil))
			defer cancel()
			time.AfterFunc(500*time.Millisecond, end)
			<-below.Done()
		},
		"what is to happen after": func(ctx context.Context, _ context.CancelCauseFunc, _ func()) {
			done := make(chan struct{})
			context.AfterFunc(ctx, func() { close(done) })
			<-done
		},
	} {
		for _, parents := range []time.Duration{0, time.Second, time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				told := func(make func(parent context.Context) (context.Context, func())) (seen []any) {
					parent, leave := context.WithCancelCause(t.Context())
					defer leave(nil)
					if parents > 0 {
						var cancel func()
						parent, cancel = context.WithTimeout(parent, parents)
						defer cancel()
					}
					start := time.Now()
					ctx, end := make(parent)
					defer end()
					do(ctx, leave, end)
					at, ok := ctx.Deadline()
					over := false
					err := ctx.Err()
					select {
					case <-ctx.Done():
						over = true
					default:
					}
					return append(seen, err, context.Cause(ctx), ctx.Err(), over, at.Sub(start), ok, time.Since(start))
				}
				got := told(func(parent context.Context) (context.Context, func()) {
					r := newRequest(parent, "r", 3*time.Second)
					return r, r.end
				})
				want := told(func(parent context.Context) (context.Context, func()) {
					ctx, cancel := context.WithTimeout(parent, 3*time.Second)
					return ctx, cancel
				})
				for i := range want {
					if got[i] != want[i] {
						t.Errorf("%s, with %v for the parent: %v, want %v", name, parents, got, want)
						break
					}
				}
			})
		}
	}
}

// Many wait, and one ends it.
func TestDeadlineOfMany(t *testing.T) {
	t.Parallel()
	for range 100 {
		r := newRequest(t.Context(), "r", time.Hour)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { <-r.Done() })
		}
		all.Go(r.end)
		all.Wait()
		if !errors.Is(r.Err(), context.Canceled) {
			t.Fatal(r.Err())
		}
	}
}

// A request that waits for nothing has no timer, and what it holds is found in contexts made of it.
func TestRequestHolds(t *testing.T) {
	t.Parallel()
	r := newRequest(rights.With(t.Context(), &rights.Viewer{ID: "of the parent"}), "r-1", time.Hour)
	defer r.end()
	ctx := context.WithValue(r, "a", 1) //nolint:revive,staticcheck // a stranger's
	if telemetry.RequestID(ctx) != "r-1" || requestOf(ctx) != r || rights.Of(ctx).ID != "of the parent" || ctx.Err() != nil {
		t.Error("a value is missing")
	}
	r.viewer = &rights.Viewer{ID: "its own"}
	if rights.Of(ctx).ID != "its own" {
		t.Error("the viewer is not that of the request")
	}
	if r.timed.Load() != nil {
		t.Error("there is a timer for nobody")
	}
}
