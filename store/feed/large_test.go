package feed

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"backline/store/storetest"
)

// counter is a sink that keeps nothing.
type counter struct {
	ignore
	changes, batches, largest, sum atomic.Int64
	ends                           atomic.Int64 // batches that end a transaction
	slow                           chan struct{}
}

func (c *counter) Apply(_ context.Context, _ string, b Batch) error {
	if c.slow != nil {
		<-c.slow
	}
	for _, change := range b.Changes {
		id, _ := change.New[0].Int()
		c.sum.Add(id)
	}
	c.changes.Add(int64(len(b.Changes)))
	c.batches.Add(1)
	c.largest.Store(max(c.largest.Load(), int64(len(b.Changes))))
	if b.LSN > 0 {
		c.ends.Add(1)
	}
	return nil
}

func (c *counter) Flush(context.Context, string, string) error { return nil }

// TestLargeTransaction has 100,000 rows in one transaction: they come in bounded batches, and the
// memory that they take does not grow with their number.
func TestLargeTransaction(t *testing.T) {
	t.Parallel()
	const rows = 100_000
	s := setup(t, 1)
	sink := &counter{}
	f, _ := start(t, s.list, func(c *Config) { c.Sink = sink })
	reading(t, f)
	c := connect(t, s.URLs[0])
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	run(t, c, "INSERT INTO note SELECT n, n, repeat('x', 50) FROM generate_series(1, $1) n", rows)
	written := time.Since(began)
	wait(t, "all have come", func() error {
		if n := sink.changes.Load(); n < rows {
			return fmt.Errorf("%d of %d", n, rows)
		}
		return nil
	})
	runtime.ReadMemStats(&after)
	t.Logf("written in %v, applied after %v, in %d batches; %d bytes allocated per change",
		written.Round(time.Millisecond), time.Since(began).Round(time.Millisecond), sink.batches.Load(), (after.TotalAlloc-before.TotalAlloc)/rows)
	if n := sink.changes.Load(); n != rows || sink.sum.Load() != rows*(rows+1)/2 {
		t.Errorf("%d changes came", n)
	}
	if n := sink.largest.Load(); n > 1024 {
		t.Errorf("the largest batch has %d changes", n)
	}
	if n := sink.ends.Load(); n < 1 || n > 2 {
		t.Errorf("%d batches end the transaction", n)
	}
}

// TestSlowSinkBoundsMemory has a sink that stands still while 100,000 changes wait: they wait in
// Postgres.
func TestSlowSinkBoundsMemory(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	const rows = 100_000
	s := setup(t, 1)
	sink := &counter{slow: make(chan struct{})}
	f, _ := start(t, s.list, func(c *Config) { c.Sink, c.SinkTimeout = sink, time.Hour })
	reading(t, f)
	c := connect(t, s.URLs[0])
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run(t, c, "INSERT INTO note SELECT n, n, repeat('x', 500) FROM generate_series(1, $1) n", rows)
	wait(t, "the sender waits", func() error { // its socket's buffer is full
		if event := query[string](t, c, "SELECT coalesce(wait_event, '') FROM pg_stat_activity WHERE pid = ("+readerPID+")"); event != "WalSenderWriteData" {
			return fmt.Errorf("it waits for %q", event)
		}
		return nil
	})
	runtime.GC()
	runtime.ReadMemStats(&after)
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d bytes more while %d changes of 500 bytes wait", grown, rows)
	if grown > 8<<20 {
		t.Errorf("the heap has grown by %d bytes", grown)
	}
	if s := f.Status()[0]; s.State != Reading {
		t.Errorf("it is %s: %v", s.State, s.Err)
	}
	close(sink.slow)
	wait(t, "all have come", func() error {
		if n := sink.changes.Load(); n < rows {
			return fmt.Errorf("%d of %d", n, rows)
		}
		return nil
	})
}

