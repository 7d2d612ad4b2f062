package overlap

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/validator/rules"
)

var documents = flag.Int("documents", 100_000, "how many random documents to compare")

// TestSameVerdict compares the rule with gqlparser's on random documents that like conflicts.
func TestSameVerdict(t *testing.T) {
	t.Parallel()
	const parts = 4
	n := *documents / parts
	if testing.Short() {
		n = min(n, 1000)
	}
	for part := range parts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			s, refused := schema(t), 0
			for i := part * n; i < (part+1)*n; i++ {
				text := newWriter(uint64(i)).document()
				doc := parse(t, text)
				want := apply(s, doc, rules.OverlappingFieldsCanBeMergedRule)
				got := apply(s, doc, Rule())
				if (len(got) > 0) != (len(want) > 0) {
					t.Fatalf("document %d:\n%s\ngqlparser: %v\nhere: %v", i, text, want, got)
				}
				if len(got) > 0 {
					refused++
				}
			}
			if refused < n/5 || refused > n*4/5 {
				t.Errorf("%d of %d documents were refused: the generator is one-sided", refused, n)
			}
		})
	}
}

// writer makes a random document. It wants names to meet: there are few, and aliases and fragments
// bring fields of different types under one of them.
type writer struct {
	*rand.Rand
	strings.Builder
	fragments int
	spread    map[int]bool
	at        int // the fragment being written; it may spread those with higher numbers
	left      int
	sober     int // one in so many fields gets an alias or odd arguments
}

func newWriter(seed uint64) *writer {
	r := rand.New(rand.NewPCG(seed, 4))
	return &writer{Rand: r, spread: map[int]bool{}, fragments: r.IntN(5), left: 6 + r.IntN(30), sober: 2 + r.IntN(40)}
}

func (w *writer) document() string {
	types := []string{"Query", "A", "B", "C", "D", "Node", "Named", "Any"}
	on := make([]string, w.fragments)
	for i := range on {
		on[i] = types[w.IntN(len(types))]
	}
	w.WriteString("query Q {")
	w.at = -1
	w.selections("Query", 0)
	w.WriteString(" }")
	for i := range on {
		w.at = i
		if !w.spread[i] { // an unused fragment is refused anyway
			fmt.Fprintf(w, " query Q%d { x ...F%d }", i, i)
		}
		fmt.Fprintf(w, " fragment F%d on %s {", i, on[i])
		w.left += 4
		w.selections(on[i], 1)
		w.WriteString(" }")
	}
	return w.String()
}

// fields of the types, with the type of each: "" is a leaf.
var fields = map[string][][2]string{
	"Node":  {{"id"}, {"a"}, {"b"}, {"n", "Node"}, {"u", "Any"}, {"list", "Node"}},
	"Named": {{"a"}, {"name"}, {"n", "Node"}},
	"Any":   {{"__typename"}},
	"A":     {{"id"}, {"a"}, {"b"}, {"n", "Node"}, {"u", "Any"}, {"own", "A"}, {"v"}, {"w"}, {"name"}},
	"B":     {{"id"}, {"a"}, {"b"}, {"n", "Node"}, {"u", "Any"}, {"own", "B"}, {"v"}, {"w"}, {"name"}},
	"C":     {{"id"}, {"a"}, {"b"}, {"n", "Node"}, {"list", "Node"}, {"own", "C"}, {"v"}, {"w"}, {"e"}},
	"D":     {{"a"}, {"b"}, {"n", "D"}, {"own", "Node"}, {"v"}, {"e"}},
	"Query": {{"id"}, {"a", "A"}, {"b", "B"}, {"c", "C"}, {"n", "Node"}, {"u", "Any"}, {"d", "D"}, {"list", "Node"}, {"named", "Named"}, {"x"}, {"v"}},
}

func (w *writer) selections(typ string, depth int) {
	for n := 1 + w.IntN(5); n > 0; n-- {
		w.left--
		switch k := w.IntN(12); {
		case w.left < 0 || depth > 6:
			w.WriteString(" __typename")
			return
		case k < 2 && w.at+1 < w.fragments:
			to := w.at + 1 + w.IntN(w.fragments-w.at-1)
			w.spread[to] = true
			fmt.Fprintf(w, " ...F%d", to)
		case k < 5:
			on := []string{"A", "B", "C", "Node", "Named", "Any", "D", ""}[w.IntN(8)]
			if on == "" {
				w.WriteString(" ... {")
				on = typ
			} else {
				fmt.Fprintf(w, " ... on %s {", on)
			}
			w.selections(on, depth+1)
			w.WriteString(" }")
		default:
			w.field(typ, depth)
		}
	}
}

func (w *writer) field(typ string, depth int) {
	list := fields[typ]
	f := list[w.IntN(len(list))]
	if w.IntN(60) == 0 {
		f = [2]string{"nonsense"}
	}
	w.WriteByte(' ')
	if w.IntN(w.sober) == 0 {
		w.WriteString([]string{"a: ", "b: ", "n: ", "v: ", "own: "}[w.IntN(5)])
	}
	w.WriteString(f[0])
	if f[0] == "b" && f[1] == "" && w.IntN(2) == 0 {
		args := []string{"(x: 1)"}
		if w.IntN(w.sober) == 0 {
			args = []string{
				"(x: 2)", "(x: 1, z: [1, 2])", "(z: [1, 2], x: 1)", "(z: [2, 1], x: 1)", "(y: {p: 1, q: 2})", "(y: {q: 2, p: 1})",
				"(y: {q: 2, p: 1, r: {p: 1}})", "(x: $v)", "(x: null)", `(x: "1")`, "(y: {})", "(z: [])", "(z: [[]])", "(z: {})",
			}
		}
		w.WriteString(args[w.IntN(len(args))])
	}
	if f[1] != "" {
		w.WriteString(" {")
		w.selections(f[1], depth+1)
		w.WriteString(" }")
	}
}
