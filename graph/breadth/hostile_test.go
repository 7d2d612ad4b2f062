package breadth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"backline/graph/breadth"
)

// Fragments that spread each other twice double the operation at each level.
func doubling(levels int) string {
	var b strings.Builder
	b.WriteString("{ people { ...F0 } }")
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on Person { a: best { ...F%d } b: best { ...F%d } }", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Person { id }", levels)
	return b.String()
}

// nested chains fields of an interface, each resolved for all types that have it.
func nested(levels int) string {
	return "{ people { " + strings.Repeat("owned(first: 1) { owner { ", levels) + "id" + strings.Repeat(" } }", levels) + " } }"
}

func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query string
		tooLarge    bool
	}{
		{"fragments that double", doubling(30), true},
		{"fragments that double a little", doubling(5), false},
		{"many fields", "{ " + aliases(9_990, "moods") + "}", false},
		{"too many fields", "{ " + aliases(10_001, "moods") + "}", true},
		{"many fields that merge", "{ " + strings.Repeat("moods ", 20_000) + "}", false},
		{"many empty fragments", "{ things { __typename " + strings.Repeat("... on Person { id } ", 20_000) + "} }", false},
		{"too many selections to look at", "{ things { __typename " + strings.Repeat("... on Person { id } ", 60_000) + "} }", true},
		{"deep abstract types", nested(300), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, ex := setup(t)
			ex.SetDefaultRulesFn(noOverlap)
			start := time.Now()
			a := answer(t, ex, c.query, nil)
			t.Logf("%s for %d bytes", time.Since(start), len(c.query))
			tooLarge := len(a.Errors) == 1 && errors.Is(a.Errors[0], breadth.ErrTooLarge)
			if tooLarge != c.tooLarge {
				t.Errorf("too large: %t; %.200v", tooLarge, a.Errors)
			}
			if tooLarge && (a.Data != "" || a.Errors[0].Extensions["code"] != "OPERATION_TOO_LARGE") {
				t.Errorf("%s %v", a.Data, a.Errors[0].Extensions)
			}
		})
	}
}

func aliases(n int, field string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "f%d: %s ", i, field)
	}
	return b.String()
}
