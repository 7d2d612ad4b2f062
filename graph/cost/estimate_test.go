package cost_test

import (
	"encoding/json"
	"errors"
	"testing"

	"backline/graph/cost"
)

type estimateTest struct {
	name, query string
	vars        map[string]any
	want        string
}

func runEstimates(t *testing.T, p pricing, tests []estimateTest) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := p.compile(t, test.query).Estimate(test.vars)
			if e.Err != nil {
				t.Error(e.Err)
			}
			if got := e.Total.String(); got != test.want {
				t.Errorf("%s costs %s, not %s", test.query, got, test.want)
			}
		})
	}
}

// The worked examples of docs/guides/cost.md are among these.
func TestEstimateOfTheStore(t *testing.T) {
	t.Parallel()
	runEstimates(t, store(t), []estimateTest{
		{"nothing", `{ __typename }`, nil, "0"},
		{"an object", `query($id: ID!) { album(id: $id) { title } }`, nil, "2"},
		{"an object and its parent", `query($id: ID!) { album(id: $id) { id title artist { name } } }`, nil, "4"},
		{"a list", `{ tracks(first: 100) { nodes { id name milliseconds } } }`, nil, "101"},
		{"a list of the default size", `{ tracks { nodes { id } } }`, nil, "21"},
		{"a list without entries", `{ tracks { pageInfo { hasNextPage endCursor } } }`, nil, "1"},
		{"edges cost what nodes cost", `{ tracks(last: 100) { edges { cursor node { id } } pageInfo { endCursor } } }`, nil, "101"},
		{"a total is counted", `{ tracks(first: 1) { totalCount } }`, nil, "6"},
		{"a list in a list", `{ artists(first: 50) { nodes { name albums(first: 10) { nodes { title } pageInfo { hasNextPage } } } } }`, nil, "601"},
		{"parents of a list", `{ tracks(first: 100) { nodes { album { title } genre { name } } } }`, nil, "501"},
		{"the dearest type", `query($id: ID!) { node(id: $id) { id ... on Album { artist { name } } ... on Track { album { id } genre { id } } } }`, nil, "6"},
		{"a filter", `{ tracks(first: 10, filter: {nameStartsWith: "A"}) { nodes { id } } }`, nil, "12"},
	})
}

