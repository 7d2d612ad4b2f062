package breadth_test

import (
	"math"
	"slices"
	"testing"

	"backline/graph/breadth/breadthtest"
	"backline/graph/breadth/breadthtest/model"
)

// These are the places where gqlgen's executor deviates from the specification in the data itself,
// so that random operations cannot compare them (see breadthtest/differences.go), and some that deserve a
// plain example.
func TestSpecification(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(w *breadthtest.World)
		query  string
		vars   map[string]any
		data   string
		errors []string
	}{
		{
			name:  "fields of unrelated interfaces merge",
			query: `{ things(first: 4) { ... on Owned { owner { id } } ... on Kept { owner { steps } } } }`,
			data:  `{"things":[{"owner":{"id":"2","steps":194000001358}},{},{},{"owner":{"id":"4","steps":388000002716}}]}`,
		},
		{
			name:  "arguments have the defaults of the object's field",
			query: `{ named(first: 3) { salute } }`,
			data:  `{"named":[{"salute":"Place 1"},{"salute":"\u0000\u001F\ttab\r\n"},{"salute":"beep"}]}`,
		},
		{
			name:  "response keys are in the order of their first field",
			query: `{ person(id: "2") { a: id ...F b: id a: id } } fragment F on Node { c: id b: id ... on Person { d: name @skip(if: true) a: id } }`,
			data:  `{"person":{"a":"2","c":"2","b":"2"}}`,
		},
		{
			name:  "@skip changes their order",
			query: `query($s: Boolean!) { person(id: "2") { a: id @skip(if: $s) b: id a: id } }`,
			vars:  map[string]any{"s": true},
			data:  `{"person":{"b":"2","a":"2"}}`,
		},
		{
			name:   "a marshaler's error takes the parent of a non-null field",
			change: func(w *breadthtest.World) { w.Person(2).Share = 2 },
			query:  `{ person(id: "2") { name share } person3: person(id: "3") { share } }`,
			data:   `{"person":null,"person3":{"share":0.333}}`,
			errors: []string{"person.share: ratio above one"},
		},
		{
			name:   "a marshaler's error is null in a nullable field",
			change: func(w *breadthtest.World) { r := model.Ratio(2); w.Person(2).Part = &r },
			query:  `{ person(id: "2") { part id } }`,
			data:   `{"person":{"part":null,"id":"2"}}`,
			errors: []string{"person.part: ratio above one"},
		},
		{
			name:   "floats are finite",
			change: func(w *breadthtest.World) { w.Person(2).Score = math.NaN() },
			query:  `{ person(id: "2") { id score } }`,
			data:   `{"person":null}`,
			errors: []string{"person.score: cannot marshal infinite no NaN float values"},
		},
		{
			name:   "enum values exist",
			change: func(w *breadthtest.World) { w.Person(2).Moods = []model.Mood{"CALM", "SILLY"}; w.Person(2).Phase = 7 },
			query:  `{ person(id: "2") { moods } person2: person(id: "2") { phase } }`,
			data:   `{"person":null,"person2":null}`,
			errors: []string{`person.moods[1]: "SILLY" is not a valid model.Mood`, "person2.phase: not a value of the enum"},
		},
		{
			name:   "the zero time is null inside a list",
			change: func(w *breadthtest.World) { w.Person(2).Times[1] = w.Person(1).Born },
			query:  `{ person(id: "2") { times id } }`,
			data:   `{"person":{"times":null,"id":"2"}}`,
			errors: []string{"person.times[1]: cannot return null for non-null element of field Person.times (Instant!): the marshaler returned null for a non-nil value"},
		},
		{
			name:  "lists of lists hold nulls",
			query: `{ matrix(rows: 3, holes: true) }`,
			data:  `{"matrix":[[0,0,0],[1,null,-1],[2,2000,-2]]}`,
		},
		{
			name: "forbidden nulls in lists of lists",
			change: func(w *breadthtest.World) {
				w.Person(2).Shelf = [][]*model.Address{{{Street: "a"}, nil}, {{Street: "b"}}}
			},
			query:  `{ person(id: "2") { id shelf { street } } }`,
			data:   `{"person":{"id":"2","shelf":[null,[{"street":"b"}]]}}`,
			errors: []string{"person.shelf[0][1]: cannot return null for non-null element of field Person.shelf (Address!): the list element was nil"},
		},
		{
			name: "a nil pointer inside an interface is a null",
			change: func(w *breadthtest.World) {
				r := w.Robot(2)
				r.Parts[0].Of = (*model.Robot)(nil)
				w.Robots = map[int]*model.Robot{2: r}
			},
			query: `{ node(id: "r2") { ... on Robot { parts { name of { __typename } } } } }`,
			data:  `{"node":{"parts":[{"name":"part 0","of":null},{"name":"part 1","of":{"__typename":"Robot"}}]}}`,
		},
		{
			name:   "a method that panics damages its own object",
			change: func(w *breadthtest.World) { w.Places = map[int]*model.Place{3: {N: 3, Broken: true}} },
			query:  `{ person(id: "2") { visits(first: 3) { edges { cursor } totalCount } } people(first: 2) { visits(first: 1) { edges { cursor } } } }`,
			data:   `{"person":null,"people":[{"visits":{"edges":[{"cursor":"c1"}]}},{"visits":{"edges":[{"cursor":"c2"}]}}]}`,
			errors: []string{"person.visits.edges[1].cursor: recovered: broken"},
		},
		{
			name:  "introspection beside other fields",
			query: `{ a: __type(name: "Part") { name fields { name } } person(id: "2") { id } __schema { queryType { name } } }`,
			data:  `{"a":{"name":"Part","fields":[{"name":"name"},{"name":"of"}]},"person":{"id":"2"},"__schema":{"queryType":{"name":"Query"}}}`,
		},
		{
			name:  "a field that leads back to the root",
			query: `{ people(first: 2) { query { person(id: "3") { id } } } }`,
			data:  `{"people":[{"query":{"person":{"id":"3"}}},{"query":{"person":{"id":"3"}}}]}`,
		},
		{
			name:  "an empty selection",
			query: `{ person(id: "2") { id @skip(if: true) } }`,
			data:  `{"person":{}}`,
		},
		{
			name:   "errors of arguments have their path",
			query:  `query($n: Int!) { people(first: 2) { best { friends(first: $n) { id } } } }`,
			vars:   map[string]any{"n": 99999999999},
			data:   `{"people":[{"best":null},{"best":null}]}`,
			errors: []string{"people[0].best.friends.first: 99999999999 overflows signed 32-bit integer", "people[1].best.friends.first: 99999999999 overflows signed 32-bit integer"},
		},
		{
			name:   "all of data may be null",
			query:  `{ person(id: "2") { id } mustPerson(id: "99") { id } }`,
			data:   `null`,
			errors: []string{"mustPerson: cannot return null for non-null field Query.mustPerson (Person!): the resolver returned nil"},
		},
		{
			name:  "mutations run one by one, each with what is below it",
			query: `mutation { a: push(value: 1) { entries later } b: push(value: 2) { later } c: pop { later who { id } } }`,
			data:  `{"a":{"entries":[1],"later":[1]},"b":{"later":[1,2]},"c":{"later":[1],"who":{"id":"1"}}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, ex := setup(t)
			if c.change != nil {
				c.change(w)
			}
			a := answer(t, ex, c.query, c.vars)
			if a.Data != c.data {
				t.Errorf("data\n got %s\nwant %s", a.Data, c.data)
			}
			if got := told(a); !slices.Equal(got, c.errors) {
				t.Errorf("errors\n got %q\nwant %q", got, c.errors)
			}
			for _, e := range a.Errors {
				if len(e.Locations) != 1 {
					t.Errorf("%s has locations %v", e.Path, e.Locations)
				}
			}
		})
	}
}