// TestLargeValues has values that lie outside their row, and are not sent again when they have not
// changed.
func TestLargeValues(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	run(t, connect(t, s.URLs[0]), "ALTER TABLE note ALTER COLUMN body SET STORAGE EXTERNAL; ALTER TABLE child ALTER COLUMN name SET STORAGE EXTERNAL")
	wanted := []Table{{"child", []string{"id", "name"}}, {"note", []string{"id", "body"}}}
	got := make(chan string, 10)
	f, _ := start(t, s.list, func(c *Config) {
		c.Tables = wanted
		c.Sink = applier(func(b Batch) {
			for _, c := range b.Changes {
				got <- strings.ReplaceAll(fmt.Sprintf("%s %s %v %v", wanted[c.Table].Name, c.Op, c.Old, c.New), strings.Repeat("x", 10_000), "LARGE")
			}
		})
	})
	reading(t, f)
	if advice := f.Status()[0].Advice; len(advice) != 1 || !strings.Contains(advice[0].Text, "table child do not tell the old name; a migration should say ALTER TABLE child REPLICA IDENTITY FULL") {
		t.Errorf("advice: %q", advice)
	}
	c := connect(t, s.URLs[0])
	for _, test := range [][2]string{
		{"INSERT INTO child VALUES (1, repeat('x', 10000), 1, 1)", "child insert [] [1 LARGE]"},
		{"UPDATE child SET size = 2", "child update [1 ?] [1 ?]"}, // outside the identity: not known
		{"UPDATE child SET name = 'a'", "child update [1 ?] [1 a]"},
		{"DELETE FROM child", "child delete [1 ?] []"},
		{"INSERT INTO note VALUES (1, 1, repeat('x', 10000), '')", "note insert [] [1 LARGE]"},
		{"UPDATE note SET more = 'y'", "note update [1 LARGE] [1 LARGE]"}, // as the old row says
		{"UPDATE note SET body = 'b'", "note update [1 LARGE] [1 b]"},
		{"DELETE FROM note", "note delete [1 b] []"},
	} {
		run(t, c, test[0])
		if text := receive(t, got); text != test[1] {
			t.Errorf("%s: got %s, want %s", test[0], text, test[1])
		}
	}
}

type applier func(b Batch)

func (f applier) Apply(_ context.Context, _ string, b Batch) error { f(b); return nil }

func (f applier) Flush(context.Context, string, string) error { return nil }

// TestPartitions has a table in parts, whose changes bear the name of the whole.
func TestPartitions(t *testing.T) {
	t.Parallel()
	s := setup(t, 1)
	c := connect(t, s.URLs[0])
	run(t, c, `DROP TABLE note; CREATE TABLE note (id bigint PRIMARY KEY, parent_id bigint, body text) PARTITION BY RANGE (id);
		CREATE TABLE note_1 PARTITION OF note FOR VALUES FROM (0) TO (100); CREATE TABLE note_2 PARTITION OF note FOR VALUES FROM (100) TO (200);
		ALTER TABLE note_1 REPLICA IDENTITY FULL; ALTER TABLE note_2 REPLICA IDENTITY FULL; ALTER TABLE note REPLICA IDENTITY FULL`)
	f, sink := start(t, s.list)
	reading(t, f)
	run(t, c, "INSERT INTO note VALUES (1, 5, 'a'), (101, 6, 'b')")
	run(t, c, "UPDATE note SET parent_id = 7 WHERE id = 101")
	run(t, c, "TRUNCATE note")
	sink.waitFor(t, "0 note insert 1 5 a", "0 note insert 101 6 b", "0 note update 101 6 b → 101 7 b", "0 note truncate")
	sink.reset()
	run(t, c, "TRUNCATE note_1") // which Postgres does not tell
	sink.waitForFlush(t, "altered")
}

// TestMissingTables says which tables cannot be followed.
func TestMissingTables(t *testing.T) {
	t.Parallel()
	s := setup(t, 1, storetest.WithMigrations(nil))
	c := connect(t, s.URLs[0])
	run(t, c, "DROP TABLE note; DROP TABLE child; CREATE VIEW child AS SELECT id, id::int AS parent_id FROM parent")
	f, sink := start(t, s.list)
	reading(t, f)
	got := map[string]Advice{}
	for _, a := range f.Status()[0].Advice {
		got[a.Table] = a
	}
	if a := got["child"]; a.Kind != NotATable || !a.IsDeaf() || !strings.Contains(a.Text, "child is no table but a view") {
		t.Errorf("of a view: %+v", a)
	}
	if a := got["note"]; a.Kind != NoTable || !a.IsDeaf() || !strings.Contains(a.Text, "there is no table note") {
		t.Errorf("of a table that is not there: %+v", a)
	}
	run(t, c, "CREATE TABLE note (id bigint PRIMARY KEY, parent_id bigint, body text)")
	sink.waitForFlush(t, "altered")
	reading(t, f)
	run(t, c, "INSERT INTO note VALUES (1, 2, 'a')")
	sink.waitFor(t, "0 note insert 1 2 a")
}
