package main

import (
	"bytes"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestAbsorb is a small run of the command, judged by what it counts.
func TestAbsorb(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the server and starts several")
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{"-scale", "0.2", "-warm", "2000", "-n", "2000", "-lenient"}, &out)
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-n", "0"}, {"-skew", "1"}, {"more"}, {"-unknown"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
