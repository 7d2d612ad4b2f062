package cost_test

import (
	"testing"

	"backline/graph/cost"
)

func TestPoints(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		points cost.Points
		text   string
		whole  int64
	}{
		{0, "0", 0},
		{1, "0.001", 1},
		{250, "0.25", 1},
		{cost.Point, "1", 1},
		{12*cost.Point + 50, "12.05", 13},
		{-4 * cost.Point, "-4", -4},
		{cost.Unlimited, "more than 9223372036854775", 9223372036854776},
	} {
		if got := test.points.String(); got != test.text {
			t.Errorf("%d is written %q, not %q", int64(test.points), got, test.text)
		}
		if got := test.points.Whole(); got != test.whole {
			t.Errorf("%v are %d whole points, not %d", test.points, got, test.whole)
		}
	}
}
