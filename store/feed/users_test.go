package feed

import (
	"bytes"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"

	"backline/store/embedded"
)

// logText is a log that is read while it is written.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// has counts lines that have all of these texts.
func (l *logText) has(texts ...string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
next:
	for line := range strings.Lines(l.text.String()) {
		for _, t := range texts {
			if !strings.Contains(line, t) {
				continue next
			}
		}
		n++
	}
	return n
}

// as gives the URL of a shard for one of two users who may read it and may not end each other's
// connections, as with credentials that are made for each process.
func as(t *testing.T, shard Shard, user string) []Shard {
	t.Helper()
	u, err := url.Parse(shard.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, "secret")
	return []Shard{{Name: shard.Name, URL: u.String()}}
}

func twoUsers(t *testing.T) (shard Shard, log *logText, logged func(*Config)) {
	t.Helper()
	_, list := server(t, embedded.Options{Ephemeral: true})
	c := connect(t, list[0].URL)
	run(t, c, tablesSQL)
	first, _ := start(t, list) // makes publication and table
	reading(t, first)
	first.Close()
	for _, user := range []string{"one", "two"} {
		run(t, c, "CREATE ROLE "+user+" LOGIN REPLICATION PASSWORD 'secret'; GRANT SELECT, INSERT, UPDATE ON feed_state TO "+user)
	}
	log = &logText{}
	return list[0], log, func(c *Config) { c.timing, c.Log = slowTiming(), slog.New(slog.NewTextHandler(log, nil)) }
}

// TestTakeoverFromAnotherUser: a reader that hangs, and whose connections its successor may not end, is
// replaced when Postgres has ended them, and the log says what would be sooner.
func TestTakeoverFromAnotherUser(t *testing.T) {
	t.Parallel()
	shard, log, logged := twoUsers(t)
	h := startHelper(t, as(t, shard, "one")[0].URL)
	h.state(t, "0 reading")
	g, told := start(t, as(t, shard, "two"), logged)
	told.state(t, "0 standby")
	if err := h.process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	reading(t, g)
	if n := log.has("may not end its connection", "shard=0", "user=two", `GRANT pg_signal_backend TO \"two\"`); n != 1 {
		t.Errorf("the log has %d such lines: %s", n, &log.text)
	}
	run(t, connect(t, shard.URL), "INSERT INTO parent VALUES (1)")
	told.waitFor(t, "0 parent insert 1")
	if err := h.process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	h.state(t, "0 standby")
	if got := told.flushed(); len(got) != 0 {
		t.Errorf("a takeover flushes nothing; there were %q", got)
	}
}

// TestFollowsMoreThanAnotherUser: who knows of more and may not end the reader says so once, knows that
// it is not told all, and reads when the other one has ended. With the right it does so at once.
func TestFollowsMoreThanAnotherUser(t *testing.T) {
	t.Parallel()
	shard, log, logged := twoUsers(t)
	older, _ := start(t, as(t, shard, "one"), follows("a"))
	reading(t, older)
	newer, _ := start(t, as(t, shard, "two"), follows("a", "b"), logged)
	isStandby(t, newer, false)
	polled(t, newer)
	if n := log.has("may not end its connection", "kept for five seconds"); n != 1 {
		t.Errorf("the log has %d such lines: %s", n, &log.text)
	}
	if s := older.Status()[0]; s.State != Reading {
		t.Errorf("the reader is %s", s.State)
	}
	newer.Close()
	run(t, connect(t, shard.URL), "GRANT pg_signal_backend TO two")
	newer, _ = start(t, as(t, shard, "two"), follows("a", "b"), logged)
	reading(t, newer)
	isStandby(t, older, true)
}
