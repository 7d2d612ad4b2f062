package breadthtest

import (
	"strings"
	"testing"

	"backline/graph/breadth/breadthtest/exec"
)

// A schema whose directives have no function is refused when the server starts, not by each request.
func TestDirectiveWithoutFunction(t *testing.T) {
	t.Parallel()
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, "@guard stands on fields and has no function") {
			t.Errorf("got %q", said)
		}
	}()
	exec.BreadthTables(exec.NewExecutableSchema(exec.Config{}))
	t.Error("it was accepted")
}
