package feed

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store/embedded"
)

// server is a Postgres of one test, for what a shared one cannot show.
func server(t *testing.T, o embedded.Options) (*embedded.Cluster, []Shard) {
	t.Helper()
	o.Shards, o.PostgresBin = 1, os.Getenv("BACKLINE_POSTGRES_BIN")
	c, err := embedded.Start(t.Context(), o)
	if missing := (*embedded.MissingPostgresError)(nil); errors.As(err, &missing) && os.Getenv("BACKLINE_TEST_REQUIRE_POSTGRES") != "1" {
		t.Skipf("SKIPPED WITHOUT BEING TESTED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c, []Shard{{Name: "0", URL: c.PostgresURLs()[0]}}
}

func TestPostgresRestarts(t *testing.T) {
	t.Parallel()
	onItsPort(t, restarts)
}

// onItsPort repeats a test whose server has not come back where it was, because somebody had taken the port.
func onItsPort(t *testing.T, test func(t *testing.T) bool) {
	t.Helper()
	for range 8 {
		if test(t) {
			return
		}
	}
	t.Fatal("the server moves each time")
}

func restarts(t *testing.T) bool {
	t.Helper()
	o := embedded.Options{Dir: t.TempDir()}
	cluster, list := server(t, o)
	c := connect(t, list[0].URL)
	run(t, c, tablesSQL)
	f, sink := start(t, list)
	reading(t, f)
	run(t, c, "INSERT INTO parent VALUES (1)")
	c.Close(t.Context())
	if err := cluster.Stop(t.Context()); err != nil { // an orderly one waits until the feed has confirmed all
		t.Fatal(err)
	}
	wait(t, "the feed has noticed", func() error {
		if s := f.Status()[0]; s.State != Failing || s.Err == nil {
			return fmt.Errorf("it is %s", s.State)
		}
		return nil
	})
	if _, again := server(t, o); again[0] != list[0] {
		return false
	}
	reading(t, f)
	run(t, connect(t, list[0].URL), "INSERT INTO parent VALUES (2)")
	// Before version 17 Postgres does not write down what was confirmed last, so the first may come twice.
	waitForAll(t, 2, sink)
	if got := sink.flushed(); len(got) != 1 {
		t.Errorf("a restart loses nothing, but there were flushes: %q", got)
	}
	return true
}

func TestNotLogical(t *testing.T) {
	t.Parallel()
	_, list := server(t, embedded.Options{Ephemeral: true, Settings: []string{"wal_level=replica"}})
	run(t, connect(t, list[0].URL), tablesSQL)
	f, _ := start(t, list)
	if err := f.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, f, NotLogical, "wal_level = logical")
	if n := query[int](t, connect(t, list[0].URL), "SELECT count(*)::int FROM pg_publication"); n != 0 {
		t.Error("something was made where there can be no feed")
	}
}

func wantUnavailable(t *testing.T, f *Feed, reason Reason, fix string) {
	t.Helper()
	wait(t, "it cannot be had", func() error { // in between it looks again
		s := f.Status()[0]
		u, ok := errors.AsType[*UnavailableError](s.Err)
		if s.State != Unavailable || !ok || u.Reason != reason || !strings.Contains(u.Error(), fix) {
			return fmt.Errorf("it is %s: %w; want %s and %q", s.State, s.Err, reason, fix)
		}
		return nil
	})
}

// TestSlotLost writes more WAL than may be kept, while nobody reads and while a sink stands still.
func TestSlotLost(t *testing.T) {
	t.Parallel()
	for name, reads := range map[string]bool{"nobody reads": false, "the sink stands still": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, list := server(t, embedded.Options{Ephemeral: true, Settings: []string{
				"max_slot_wal_keep_size=1MB", "min_wal_size=32MB", "max_wal_size=32MB",
			}})
			c := connect(t, list[0].URL)
			run(t, c, tablesSQL)
			still := &stuck{sink: newSink(), moves: make(chan struct{})}
			f, _ := start(t, list, func(c *Config) { c.Sink, c.SinkTimeout = still, time.Hour })
			reading(t, f)
			if !reads {
				f.Close()
			}
			run(t, c, "INSERT INTO parent VALUES (1)")
			slot := query[string](t, c, "SELECT slot_name::text FROM pg_replication_slots")
			lost := func() error {
				run(t, c, "INSERT INTO other SELECT * FROM generate_series(1, 1000)")
				run(t, c, "TRUNCATE other")
				run(t, c, "SELECT pg_switch_wal()")
				run(t, c, "CHECKPOINT")
				if reads {
					if got := still.flushed(); len(got) < 2 {
						return fmt.Errorf("flushes: %q", got)
					}
					return nil
				}
				if status := query[string](t, c, "SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1", slot); status != "lost" {
					return errors.New(status)
				}
				return nil
			}
			wait(t, "the slot is lost", lost)
			close(still.moves)
			g, sink := f, still.sink
			if !reads {
				g, sink = start(t, list)
			}
			reading(t, g)
			if got := sink.flushed(); !strings.Contains(got[len(got)-1], "lost") {
				t.Errorf("flushes: %q", got)
			}
			// The new slot may be lost as well, to what was written a moment ago: so it inserts until
			// one is seen.
			sink.reset()
			next := 1
			wait(t, "changes come again", func() error {
				next++
				run(t, c, "INSERT INTO parent VALUES ($1)", next)
				if got := sink.texts(); len(got) == 0 {
					return errSink
				}
				return nil
			})
			reading(t, g)
			for _, advice := range g.Status()[0].Advice {
				t.Errorf("advice where nothing is wrong: %s", advice)
			}
		})
	}
}

