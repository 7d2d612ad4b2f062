package breadth_test

import (
	"testing"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/exec"
	"backline/graph/breadth/breadthtest/model"
)

// Twenty-five objects refer to the same five, or to nothing: what is copied is what gqlgen writes each
// time, whatever stands before and after it.
func TestObjectsThatComeAgain(t *testing.T) {
	t.Parallel()
	es := breadthtest.NewWorld(5).Schema()
	pair := breadthtest.NewPair(es, breadth.New(es, exec.BreadthTables(es), nil), nil)
	for _, below := range []string{
		"best { name } must { id name }",
		"must { id } id a: must { b: id } best { __typename name score }",
		"id ... on Node { id } best { name email } must { __typename }",
		"best { id best { id } } must { best { name } must { id steps } }",
	} {
		if err := pair.Check(t.Context(), manyFriends(below)); err != nil {
			t.Error(err)
		}
	}
}

// A value that cannot be written is an error at each of its five places.
func TestErrorsThatComeAgain(t *testing.T) {
	t.Parallel()
	w := breadthtest.NewWorld(5)
	above := model.Ratio(2)
	w.Person(3).Part = &above
	es := w.Schema()
	ex := breadthtest.NewExecutor(breadth.New(es, exec.BreadthTables(es), nil))
	answers, err := breadthtest.Run(t.Context(), ex, manyFriends("must { id part }"))
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]bool{}
	for _, e := range answers[0].Errors {
		places[e.Path.String()] = true
	}
	if len(places) != 5 || len(answers[0].Errors) != 5 {
		t.Errorf("%d errors at %d places: %v", len(answers[0].Errors), len(places), answers[0].Errors)
	}
}

func manyFriends(below string) breadthtest.Operation {
	return breadthtest.Operation{Query: "{ people(first: 5) { friends(first: 5) { " + below + " } } }"}
}
