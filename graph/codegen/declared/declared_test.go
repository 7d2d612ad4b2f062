package declared_test

import (
	"testing"

	"backline/graph/codegen/declared"
)

func TestNames(t *testing.T) {
	t.Parallel()
	taken, err := declared.Names("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Order", "Page", "List", "Kind", "Open", "MaxPageSize", "Root", "Totals", "Enter", "LoadNodes"} {
		if !taken(name) {
			t.Errorf("%s is not taken", name)
		}
	}
	// Generated, a method, and a variable of a function.
	for _, name := range []string{"Artist", "Close", "names"} {
		if taken(name) {
			t.Errorf("%s is taken", name)
		}
	}
}
