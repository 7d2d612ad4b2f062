package feed

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"backline/store/storetest"
)

// helperVariable makes the test binary a process that reads the shard it names.
const helperVariable = "BACKLINE_TEST_FEED_HELPER"

func TestMain(m *testing.M) {
	if url := os.Getenv(helperVariable); url != "" {
		help(url)
		return
	}
	storetest.Main(m)
}

// help reads until its standard input ends, and prints what it hears.
func help(url string) {
	f, err := Start(Config{Shards: []Shard{{Name: "0", URL: url}}, Tables: tables, Sink: printer{}, Observer: printer{}, timing: slowTiming()})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	_, _ = os.Stdin.Read(make([]byte, 1))
	f.Close()
}

type printer struct{ ignore }

func (printer) Apply(_ context.Context, shard string, b Batch) error {
	for _, c := range b.Changes {
		fmt.Println("change", shard, show(c))
	}
	return nil
}

func (printer) Flush(_ context.Context, shard, reason string) error {
	fmt.Println("flush", shard, reason)
	return nil
}

func (printer) FeedState(shard, state string, err error) { fmt.Println("state", shard, state, err) }

// helper is such a process; what it printed is in a sink.
type helper struct {
	*sink
	process *os.Process
}

func startHelper(t *testing.T, url string) *helper {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helperVariable+"="+url)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &helper{sink: newSink(), process: cmd.Process}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			h.line(lines.Text())
		}
	}()
	t.Cleanup(func() {
		_ = h.process.Signal(syscall.SIGCONT)
		in.Close()
		<-done
		_ = cmd.Wait()
	})
	return h
}

func (h *helper) line(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kind, rest, _ := strings.Cut(line, " ")
	switch kind {
	case "change":
		h.changes = append(h.changes, seen{text: rest})
	case "flush":
		h.flushes = append(h.flushes, rest)
	case "state":
		h.states = append(h.states, strings.Join(strings.Fields(rest)[:2], " "))
	}
}

// state waits until the last one is this.
func (s *sink) state(t *testing.T, want string) {
	t.Helper()
	wait(t, "the state is "+want, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if n := len(s.states); n == 0 || s.states[n-1] != want {
			return fmt.Errorf("there were %q", s.states)
		}
		return nil
	})
}
