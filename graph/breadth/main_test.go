package breadth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/validator/rules"
	"go.uber.org/goleak"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// setup gives a world of twenty persons and the breadth-first executor over it.
func setup(t *testing.T) (*breadthtest.World, *executor.Executor) {
	t.Helper()
	w := breadthtest.NewWorld(20)
	es := w.Schema()
	return w, breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), nil))
}

// answer executes an operation that gives one response.
func answer(t *testing.T, ex *executor.Executor, query string, vars map[string]any) breadthtest.Answer {
	t.Helper()
	return answerIn(t.Context(), t, ex, query, vars)
}

func answerIn(ctx context.Context, t *testing.T, ex *executor.Executor, query string, vars map[string]any) breadthtest.Answer {
	t.Helper()
	all, err := breadthtest.Run(breadthtest.WithSession(ctx), ex, breadthtest.Operation{Query: query, Variables: vars})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("%d responses", len(all))
	}
	if !json.Valid([]byte(all[0].Data)) && all[0].Data != "" {
		t.Errorf("not JSON: %s", all[0].Data)
	}
	return all[0]
}

// told are the errors of an answer, as `path: message`.
func told(a breadthtest.Answer) []string {
	var lines []string
	for _, e := range a.Errors {
		lines = append(lines, fmt.Sprintf("%s: %s", e.Path, e.Message))
	}
	return lines
}

// noOverlap are the rules of validation without the one that is quadratic.
func noOverlap() *rules.Rules {
	r := rules.NewDefaultRules()
	r.RemoveRule("OverlappingFieldsCanBeMerged")
	return r
}
