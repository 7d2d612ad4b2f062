package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store/storetest"
)

const (
	parents = iota
	children
	notes
)

// The tables of the tests: children know their parent, whose index is the replica identity; a note
// has all of its columns in it, because its parent may be NULL.
var (
	tables = []Table{
		parents:  {"parent", []string{"id"}},
		children: {"child", []string{"id", "parent_id"}},
		notes:    {"note", []string{"id", "parent_id", "body"}},
	}
	tablesSQL = `
CREATE TABLE parent (id bigint PRIMARY KEY, name text);
CREATE TABLE child (id bigint PRIMARY KEY, name text, parent_id integer NOT NULL, size smallint);
CREATE UNIQUE INDEX child_parent_id_id ON child (parent_id, id);
ALTER TABLE child REPLICA IDENTITY USING INDEX child_parent_id_id;
CREATE TABLE note (id bigint PRIMARY KEY, parent_id bigint, body text, more text);
ALTER TABLE note REPLICA IDENTITY FULL;
CREATE TABLE other (id bigint PRIMARY KEY)`
)

// shards are databases with the tables of the tests.
type shards struct {
	*storetest.Cluster
	list []Shard
}

func setup(t testing.TB, n int, options ...storetest.Option) *shards {
	t.Helper()
	s := &shards{Cluster: storetest.NewCluster(t, n, append(options, storetest.WithMigrations(nil))...)}
	s.Exec(t, tablesSQL)
	for i, url := range s.URLs {
		s.list = append(s.list, Shard{Name: fmt.Sprint(i), URL: url})
	}
	t.Cleanup(func() {
		for i, url := range s.URLs { // a database with a slot that was used a moment ago cannot be dropped
			if err := Remove(context.Background(), url); err != nil {
				t.Errorf("remove the feed of shard %d: %v", i, err)
			}
		}
	})
	return s
}

// connect gives a connection whose commits are durable at once: the tests' server leaves that to a
// process that runs five times a second, and only what is durable is decoded.
func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	run(t, c, "SET synchronous_commit = on")
	return c
}

func run(t testing.TB, c *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := c.Exec(context.WithoutCancel(t.Context()), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func query[T any](t testing.TB, c *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := c.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// patience bounds every wait. Only a failure reaches it.
const patience = 3 * time.Minute

// patientTiming is that of production, but for what a busy machine would take for a reader's death.
func patientTiming() timing {
	t := usualTiming()
	t.silence, t.farewell = time.Minute, time.Minute
	return t
}

// slowTiming takes readers for dead sooner than that, and still later than production.
func slowTiming() timing {
	t := usualTiming()
	t.silence = 10 * time.Second
	return t
}

// receive gives the next of what is sent.
func receive[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("nothing comes")
		panic("unreachable")
	}
}

// start begins a feed into a new sink.
func start(t testing.TB, list []Shard, change ...func(*Config)) (*Feed, *sink) {
	t.Helper()
	s := newSink()
	c := Config{Shards: list, Tables: tables, Sink: s, Observer: s, SinkTimeout: patience, timing: patientTiming()}
	for _, f := range change {
		f(&c)
	}
	f, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, s
}

// reading waits until every shard is read by this feed.
func reading(t testing.TB, f *Feed) {
	t.Helper()
	wait(t, "the feed reads", func() error {
		for _, s := range f.Status() {
			if s.State != Reading {
				return fmt.Errorf("shard %s is %s: %v", s.Shard, s.State, s.Err)
			}
		}
		return nil
	})
}

// wait asks again and again until there is no error; it fails after a time that is far too long.
func wait(t testing.TB, what string, f func() error) {
	t.Helper()
	deadline := time.After(patience)
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-deadline:
			t.Fatalf("waited in vain until %s: %v", what, err)
		}
	}
}

// seen is a change as text: "0 note update 1 2 a → 1 3 a".
type seen struct {
	text string
	at   time.Time
}

// sink remembers what it is told.
type sink struct {
	mu      sync.Mutex
	changes []seen
	batches []Batch // without changes
	sizes   []int
	flushes []string
	states  []string
	lags    []time.Duration
	fail    func() error // the next calls give this, if it is set
}

func newSink() *sink { return &sink{} }

func (s *sink) Apply(_ context.Context, shard string, b Batch) error {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(); err != nil {
			return err
		}
	}
	for _, c := range b.Changes {
		s.changes = append(s.changes, seen{shard + " " + show(c), now})
	}
	s.sizes = append(s.sizes, len(b.Changes))
	b.Changes = nil
	s.batches = append(s.batches, b)
	return nil
}

func show(c Change) string {
	text := tables[c.Table].Name + " " + c.Op.String()
	row := func(r Row) {
		for _, v := range r {
			text += " " + v.String()
		}
	}
	row(c.Old)
	if c.Op == Update {
		text += " →"
	}
	row(c.New)
	return text
}

func (s *sink) Flush(_ context.Context, shard, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(); err != nil {
			return err
		}
	}
	s.flushes = append(s.flushes, shard+" "+reason)
	return nil
}

func (s *sink) FeedState(shard, state string, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states = append(s.states, shard+" "+state)
}

func (s *sink) FeedApplied(_ string, _ int, lag time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lags = append(s.lags, lag)
}

func (s *sink) FeedFlushed(string, string)           {}
func (s *sink) FeedLag(string, int64, time.Duration) {}

func (s *sink) setFail(f func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

func (s *sink) texts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	texts := make([]string, len(s.changes))
	for i, c := range s.changes {
		texts[i] = c.text
	}
	return texts
}

func (s *sink) flushed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.flushes)
}

func (s *sink) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes, s.batches, s.sizes, s.flushes, s.states, s.lags = nil, nil, nil, nil, nil, nil
}

// waitFor waits for exactly these changes, in this order.
func (s *sink) waitFor(t testing.TB, want ...string) {
	t.Helper()
	wait(t, "the changes have come", func() error {
		if got := s.texts(); len(got) < len(want) {
			return fmt.Errorf("only %d of %d: %v", len(got), len(want), got)
		}
		return nil
	})
	if got := s.texts(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// waitForFlush waits for a flush with this reason.
func (s *sink) waitForFlush(t testing.TB, reason string) {
	t.Helper()
	wait(t, "there is a flush because "+reason, func() error {
		if got := s.flushed(); !slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, reason) }) {
			return fmt.Errorf("there were %q", got)
		}
		return nil
	})
}

var errSink = errors.New("the sink is away")

// was says whether the feed was in that state: "0 reading".
func (s *sink) was(state string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.states, state)
}
