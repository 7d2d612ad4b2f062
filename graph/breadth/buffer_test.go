package breadth_test

import (
	"strings"
	"testing"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
)

func TestAnswerLiesInTheTransportsBuffer(t *testing.T) {
	t.Parallel()
	_, ex := setup(t)
	buf := breadth.GetBuffer()
	defer buf.Release()
	a := answerIn(breadth.WithTransport(t.Context(), breadth.Transport{Buffer: buf}), t, ex, `{ person(id: "2") { id } }`, nil)
	if want := `{"data":{"person":{"id":"2"}}`; string(buf.B) != want || a.Data != want[len(breadth.Prefix):] {
		t.Errorf("%s, %s", buf.B, a.Data)
	}
	answerIn(breadth.WithTransport(t.Context(), breadth.Transport{Buffer: buf}), t, ex, `{ person(id: "3") { id } }`, nil)
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

// Writing stops soon after as many bytes as the transport takes: an answer that fits is the same, and
// of any other there is a little more than that.
func TestAnswersThatAreTooLongAreNotWritten(t *testing.T) {
	t.Parallel()
	pair := breadthtest.Exotic(nil)
	stopped, saved := 0, 0
	for seed := range uint64(600) {
		op := pair.Random(seed)
		if !strings.HasPrefix(strings.TrimSpace(op.Query), "query") && !strings.HasPrefix(strings.TrimSpace(op.Query), "{") {
			continue
		}
		whole := within(t, pair, op, 0)
		if whole == nil {
			continue
		}
		for _, most := range []int{len(whole.Data), len(whole.Data) / 2, len(whole.Data) / 10, 1} {
			a := within(t, pair, op, most)
			switch {
			case len(a.Data) > most:
				if len(whole.Data) <= most && len(whole.Errors) == 0 {
					t.Fatalf("%v\nof %d bytes %d are too many", op, len(whole.Data), most)
				}
				stopped++
				if saved += max(0, len(whole.Data)-len(a.Data)); len(a.Data) > max(len(whole.Data), most) && len(whole.Errors) == 0 {
					t.Fatalf("%v\n%d bytes instead of %d, of which %d are taken", op, len(a.Data), len(whole.Data), most)
				}
			case a.Data != whole.Data:
				t.Fatalf("%v\nwith at most %d bytes it is\n%s\nnot\n%s", op, most, a.Data, whole.Data)
			}
		}
	}
	if stopped < 100 || saved == 0 {
		t.Errorf("%d answers stopped, %d bytes saved", stopped, saved)
	}
}

// within executes an operation for a transport that takes at most so many bytes; nil: it does not run
// or gives several responses.
func within(t *testing.T, pair *breadthtest.Pair, op breadthtest.Operation, most int) *breadthtest.Answer {
	t.Helper()
	buf := breadth.GetBuffer()
	defer buf.Release()
	buf.Max = most
	all, err := breadthtest.Run(breadth.WithTransport(pair.Prepare(t.Context()), breadth.Transport{Buffer: buf}), pair.Other, op)
	if err != nil || len(all) != 1 {
		return nil
	}
	return &all[0]
}

// A list far longer than the transport takes grows the buffer by no more than that.
func TestALongListStops(t *testing.T) {
	t.Parallel()
	w := breadthtest.NewWorld(50_000)
	es := w.Schema()
	ex := breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), nil))
	buf := &breadth.Buffer{Max: 10_000}
	all, err := breadthtest.Run(breadthtest.WithSession(breadth.WithTransport(t.Context(), breadth.Transport{Buffer: buf})), ex,
		breadthtest.Operation{Query: `{ people(first: 50000) { id name } }`})
	if err != nil {
		t.Fatal(err)
	}
	a := all[0]
	if len(a.Data) <= 10_000 || cap(buf.B) > 20_000 {
		t.Errorf("%d bytes in a buffer of %d", len(a.Data), cap(buf.B))
	}
}
