package feed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// writer inserts parents 1, 2, 3 … until it is stopped.
type writer struct {
	last    atomic.Int64
	stopped chan struct{}
	stop    func()
}

func write(t *testing.T, url string) *writer {
	t.Helper()
	c := connect(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	w := &writer{stopped: make(chan struct{}), stop: cancel}
	go func() {
		defer close(w.stopped)
		for ctx.Err() == nil {
			if _, err := c.Exec(context.WithoutCancel(ctx), "INSERT INTO parent VALUES ($1)", w.last.Load()+1); err != nil {
				t.Error(err)
				return
			}
			w.last.Add(1)
		}
	}()
	t.Cleanup(func() { w.end() })
	return w
}

// end gives the last number that was committed.
func (w *writer) end() int64 {
	w.stop()
	<-w.stopped
	return w.last.Load()
}

// reach waits until the writer has gone n further.
func (w *writer) reach(t *testing.T, n int64) {
	t.Helper()
	goal := w.last.Load() + n
	wait(t, "the writer has written", func() error {
		if at := w.last.Load(); at < goal {
			return fmt.Errorf("it is at %d", at)
		}
		return nil
	})
}

// waitForAll waits until each of the writer's rows was seen by one of the sinks, and says how often
// they were seen in all.
func waitForAll(t *testing.T, last int64, sinks ...*sink) (times int) {
	t.Helper()
	wait(t, "every row was seen", func() error {
		found := map[string]bool{}
		times = 0
		for _, s := range sinks {
			for _, text := range s.texts() {
				if _, id, ok := strings.Cut(text, "parent insert "); ok {
					times++
					found[id] = true
				}
			}
		}
		for id := range last {
			if !found[fmt.Sprint(id+1)] {
				return fmt.Errorf("row %d of %d is missing", id+1, last)
			}
		}
		return nil
	})
	return times
}

const readerPID = "SELECT coalesce(max(active_pid), 0) FROM pg_replication_slots WHERE database = current_database()"

func TestKilledConnectionsLoseNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	f, sink := start(t, s.list)
	reading(t, f)
	w := write(t, s.URLs[0])
	c := connect(t, s.URLs[0])
	for _, victim := range []string{
		readerPID, // the one that reads
		"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
		readerPID,
	} {
		w.reach(t, 50)
		pid := 0
		wait(t, "there is a connection to kill", func() (err error) {
			err = c.QueryRow(t.Context(), victim).Scan(&pid)
			if err == nil && pid == 0 {
				err = pgx.ErrNoRows
			}
			return err
		})
		run(t, c, "SELECT pg_terminate_backend($1)", pid)
		w.reach(t, 50)
		waitForAll(t, w.last.Load(), sink)
	}
	last := w.end()
	times := waitForAll(t, last, sink)
	t.Logf("%d rows, seen %d times", last, times)
	if got := sink.flushed(); len(got) != 1 {
		t.Errorf("nothing was lost, but there were flushes: %q", got)
	}
}

func TestRestartResumes(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	f, first := start(t, s.list)
	reading(t, f)
	w := write(t, s.URLs[0])
	w.reach(t, 100)
	f.Close()
	w.reach(t, 100)
	g, second := start(t, s.list)
	reading(t, g)
	w.reach(t, 100)
	last := w.end()
	times := waitForAll(t, last, first, second)
	if n := int64(times) - last; n != 0 {
		t.Errorf("%d changes came twice: an orderly end confirms all that was applied", n)
	}
	if got := second.flushed(); len(got) != 0 {
		t.Errorf("a restart flushes nothing; there were %q", got)
	}
}

// TestFailingSink is about a sink that refuses: nothing is confirmed, and all comes again.
func TestFailingSink(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	f, sink := start(t, s.list)
	reading(t, f)
	var calls atomic.Int64
	sink.setFail(func() error { calls.Add(1); return errSink })
	c := connect(t, s.URLs[0])
	run(t, c, "INSERT INTO parent VALUES (1)")
	wait(t, "the sink has refused thrice", func() error {
		if n := calls.Load(); n < 3 {
			return fmt.Errorf("%d times", n)
		}
		return nil
	})
	run(t, c, "INSERT INTO parent VALUES (2)")
	wait(t, "the status shows what waits", func() error {
		if s := f.Status()[0]; s.LagBytes == 0 || s.Lag == 0 || !errors.Is(s.Err, errSink) {
			return fmt.Errorf("it is %+v", s)
		}
		return nil
	})
	sink.setFail(nil)
	sink.waitFor(t, "0 parent insert 1", "0 parent insert 2")
	wait(t, "the status is as before", func() error {
		if s := f.Status()[0]; s.Lag > 0 || s.Err != nil || !s.Read || s.WAL != "reserved" {
			return fmt.Errorf("it is %+v", s)
		}
		return nil
	})
}

// TestWaitsForTransactions has a transaction that runs while the slot is made, which takes until its
// end. Nobody else waits for that, and it can be given up.
func TestWaitsForTransactions(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	c, long := connect(t, s.URLs[0]), connect(t, s.URLs[0])
	run(t, long, "BEGIN; INSERT INTO parent VALUES (1)")
	waits := func() {
		wait(t, "a slot is being made", func() error {
			if n := query[int](t, c, "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%create_logical%' AND state = 'active' AND pid <> pg_backend_pid()"); n != 1 {
				return fmt.Errorf("%d backends make one", n)
			}
			return nil
		})
	}
	f, _ := start(t, s.list)
	waits()
	if s := f.Status()[0]; s.State != Preparing {
		t.Errorf("it is %s", s.State)
	}
	f.Close()
	g, sink := start(t, s.list)
	waits()
	run(t, long, "COMMIT")
	reading(t, g)
	run(t, c, "INSERT INTO parent VALUES (2)")
	sink.waitFor(t, "0 parent insert 2")
	if got := sink.flushed(); len(got) != 1 {
		t.Errorf("flushes: %q", got)
	}
}

