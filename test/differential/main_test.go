package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

func TestRunsACountOfOperations(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-for", "0", "-n", "200", "-seed", "1000"}, &out); err != nil {
		t.Fatal(err, out.String())
	}
	if !strings.Contains(out.String(), "200 operations, 0 differ") {
		t.Error(out.String())
	}
}

// A short run of: go run ./test/differential -for 0 -n 100000 -schema kept.
func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-for", "0", "-n", "200", "-schema", "kept"}, &out); err != nil {
		t.Fatal(err, out.String())
	}
}

func TestUnknownSchema(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), []string{"-schema", "none"}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), `"none"`) {
		t.Error(err)
	}
}

// Two worlds of different data show that differences are found and told.
func TestDifferencesAreTold(t *testing.T) {
	t.Parallel()
	one, other := breadthtest.NewWorld(20).Schema(), breadthtest.NewWorld(3).Schema()
	pair := breadthtest.NewPair(one, breadth.New(other, exec.BreadthTables(other), nil), breadthtest.Exotic(nil).Generator)
	pair.Prepare = breadthtest.WithSession
	var out bytes.Buffer
	err := options{count: 2000, workers: 2, failures: 3}.compare(context.Background(), pair.Random, pair.Check, &out)
	if err == nil || !strings.Contains(out.String(), "the data differ") || !strings.Contains(out.String(), "seed ") {
		t.Errorf("%v %s", err, out.String())
	}
}

// A short run of: go run ./test/differential -for 0 -n 100000 -schema store -price.
func TestCostsNoMoreThanEstimated(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-for", "0", "-n", "400", "-schema", "store", "-price"}, &out); err != nil {
		t.Fatal(err, out.String())
	}
	var all, wrong, ran, reached int
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	fmt.Sscanf(lines[0][strings.Index(lines[0], ": ")+2:], "%d operations, %d differ", &all, &wrong)
	fmt.Sscanf(lines[len(lines)-1], "%d of them ran; the estimate of %d was reached", &ran, &reached)
	if all != 400 || wrong != 0 || ran < 200 || reached < 10 || reached == ran {
		t.Error(out.String())
	}
}

func TestSchemaWithoutPrices(t *testing.T) {
	t.Parallel()
	if err := run(t.Context(), []string{"-schema", "exotic", "-price"}, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "no prices") {
		t.Error(err)
	}
}
