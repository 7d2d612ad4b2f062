package telemetry

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestFamily: so many keys are told apart, the others are one.
func TestFamily(t *testing.T) {
	t.Parallel()
	var made []string
	f := newFamily(2, func(string) string { return "other" }, func(key string) *string {
		made = append(made, key)
		return &key
	})
	for _, key := range []string{"a", "b", "a", "c", "d", "b"} {
		want := key
		if key > "b" {
			want = "other"
		}
		if got := *f.of(key); got != want {
			t.Errorf("%s is counted as %s", key, got)
		}
	}
	if got := strings.Join(made, " "); got != "a b other" {
		t.Errorf("made %s", got)
	}
}

// TestReadersTakeNoLock, not even for keys that are not told apart: a client that makes up names of
// operations must not make requests wait for each other.
func TestReadersTakeNoLock(t *testing.T) {
	t.Parallel()
	f := newFamily(1, func(string) string { return "other" }, func(string) *atomic.Int64 { return new(atomic.Int64) })
	f.of("a")
	f.of("b")
	f.mu.Lock()
	defer f.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.of("a")
		f.of("c")
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("a reader waits for a writer")
	}
}
