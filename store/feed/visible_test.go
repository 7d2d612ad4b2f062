package feed

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"backline/store/embedded"
)

// looker is a sink that looks for each new parent as soon as it is told of it.
type looker struct {
	*sink
	look func(id int64) bool
}

func (l *looker) Apply(ctx context.Context, shard string, b Batch) error {
	for _, c := range b.Changes {
		if id, _ := c.New[0].Int(); c.Table == parents && !l.look(id) {
			l.mu.Lock()
			l.flushes = append(l.flushes, fmt.Sprintf("row %d is not there yet", id))
			l.mu.Unlock()
		}
	}
	return l.sink.Apply(ctx, shard, b)
}

// TestVisibleWhenTold reads each row at the moment at which its change is told, and wants to find it:
// else a cache would forget too early, and read what was.
func TestVisibleWhenTold(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	reader := connect(t, s.URLs[0])
	var one sync.Mutex
	l := &looker{sink: newSink(), look: func(id int64) bool {
		one.Lock()
		defer one.Unlock()
		return query[bool](t, reader, "SELECT EXISTS (SELECT FROM parent WHERE id = $1)", id)
	}}
	f, _ := start(t, s.list, func(c *Config) { c.Sink = l })
	reading(t, f)
	l.reset()
	w := write(t, s.URLs[0])
	w.reach(t, 1000)
	waitForAll(t, w.end(), l.sink)
	if got := l.flushed(); len(got) > 0 {
		t.Errorf("%d changes were told before they could be seen: %q …", len(got), got[0])
	}
}

// TestWaitsForStandbys has a synchronous standby that never answers: the row is in the WAL and sent,
// and nobody sees it until its writer gives the standby up.
func TestWaitsForStandbys(t *testing.T) {
	t.Parallel()
	_, list := server(t, embedded.Options{Ephemeral: true, Settings: []string{"synchronous_standby_names=nobody"}})
	c, w := connect(t, list[0].URL), connect(t, list[0].URL)
	run(t, c, "SET synchronous_commit = local")
	run(t, c, tablesSQL)
	f, sink := start(t, list)
	reading(t, f)
	done := make(chan error, 1)
	go func() {
		_, err := w.Exec(context.WithoutCancel(t.Context()), "INSERT INTO parent VALUES (1)")
		done <- err
	}()
	wait(t, "the writer waits for the standby", func() error {
		if event := query[string](t, c, "SELECT coalesce(wait_event, '') FROM pg_stat_activity WHERE pid = $1", int(w.PgConn().PID())); event != "SyncRep" {
			return fmt.Errorf("it waits for %q", event)
		}
		return nil
	})
	wait(t, "the change was sent and the reader looks for it", func() error {
		if n := query[int](t, c, "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'backline feed' AND query = 'SELECT pg_current_snapshot()' AND now() - query_start < '100 ms'"); n == 0 {
			return errSink
		}
		return nil
	})
	if got := sink.texts(); len(got) > 0 {
		t.Errorf("told before anybody can see it: %q", got)
	}
	run(t, c, "SELECT pg_cancel_backend($1)", int(w.PgConn().PID()))
	sink.waitFor(t, "0 parent insert 1")
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("the writer still waits")
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		snapshot string
		xid      uint32
		sees     bool
	}{
		{"10:20:", 9, true},
		{"10:20:", 19, true},
		{"10:20:", 20, false},
		{"10:20:", 21, false},
		{"10:20:10,15", 10, false},
		{"10:20:10,15", 11, true},
		{"10:20:10,15", 15, false},
		{"4294967290:4294967300:4294967295", 4294967291, true},  // before the lower half began anew
		{"4294967290:4294967300:4294967295", 4294967295, false}, // the one that runs
		{"4294967290:4294967300:4294967295", 3, true},           // after it
		{"4294967290:4294967300:4294967295", 4, false},
	} {
		s, err := parseSnapshot(test.snapshot)
		if err != nil || s.sees(test.xid) != test.sees {
			t.Errorf("%s sees %d: %v, %v", test.snapshot, test.xid, !test.sees, err)
		}
	}
	for _, text := range []string{"", "1:2", "1:x:", "1:2:x", "1:2:3,"} {
		if s, err := parseSnapshot(text); err == nil {
			t.Errorf("%q became %v", text, s)
		}
	}
}
