package main

import (
	"bytes"
	"context"
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
	err := options{count: 2000, workers: 2, failures: 3}.compare(context.Background(), pair, &out)
	if err == nil || !strings.Contains(out.String(), "the data differ") || !strings.Contains(out.String(), "seed ") {
		t.Errorf("%v %s", err, out.String())
	}
}