func TestEstimateOfSizes(t *testing.T) {
	t.Parallel()
	runEstimates(t, shop(t), []estimateTest{
		{"schema's default", `{ products { nodes { id } } }`, nil, "7"},
		{"literal", `{ products(first: 10) { nodes { id } } }`, nil, "21"},
		{"the greater one, defaults too", `{ products(last: 2) { nodes { id } } }`, nil, "7"},
		{"the greater one", `{ products(first: 5, last: 6) { nodes { id } } }`, nil, "13"},
		{"null is not the default", `{ products(first: null) { nodes { id } } }`, nil, "11"},
		{"null beside another", `{ products(first: null, last: 1) { nodes { id } } }`, nil, "3"},
		{"negative", `{ products(first: -5) { nodes { id } } }`, nil, "1"},
		{"more than 64 bits", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": json.Number("99999999999999999999")}, "more than 9223372036854775"},
		{"less than 64 bits", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": json.Number("-99999999999999999999")}, "1"},
		{"overflow", `{ products(first: 6148914691236517206) { nodes { id } } }`, nil, "more than 9223372036854775"},
		{"int32 three times", `{ things(ids: []) { id } products(first: 2147483647) { nodes { related(first: 2147483647) { related(first: 2147483647) { id } } } } }`, nil, "more than 9223372036854775"},
		{"nothing below an empty list", `{ products(first: 0) { nodes { related(first: 2147483647) { id } } } }`, nil, "1"},
		{"variable", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": int64(4)}, "9"},
		{"variable absent", `query($n: Int) { products(first: $n) { nodes { id } } }`, nil, "7"},
		{"variable null", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": nil}, "11"},
		{"variable negative", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": int64(-1)}, "1"},
		{"variable as text", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": "4"}, "9"},
		{"variable as number", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": json.Number("4")}, "9"},
		{"variable as float", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": 4.0}, "9"},
		{"variable of a strange type", `query($n: Int) { products(first: $n) { nodes { id } } }`, map[string]any{"n": true}, "more than 9223372036854775"},
		{"operation's default", `query($n: Int = 4) { products(first: $n) { nodes { id } } }`, nil, "9"},
		{"operation's default of null", `query($n: Int = null) { products(first: $n) { nodes { id } } }`, nil, "11"},
		{"edges inherit", `{ products(first: 4) { edges { cursor node { id } } } }`, nil, "9"},
		{"nodes and edges", `{ products(first: 4) { nodes { id } edges { node { id } } } }`, nil, "17"},
		{"length of a list", `{ things(ids: [1, 2, 3]) { id } }`, nil, "7"},
		{"length of a single value", `{ things(ids: 1) { id } }`, nil, "3"},
		{"length of a variable", `query($ids: [ID!]!) { things(ids: $ids) { id } }`, map[string]any{"ids": []any{"1", "2"}}, "5"},
		{"length of a typed slice", `query($ids: [ID!]!) { things(ids: $ids) { id } }`, map[string]any{"ids": []string{"1", "2"}}, "5"},
		{"in an input object", `{ paged(input: {page: {first: 5}}) { id } }`, nil, "13"},
		{"default of the argument", `{ paged { id } }`, nil, "7"},
		{"default of an input field", `{ paged(input: {page: {}}) { id } }`, nil, "9"},
		{"default of an input object", `{ paged(input: {}) { id } }`, nil, "5"},
		{"null input object", `{ paged(input: null) { id } }`, nil, "9"},
		{"variable in an input object", `query($n: Int) { paged(input: {page: {first: $n}}) { id } }`, map[string]any{"n": int64(1)}, "5"},
		{"absent variable in an input object", `query($n: Int) { paged(input: {page: {first: $n}}) { id } }`, nil, "9"},
		{"variable for an input object", `query($in: PageInput) { paged(input: $in) { id } }`, map[string]any{"in": map[string]any{"page": map[string]any{"first": int64(1)}}}, "5"},
		{"without the field", `query($in: PageInput) { paged(input: $in) { id } }`, map[string]any{"in": map[string]any{}}, "5"},
		{"with null inside", `query($in: PageInput) { paged(input: $in) { id } }`, map[string]any{"in": map[string]any{"page": nil}}, "10"},
		{"operation's default of an input object", `query($in: PageInput = {page: {first: 7}}) { paged(input: $in) { id } }`, nil, "17"},
		{"directive of the interface", `{ thing(id: 1) { related { id } } }`, nil, "13"},
		{"sized by the interface", `{ product(id: 1) { reviews(first: 4) { nodes { id } } } }`, nil, "8"},
	})
}

func TestEstimateOfWeights(t *testing.T) {
	t.Parallel()
	runEstimates(t, shop(t), []estimateTest{
		{"field, argument's default, leaves", `{ report { body kind stamp } }`, nil, "15.05"},
		{"negative argument", `{ report(kind: null, approximate: true) { __typename } }`, nil, "7"},
		{"never below zero", `query($a: Boolean) { report(kind: null, approximate: $a) { __typename } }`, map[string]any{"a": true}, "7"},
		{"scalars in a list", `{ stamps(first: 10) }`, nil, "2"},
		{"scalars for free", `{ words }`, nil, "0"},
		{"input fields", `{ products(first: 0, filter: {text: "a", ids: [1, 2, 3], page: null}) { total } }`, nil, "7.3"},
		{"nested input objects and defaults", `{ products(first: 0, filter: {not: {page: null}}) { total } }`, nil, "17"},
		{"input of variables", `query($f: Filter) { products(first: 0, filter: $f) { total } }`, map[string]any{"f": map[string]any{"ids": []any{"1"}, "not": map[string]any{"page": nil}}}, "17.1"},
		{"input of variables inside", `query($f: Filter, $i: ID!) { products(first: 0, filter: {not: $f, ids: [$i, "2"], page: null}) { total } }`, map[string]any{"f": map[string]any{"page": nil}, "i": "1"}, "8.2"},
		{"elements of a mutation", `mutation { addProducts(products: [{name: "a"}, {name: "b", parts: [{name: "c"}]}]) { id } }`, nil, "17"},
		{"elements of a variable", `mutation($p: [ProductInput!]!) { addProducts(products: $p) { id } }`, map[string]any{"p": []any{map[string]any{"name": "a"}, map[string]any{"name": "b"}}}, "16"},
		{"elements of a coerced variable", `mutation($p: [ProductInput!]!) { addProducts(products: $p) { id } }`, map[string]any{"p": []map[string]any{{"name": "a"}}}, "13"},
		{"the same argument in a mutation twice", `mutation { a: rename(id: 1) { id } b: rename(id: 1) { id } }`, nil, "24"},
		{"dearest of a union", `{ search(text: "a") { ... on Person { name } ... on Report { body } } }`, nil, "9.5"},
	})
}

func TestEstimateOfSelections(t *testing.T) {
	t.Parallel()
	const skipped = `query($on: Boolean! = false) { a: product(id: 1) @skip(if: $on) { maker { id } } b: product(id: 1) @include(if: $on) { id } }`
	const merged = `query($a: Boolean!, $b: Boolean!) { product(id: 1) @include(if: $a) { maker { id } } ...F @skip(if: $b) } fragment F on Query { product(id: 1) { maker @include(if: $a) { spouse { id } } } }`
	runEstimates(t, shop(t), []estimateTest{
		{"literal skip", `{ product(id: 1) @skip(if: true) { id } words @include(if: false) }`, nil, "0"},
		{"literal include", `{ product(id: 1) @skip(if: false) @include(if: true) { id } }`, nil, "3"},
		{"skip of a variable", skipped, map[string]any{"on": true}, "3"},
		{"include of a variable", skipped, map[string]any{"on": false}, "5"},
		{"default of the variable", skipped, nil, "5"},
		{"a variable that is no Boolean counts", skipped, map[string]any{"on": 1}, "8"},
		{"contradiction", `query($a: Boolean!) { product(id: 1) @skip(if: $a) @include(if: $a) { id } }`, nil, "0"},
		{"merged", `{ product(id: 1) { id } ...F ... on Query { product(id: 1) { maker { id } } } } fragment F on Query { product(id: 1) { maker { name spouse { id } } } }`, nil, "7.5"},
		{"merged under conditions, all", merged, map[string]any{"a": true, "b": false}, "7"},
		{"merged under conditions, first", merged, map[string]any{"a": true, "b": true}, "5"},
		{"merged under conditions, second", merged, map[string]any{"a": false, "b": false}, "3"},
		{"merged under conditions, none", merged, map[string]any{"a": false, "b": true}, "0"},
		{"aliases are not merged", `{ a: product(id: 1) { id } b: product(id: 1) { id } }`, nil, "6"},
		{"a type condition that fails", `{ product(id: 1) { ... on Thing { ... on Person { spouse { id } } } } }`, nil, "3"},
		{"introspection", `{ __type(name: "Query") { name fields { name } } }`, nil, "1.11"},
	})
}

// Slicing arguments that are required one by one.
func TestRequireOneSlicingArgument(t *testing.T) {
	t.Parallel()
	p := shop(t)
	for query, ok := range map[string]bool{
		`{ strict(first: 2) { id } }`:                                                true,
		`{ strict(first: 2, last: null) { id } }`:                                    true,
		`{ strict { id } }`:                                                          false,
		`{ strict(first: null) { id } }`:                                             false,
		`{ strict(first: 1, last: 1) { id } }`:                                       false,
		`query($n: Int) { strict(first: $n) { id } }`:                                false,
		`query($n: Int = 1) { strict(first: $n) { id } }`:                            true,
		`query($n: Int = 1) { strict(first: $n, last: $n) { id } }`:                  false,
		`query($on: Boolean = false) { a: strict @include(if: $on) { id } }`:         true,
		`query($on: Boolean = true) { w: words a: strict @include(if: $on) { id } }`: false,
	} {
		e := p.compile(t, query).Estimate(nil)
		var slicing *cost.SlicingError
		if is := errors.As(e.Err, &slicing); is == ok {
			t.Errorf("%s: %v", query, e.Err)
		}
	}
	e := p.compile(t, `query($n: Int, $on: Boolean = true) { a: strict(first: $n) @include(if: $on) { id } }`).Estimate(nil)
	if want := "a needs exactly one of its arguments first, last"; e.Err == nil || e.Err.Error() != want {
		t.Errorf("%v, not %q", e.Err, want)
	}
	if e.Total != cost.Unlimited {
		t.Errorf("a list without a bound costs %v", e.Total)
	}
}

func TestMostExpensive(t *testing.T) {
	t.Parallel()
	p := store(t)
	for _, test := range []struct{ query, path, cost, total string }{
		{`{ __typename }`, "", "0", "0"},
		{`{ tracks(first: 100) { nodes { id } } }`, "tracks.nodes", "100", "101"},
		{`{ few: tracks(first: 2) { nodes { id } } many: tracks(first: 100) { nodes { id } } }`, "many.nodes", "100", "104"},
		{`{ artists(first: 50) { nodes { albums(first: 10) { nodes { id } } } } }`, "artists.nodes.albums.nodes", "500", "601"},
		{`{ tracks(first: 100) { nodes { album { id } genre { id } mediaType { id } } } }`, "tracks.nodes", "700", "701"},
		{`{ a: tracks(first: 10) { nodes { id } } b: tracks(first: 10) { nodes { id } } c: tracks(first: 11) { nodes { id } } }`, "c", "12", "34"},
		{`{ nodes(ids: ["a", "b"]) { id ... on Artist { albums(first: 99) { totalCount nodes { id } } } } }`, "nodes.albums.nodes", "198", "213"},
	} {
		e := p.compile(t, test.query).Estimate(nil)
		path, share := e.MostExpensive()
		if path != test.path || share.String() != test.cost || e.Total.String() != test.total {
			t.Errorf("%s: %s costs %s of %s, not %s %s of %s", test.query, path, share, e.Total, test.path, test.cost, test.total)
		}
	}
	if path, share := (cost.Estimate{}).MostExpensive(); path != "" || share != 0 {
		t.Errorf("nothing costs %v at %q", share, path)
	}
}