// stuck is a sink that applies nothing until it may.
type stuck struct {
	*sink
	moves chan struct{}
}

func (s *stuck) Apply(ctx context.Context, shard string, b Batch) error {
	select {
	case <-s.moves:
		return s.sink.Apply(ctx, shard, b)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// TestTimelineChanges makes a server recover as a standby does that takes over: it has another
// timeline then, and still has the slot.
func TestTimelineChanges(t *testing.T) {
	t.Parallel()
	onItsPort(t, changesTimeline)
}

func changesTimeline(t *testing.T) bool {
	t.Helper()
	o := embedded.Options{Dir: t.TempDir()}
	cluster, list := server(t, o)
	c := connect(t, list[0].URL)
	run(t, c, tablesSQL)
	f, sink := start(t, list)
	reading(t, f)
	data := query[string](t, c, "SHOW data_directory")
	c.Close(t.Context())
	if err := cluster.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "recovery.signal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.Settings = []string{"restore_command=false"}
	if _, again := server(t, o); again[0] != list[0] {
		return false
	}
	sink.waitForFlush(t, "a standby has taken over")
	reading(t, f)
	c = connect(t, list[0].URL)
	run(t, c, "INSERT INTO parent VALUES (1)")
	sink.waitFor(t, "0 parent insert 1")
	if n := query[int](t, c, "SELECT timeline FROM feed_state"); n != 2 {
		t.Errorf("the timeline is %d", n)
	}
	return true
}

// TestNoneLeft takes all slots away.
func TestNoneLeft(t *testing.T) {
	t.Parallel()
	_, list := server(t, embedded.Options{Ephemeral: true, Settings: []string{"max_replication_slots=1", "max_slot_wal_keep_size=-1"}})
	c := connect(t, list[0].URL)
	run(t, c, tablesSQL)
	run(t, c, "SELECT pg_create_physical_replication_slot('taken')")
	short := func(c *Config) { c.timing = patientTiming(); c.timing.unavailable = c.timing.poll }
	f, sink := start(t, list, short)
	if err := f.Settled(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, f, NoneLeft, "max_replication_slots")
	run(t, c, "SELECT pg_drop_replication_slot('taken')")
	reading(t, f) // it looks again by itself
	if s := f.Status()[0]; s.Err != nil || len(s.Advice) != 1 || !strings.Contains(s.Advice[0].Text, "max_slot_wal_keep_size is unlimited") {
		t.Errorf("got %+v", s)
	}
	run(t, c, "INSERT INTO parent VALUES (1)")
	sink.waitFor(t, "0 parent insert 1")
}

// TestNotPermitted has a user without rights, and gives them one after the other.
func TestNotPermitted(t *testing.T) {
	t.Parallel()
	_, list := server(t, embedded.Options{Ephemeral: true})
	c := connect(t, list[0].URL)
	run(t, c, tablesSQL)
	run(t, c, "CREATE ROLE app LOGIN PASSWORD 'secret'")
	u, err := url.Parse(list[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("app", "secret")
	list[0].URL = u.String()
	try := func() *Feed {
		f, _ := start(t, list)
		if err := f.Settled(t.Context()); err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := try()
	wantUnavailable(t, f, NotPermitted, `ALTER ROLE "app" REPLICATION`)
	f.Close()
	run(t, c, "ALTER ROLE app REPLICATION")
	f = try()
	wantUnavailable(t, f, NotPermitted, "CREATE PUBLICATION backline_feed FOR TABLE parent, child, note WITH")
	fix := adviceOf(t, f)
	f.Close()
	run(t, c, fix)
	f = try()
	wantUnavailable(t, f, NotPermitted, "CREATE TABLE feed_state")
	f.Close()
	run(t, c, adviceOf(t, f))
	run(t, c, "GRANT SELECT, INSERT, UPDATE ON feed_state TO app")
	f, sink := start(t, list)
	reading(t, f)
	run(t, c, "INSERT INTO parent VALUES (1)")
	sink.waitFor(t, "0 parent insert 1")
}

// adviceOf gives the statement that the advice quotes.
func adviceOf(t *testing.T, f *Feed) string {
	t.Helper()
	u, ok := errors.AsType[*UnavailableError](f.Status()[0].Err)
	if !ok {
		t.Fatal("there is no advice")
	}
	return u.SQL
}

// TestSharedServer has two shards in one server, whose slots must not meet.
func TestSharedServer(t *testing.T) {
	t.Parallel()
	s := setup(t, 2)
	f, sink := start(t, s.list)
	reading(t, f)
	run(t, connect(t, s.URLs[0]), "INSERT INTO parent VALUES (1)")
	run(t, connect(t, s.URLs[1]), "INSERT INTO parent VALUES (2)")
	wait(t, "both have come", func() error {
		if got := sink.texts(); len(got) != 2 {
			return fmt.Errorf("got %q", got)
		}
		return nil
	})
	c := connect(t, s.URLs[0])
	n := query[int](t, c, `SELECT count(*)::int FROM pg_replication_slots s JOIN pg_database d ON d.datname = s.database AND s.slot_name = 'backline_feed_' || d.oid
		WHERE d.datname = ANY ($1)`, []string{c.Config().Database, databaseOf(t, s.URLs[1])})
	if n != 2 {
		t.Errorf("there are %d slots", n)
	}
}

func databaseOf(t *testing.T, url string) string {
	t.Helper()
	c, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return c.Database
}
