package feed

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestLogsWhatIsNew: a failure is told once and not with each try, another one is told although the state
// stays what it was, and after it has worked each is news again.
func TestLogsWhatIsNew(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	observed := newSink()
	r := &reader{shard: "0", config: &Config{Observer: observed}, board: newBoard("0"), log: slog.New(slog.NewTextHandler(&log, nil))}
	refused, starting := errors.New("connection refused"), errors.New("the database system is starting up")
	told := func(want ...string) {
		t.Helper()
		defer log.Reset()
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if log.Len() == 0 {
			lines = nil
		}
		if len(lines) != len(want) {
			t.Fatalf("got %q, want %q", lines, want)
		}
		for i := range want {
			if !strings.Contains(lines[i], want[i]) {
				t.Errorf("line %d is %q, want %q", i, lines[i], want[i])
			}
		}
	}
	for range 3 {
		r.set(Failing, refused)
	}
	told("connection refused")
	for range 3 {
		r.set(Failing, starting)
		r.set(Failing, refused)
	}
	told("starting up")
	if got := r.board.get(); !errors.Is(got.Err, refused) {
		t.Errorf("the state says %v", got.Err)
	}
	if len(observed.states) != 1 {
		t.Errorf("the observer was told of %q, and the state changed once", observed.states)
	}
	r.set(Reading, nil)
	r.set(Reading, nil)
	r.set(Failing, refused)
	told("connection refused")
	for i := range 100 { // such as ports
		r.set(Failing, fmt.Errorf("read from port %d", i))
	}
	if n := strings.Count(log.String(), "\n"); n != maxLogged-1 {
		t.Errorf("%d lines for a failure that is called otherwise each time", n)
	}
}
