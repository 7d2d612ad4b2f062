package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// outcome is how a command ended and what it wrote.
type outcome struct {
	status   int
	out, err string
}

// call runs the program with these arguments.
func call(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	status := run(&console{t.Context(), &out, &err}, args)
	return outcome{status, out.String(), err.String()}
}

// until waits for a condition, with an end that only a failure reaches.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		args     []string
		status   int
		out, err string // what each has; "" for nothing at all
	}{
		{"nothing", nil, exitGood, "schema print", ""},
		{"help", []string{"--help"}, exitGood, "Usage: backlinectl <command>", ""},
		{"help of a command", []string{"schema", "print", "--help"}, exitGood, "backlinectl schema print > schema.graphql", ""},
		{"version", []string{"--version"}, exitGood, version(), ""},
		{"an unknown command", []string{"dance"}, exitUsage, "", "unexpected argument dance"},
		{"an unknown flag", []string{"schema", "print", "--loud"}, exitUsage, "", "unknown flag --loud"},
		{"half a command", []string{"schema"}, exitUsage, "", "expected"},
		{"a problem", []string{"schema", "print", "--schema", t.TempDir()}, exitProblem, "", "there are no *.graphqls files"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := call(t, tt.args...)
			if got.status != tt.status {
				t.Errorf("status %d, want %d", got.status, tt.status)
			}
			for _, text := range []struct{ name, got, want string }{{"output", got.out, tt.out}, {"errors", got.err, tt.err}} {
				if !strings.Contains(text.got, text.want) || text.want == "" && text.got != "" {
					t.Errorf("%s: %q, want %q", text.name, text.got, text.want)
				}
			}
		})
	}
}
