package main

import (
	"strings"
	"testing"
)

// TestCacheByDefault: over databases of its own the server keeps what it reads without being told to, and
// takes the change feed away once it is told not to.
func TestCacheByDefault(t *testing.T) {
	t.Parallel()
	args := settings(t)
	statements := func(r *running) string {
		t.Helper()
		_, body := r.query(artists, "Backline-Trace: 1")
		if !strings.Contains(body, `"title":`) || strings.Contains(body, `"errors"`) {
			t.Fatalf("the answer is %s", body)
		}
		_, n, _ := strings.Cut(body, `"statements":`)
		n, _, _ = strings.Cut(n, ",")
		return n
	}
	for range 2 { // Redis is empty at the second start, and the slot is there
		r := start(t, args)
		if line := r.log.await(t, "keeping what is read", r.ended); line["mode"] != "fields" || line["heard"] != 1. {
			t.Errorf("got %v", line)
		}
		if n := statements(r); n != "2" {
			t.Errorf("the first answer took %s statements", n)
		}
		until(t, "the answer is kept", func() bool { return statements(r) == "0" })
		if err := r.wait(); err != nil {
			t.Fatal(err)
		}
	}
	off := start(t, append(args, "--cache=off"))
	off.log.await(t, "the change feed of a shard is taken away, since nothing is kept", off.ended)
	for range 2 {
		if n := statements(off); n != "2" {
			t.Errorf("nothing is kept, and the answer took %s statements", n)
		}
	}
}