// TestFlushIsRepeated is about a flush that fails: it comes again, also in another process, before
// any change does.
func TestFlushIsRepeated(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	away := newSink()
	refused := make(chan struct{})
	once := sync.OnceFunc(func() { close(refused) })
	away.setFail(func() error { once(); return errSink })
	f, _ := start(t, s.list, func(c *Config) { c.Sink = away })
	receive(t, refused)
	f.Close()
	c := connect(t, s.URLs[0])
	if got := query[string](t, c, "SELECT pending FROM feed_state"); got != "the feed begins" {
		t.Errorf("pending is %q", got)
	}
	g, sink := start(t, s.list)
	reading(t, g)
	sink.waitForFlush(t, "the feed begins")
	if got := query[bool](t, c, "SELECT pending IS NULL FROM feed_state"); !got {
		t.Error("it is still pending")
	}
}

// TestSlotDropped drops the slot by hand while the reader runs.
func TestSlotDropped(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	f, sink := start(t, s.list)
	reading(t, f)
	sink.reset()
	c := connect(t, s.URLs[0])
	wait(t, "the slot is dropped", func() error { // between the reader's attempts to return
		run(t, c, "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database() AND active")
		_, err := c.Exec(t.Context(), "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active")
		if err == nil && query[int](t, c, "SELECT count(*)::int FROM pg_replication_slots WHERE database = current_database()") > 0 {
			err = errSink
		}
		return err
	})
	sink.waitForFlush(t, "the slot was dropped")
	reading(t, f)
	run(t, c, "INSERT INTO parent VALUES (7)")
	sink.waitFor(t, "0 parent insert 7")
}

// TestFailoverFlushes pretends that the shard was another server, or had another past, before.
func TestFailoverFlushes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ change, reason string }{
		"server":   {"UPDATE feed_state SET system = '1'", "another server has taken over"},
		"timeline": {"UPDATE feed_state SET timeline = 0", "a standby has taken over"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, 1)
			f, _ := start(t, s.list)
			reading(t, f)
			f.Close()
			run(t, connect(t, s.URLs[0]), test.change)
			for i, want := range []int{1, 0} { // and only once
				g, sink := start(t, s.list)
				reading(t, g)
				if got := sink.flushed(); len(got) != want || want == 1 && got[0] != "0 "+test.reason {
					t.Errorf("start %d: got %q", i, got)
				}
				g.Close()
			}
		})
	}
}

func TestTablesAltered(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"column":      "ALTER TABLE child ADD COLUMN more text DEFAULT 'x'",
		"same type":   "ALTER TABLE child ALTER COLUMN name TYPE text USING upper(name)",
		"table":       "BEGIN; ALTER TABLE child RENAME TO old; CREATE TABLE child (LIKE old INCLUDING ALL); COMMIT",
		"unpublished": "ALTER PUBLICATION backline_feed DROP TABLE child",
		"publication": "DROP PUBLICATION backline_feed",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, 1)
			f, sink := start(t, s.list)
			reading(t, f)
			sink.reset()
			c := connect(t, s.URLs[0])
			run(t, c, "INSERT INTO child VALUES (1, 'a', 1)")
			sink.waitFor(t, "0 child insert 1 1")
			if _, err := c.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
				t.Fatal(err)
			}
			run(t, c, "INSERT INTO child VALUES (2, 'b', 1)")
			sink.waitForFlush(t, "publication")
			reading(t, f)
			run(t, c, "INSERT INTO child VALUES (3, 'c', 1)")
			wait(t, "the last change has come", func() error {
				if texts := sink.texts(); texts[len(texts)-1] != "0 child insert 3 1" {
					return fmt.Errorf("got %q", texts)
				}
				return nil
			})
		})
	}
}

// TestKeepBytes gives up a slot for which too much is kept.
func TestKeepBytes(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	f, _ := start(t, s.list)
	reading(t, f)
	f.Close()
	c := connect(t, s.URLs[0])
	run(t, c, "INSERT INTO note SELECT n, n, repeat('x', 1000) FROM generate_series(1, 3000) n")
	g, sink := start(t, s.list, func(c *Config) { c.KeepBytes = 1 << 20 })
	reading(t, g)
	if got := sink.flushed(); len(got) != 1 || !strings.Contains(got[0], "more WAL was waiting than is to be kept") {
		t.Errorf("flushes: %q", got)
	}
	run(t, c, "INSERT INTO parent VALUES (1)")
	sink.waitFor(t, "0 parent insert 1")
}

// TestOthersAdvance writes what the feed does not follow: the slot moves on all the same, so that an
// idle feed keeps no WAL of busy neighbours.
func TestOthersAdvance(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	f, sink := start(t, s.list)
	reading(t, f)
	c := connect(t, s.URLs[0])
	run(t, c, "INSERT INTO other SELECT * FROM generate_series(1, 10000)")
	written, err := ParseLSN(query[string](t, c, "SELECT pg_current_wal_lsn()::text"))
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "what others wrote is confirmed", func() error {
		if s := f.Status()[0]; s.Confirmed < written {
			return fmt.Errorf("the slot is at %s, the WAL at %s", s.Confirmed, written)
		}
		return nil
	})
	if got := sink.texts(); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}
