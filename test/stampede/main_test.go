package main

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestStampede is a small run of the command, judged by its statements.
func TestStampede(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the server and starts several")
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{"-n", "300", "-rounds", "1", "-lenient"}, &out)
	t.Log(out.String())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "300 requests at once"); n != 4 {
		t.Errorf("%d sorts of stampedes, and not 4", n)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-n", "1"}, {"-rounds", "0"}, {"more"}, {"-unknown"}} {
		if err := run(t.Context(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
