package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"backline/store"
	"backline/test/fleet"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "backline-consistency-")
	if err != nil {
		panic(err)
	}
	server = sync.OnceValues(func() (string, error) { return fleet.Build(context.Background(), dir, naiveEdits...) })
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// server is the binary of all tests here: it leaves something out where its environment says so, and is
// the server as it is where that says nothing.
var server func() (string, error)

// TestRight is a short run of the command. What must be so a second after the last write on a machine
// that does nothing else must here be so when the feed has told of it.
func TestRight(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the server and starts several")
	}
	binary, err := server()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = run(t.Context(), []string{"-backline", binary, "-n", "4000", "-lag", "20", "-settle", "0", "-v"}, &out)
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "registers are linearizable") {
		t.Error("it has not judged")
	}
}

// TestNaive: the same run finds what is stale where a server leaves something out, or it would show
// nothing.
func TestNaive(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the server and starts several")
	}
	binary, err := server()
	if err != nil {
		t.Fatal(err)
	}
	for name := range naives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := run(t.Context(), []string{"-naive", name, "-backline", binary, "-calm", "-n", "1000", "-lag", "0", "-settle", "0"}, &out)
			t.Log(out.String())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), "found out, as it must be") {
				t.Error("it has not been found out")
			}
		})
	}
}

// TestHistories: what is allowed, and what is not.
func TestHistories(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	wrote := func(value string, from, to time.Duration) operation {
		return operation{write: true, value: value, call: from, returns: to}
	}
	read := func(value string, from, to time.Duration) operation {
		return operation{value: value, call: from, returns: to}
	}
	writes := []operation{wrote("a", 0, 0), wrote("b", 100*ms, 110*ms), wrote("c", 200*ms, 210*ms)}
	for name, c := range map[string]struct {
		reads []operation
		lag   time.Duration
		wrong string
	}{
		"what is current":                     {reads: []operation{read("a", 50*ms, 51*ms), read("b", 150*ms, 151*ms)}},
		"either, while it is written":         {reads: []operation{read("b", 101*ms, 102*ms), read("b", 108*ms, 109*ms)}},
		"what was, within the lag":            {lag: 50 * ms, reads: []operation{read("a", 150*ms, 151*ms)}},
		"what was, behind the lag":            {lag: 30 * ms, reads: []operation{read("a", 150*ms, 151*ms)}, wrong: "no longer so at 110ms"},
		"two values back":                     {lag: 50 * ms, reads: []operation{read("a", 250*ms, 251*ms)}, wrong: "no longer so at 110ms"},
		"what will be":                        {lag: 50 * ms, reads: []operation{read("b", 50*ms, 51*ms)}, wrong: "not yet so"},
		"what was, after what is, in one lag": {lag: 50 * ms, reads: []operation{read("b", 120*ms, 121*ms), read("a", 122*ms, 123*ms)}},
		"what never was":                      {reads: []operation{read("x", 150*ms, 151*ms)}, wrong: "which it never was"},
		"back and forth without a lag":        {reads: []operation{read("b", 101*ms, 102*ms), read("a", 103*ms, 104*ms)}, wrong: "back in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &register{kind: artistRow, group: &group{}, id: store.NodeID{Kind: store.KindArtist, ID: 1}, history: append(c.reads, writes...)}
			err := r.check(func(_ int, sent time.Duration) time.Duration { return max(0, sent-c.lag) }, time.Minute)
			switch {
			case c.wrong == "" && err != nil:
				t.Error(err)
			case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
				t.Errorf("%v, and it should say %q", err, c.wrong)
			}
		})
	}
}

// TestHorizon: a mark counts when it has been heard for as long as a process trusts a silent stream.
func TestHorizon(t *testing.T) {
	t.Parallel()
	const s = time.Second
	m := newMarks(nil, nil, nil)
	m.heard = [][]mark{{{0, 1 * s, 2 * s}, {0, 3 * s, 4 * s}, {0, 2 * s, 5 * s}}}
	h := m.horizon()
	for sent, want := range map[time.Duration]time.Duration{
		1 * s: 0, 2*s + trust - 1: 0, 2*s + trust: 1 * s, 4*s + trust: 3 * s, 5*s + trust: 3 * s, 9 * s: 3 * s,
	} {
		if got := h(0, sent); got != want {
			t.Errorf("asked at %v: %v, not %v", sent, got, want)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-naive", "-backline", "x"}, {"-groups", "1"}, {"more"}, {"-unknown"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil || errors.Is(err, errStale) {
			t.Errorf("%q: %v", args, err)
		}
	}
}
