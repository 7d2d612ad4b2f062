package breadth_test

import (
	"testing"

	"backline/graph/breadth"
)

func TestAnswerLiesInTheTransportsBuffer(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	buf := breadth.GetBuffer()
	defer buf.Release()
	a := answerIn(breadth.WithBuffer(t.Context(), buf), t, ex, `{ person(id: "2") { id } }`, nil)
	if want := `{"data":{"person":{"id":"2"}}`; string(buf.B) != want || a.Data != want[len(breadth.Prefix):] {
		t.Errorf("%s, %s", buf.B, a.Data)
	}
	answerIn(breadth.WithBuffer(t.Context(), buf), t, ex, `{ person(id: "3") { id } }`, nil)
	if want := `{"data":{"person":{"id":"3"}}`; string(buf.B) != want {
		t.Errorf("a second answer begins anew: %s", buf.B)
	}
}

func TestAnswersWithoutBufferAreKept(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	first := answer(t, ex, `{ person(id: "2") { id } }`, nil)
	answer(t, ex, `{ person(id: "3") { id } }`, nil)
	if first.Data != `{"person":{"id":"2"}}` {
		t.Error(first.Data)
	}
}
