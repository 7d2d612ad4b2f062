package overlap

import (
	"strings"
	"testing"
)

func TestMessages(t *testing.T) {
	t.Parallel()
	s := schema(t)
	const hint = " Use different aliases on the fields to fetch both if this was intentional."
	for document, want := range map[string]string{
		"{ x v }":                         "",
		"{ x x }":                         "",
		"{ x: v x }":                      `Fields "x" conflict because "v" and "x" are different fields.` + hint,
		"{ n { b(x: 1) } n { b(x: 2) } }": `Fields "n" conflict because subfields "b" conflict because they have differing arguments.` + hint,
		"{ n { b(x: 1) b(x: 1) } }":       "",
		"{ n { b(x: 1, z: [1]) b(z: [1], x: 1)} ...on Query { n { b(z: [1], x: 1) } } }":          "",
		"{ n { ...on A { v } ...on B { v } } }":                                                   `Fields "n" conflict because subfields "v" conflict because they return conflicting types "Int" and "String".` + hint,
		"{ n { ...on A { y: a } ...on B { y: name } } }":                                          `Fields "n" conflict because subfields "y" conflict because they return conflicting types "String" and "String!".` + hint,
		"{ n { ...on A { y: v } ...on C { y: w } } }":                                             "",
		"{ n { ...on A { y: v } ...on A { y: b } } }":                                             `Fields "n" conflict because subfields "y" conflict because "v" and "b" are different fields.` + hint,
		"{ n { y: id ...on B { y: name } } }":                                                     `Fields "n" conflict because subfields "y" conflict because they return conflicting types "ID!" and "String!".` + hint,
		"{ n { ...on A { own { y: a } } ...on B { own { y: a } } ...on A { own { y: id } } } }":   `Fields "n" conflict because subfields "own" conflict because subfields "y" conflict because they return conflicting types "String" and "ID!".` + hint,
		"{ n { ...F } } fragment F on Node { n { y: a } ...G } fragment G on Node { n { y: b } }": `Fields "n" conflict because subfields "n" conflict because subfields "y" conflict because they return conflicting types "String" and "Int".` + hint,
		"{ n { ...F } } fragment F on Node { n { ...F } x: a x: b }":                              "", // NoFragmentCycles refuses it
		"{ n { nonsense nonsense: a } }":                                                          `Fields "n" conflict because subfields "nonsense" conflict because "nonsense" and "a" are different fields.` + hint,
		"{ n { nonsense { a: b a } } }":                                                           "", // FieldsOnCorrectType refuses it
	} {
		errs := apply(s, parse(t, document), Rule())
		got := ""
		if len(errs) > 0 {
			got = errs[0].Message
			if len(errs) > 1 || len(errs[0].Locations) != 2 || errs[0].Rule != Name {
				t.Errorf("%s: %v", document, errs)
			}
		}
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", document, got, want)
		}
	}
}

// As many conflicts are told as an answer has errors.
func TestManyConflicts(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for name := range strings.FieldsSeq("a b c d e f g h") {
		b.WriteString(" " + name + ": x " + name + ": v")
	}
	if errs := apply(schema(t), parse(t, "{"+b.String()+"}"), Rule()); len(errs) != maxConflicts {
		t.Errorf("%d conflicts are told", len(errs))
	}
}

// Where the ways to a field are too many to tell the document is refused.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bomb apart", "bomb that counts"} {
		errs := apply(schema(t), parse(t, hostile()[name]), Rule())
		if len(errs) != 1 || !strings.Contains(errs[0].Message, "in too many ways") {
			t.Errorf("%s: got %v", name, errs)
		}
	}
}
