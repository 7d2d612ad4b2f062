package limit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"backline/gateway/limit"
)

var defaults = limit.Limits{}.WithDefaults()

// check sends a text through the checks of documents, and parses it as the gateway does.
func check(tb testing.TB, l limit.Limits, text string) error {
	tb.Helper()
	if err := l.Text(text); err != nil {
		return err
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		tb.Fatalf("%v in %.200s", err, text)
	}
	return l.Document(doc)
}

func times(n int, part string) string { return strings.Repeat(part, n) }

// each numbers n parts: in them, # is the number.
func each(n int, part string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(part, "#", strconv.Itoa(i)))
	}
	return b.String()
}

func nested(n int, open, inner, end string) string { return times(n, open) + inner + times(n, end) }

// TestDefaults takes each limit exactly, and one more.
func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, code, message string
		document            func(n int) string
		limit               int
	}{
		{"bytes", limit.CodeDocumentBytes, "the document has 15001 bytes: at most 15000 are allowed", func(n int) string {
			return "{a}" + times(n-3, " ")
		}, 15_000},
		{"bytes of comments", limit.CodeDocumentBytes, "15001 bytes", func(n int) string { return "{a}#" + times(n-4, "x") }, 15_000},
		{"tokens", limit.CodeTokens, "1001 tokens or more: at most 1000", func(n int) string {
			return "{a(b:[" + times(n-9, "1,") + "])}"
		}, 1000},
		{"operations", limit.CodeOperations, "has 11 operations: at most 10", func(n int) string { return each(n, "query Q#{a}") }, 10},
		{"depth", limit.CodeDepth, "nests 13 fields: at most 12", func(n int) string { return nested(n, "{a", "", "}") }, 12},
		{"depth in fragments", limit.CodeDepth, "nests 13 fields", func(n int) string {
			return "{a{...F}} fragment F on A{a{...G}} fragment G on A{a ...H} fragment H on A" + nested(n-2, "{a", "", "}")
		}, 12},
		{"depth in inline fragments", limit.CodeDepth, "nests 13 fields", func(n int) string { return nested(n, "{...on A{...{a", "", "}}}") }, 12},
		{"depth of introspection", limit.CodeDepth, "the introspection nests 17 fields: at most 16", func(n int) string {
			return "{__schema" + nested(n-1, "{a", "", "}") + "}"
		}, 16},
		{"depth of introspection in fragments", limit.CodeDepth, "the introspection nests 17 fields", func(n int) string {
			return "{...F} fragment F on Query{__type{...G}} fragment G on A" + nested(n-1, "{a", "", "}")
		}, 16},
		{"aliases", limit.CodeAliases, "has 31 aliases, fragments expanded: at most 30", func(n int) string { return "{a{" + each(n, "a#:a ") + "}}" }, 30},
		{"aliases of one name", limit.CodeAliases, "31 aliases", func(n int) string { return "{" + times(n, "b:a ") + "}" }, 30},
		{"aliases in fragments", limit.CodeAliases, "31 aliases", func(n int) string {
			return "{a{...F}b{...F}c{...F}" + times(n-30, "d:a ") + "} fragment F on A{" + each(10, "a#:a ") + "}"
		}, 30},
		{"aliases of two operations", limit.CodeAliases, "31 aliases", func(n int) string {
			return "query A{" + times(30, "b:a ") + "} query B{" + times(n, "b:a ") + "}"
		}, 30},
		{"root fields", limit.CodeRootFields, "has 11 root fields: at most 10", func(n int) string { return "{" + each(n, "a# ") + "}" }, 10},
		{"root fields in fragments", limit.CodeRootFields, "11 root fields", func(n int) string {
			return "{a ...F ...{...F ...G}} fragment F on Query{b a ...G} fragment G on Query{" + each(n-2, "a# ") + "}"
		}, 10},
		{"root fields of a mutation", limit.CodeRootFields, "has 6 root fields, and is a mutation: at most 5", func(n int) string {
			return "mutation{" + each(n, "b#:a ") + "}"
		}, 5},
		{"directives", limit.CodeDirectives, "has 51 directives, fragments expanded: at most 50", func(n int) string {
			return "query($a:A@x)@x{a@x{...F@x ...@x{a}}" + times(n-6, "a@x ") + "} fragment F on A@x{a}"
		}, 50},
		{"directives in fragments", limit.CodeDirectives, "51 directives", func(n int) string {
			return "{a{...F}a{...F}" + times(n-50, "a@x ") + "} fragment F on A{" + times(25, "a@x ") + "}"
		}, 50},
		{"selections", limit.CodeSelections, "has 501 selections, fragments expanded: at most 500", func(n int) string { return "{" + times(n, "a ") + "}" }, 500},
		{"selections in fragments", limit.CodeSelections, "501 selections", func(n int) string {
			return "{" + times(n-500, "a ") + times(50, "...F") + "} fragment F on A{" + times(9, "a ") + "}"
		}, 500},
		{"page size", limit.CodePageSize, "first must be between 1 and 100, not 101", func(n int) string { return "{a(first:" + strconv.Itoa(n) + ")}" }, 100},
		{"page size in a fragment", limit.CodePageSize, "last must be between 1 and 100, not 101", func(n int) string {
			return "{...F} fragment F on Query{...{a(last:" + strconv.Itoa(n) + ")}}"
		}, 100},
		{"lists in an argument", limit.CodeInputDepth, "an argument nests 21 lists and objects: at most 20", func(n int) string {
			return "{a(b:" + nested(n, "[", "", "]") + ")}"
		}, 20},
		{"objects in a directive", limit.CodeInputDepth, "21 lists and objects", func(n int) string {
			return "{...{a@b(b:" + nested(n, "{a:", "1", "}") + ")}}"
		}, 20},
		{"lists in a default", limit.CodeInputDepth, "21 lists and objects", func(n int) string {
			return "query($a:A=" + nested(n, "[", "", "]") + "){a}"
		}, 20},
		{"list", limit.CodeListLength, "an argument has a list of 1001 items: at most 1000", func(n int) string {
			return "{a(b:{c:[" + times(n, "1,") + "]})}"
		}, 1000},
		{"string", limit.CodeStringBytes, "an argument has a string of 10241 bytes: at most 10240", func(n int) string {
			return `{a(b:{c:["` + times(n, "x") + `"]})}`
		}, 10_240},
		{"block string", limit.CodeStringBytes, "a string of 10241 bytes", func(n int) string { return `{a(b:"""` + times(n, "x") + `""")}` }, 10_240},
		{"digits", limit.CodeStringBytes, "a string of 10241 bytes", func(n int) string { return `{a(b:` + times(n, "1") + `)}` }, 10_240},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := defaults
			if c.name == "list" {
				l.Tokens *= 2 // by default they come first
			}
			if err := check(t, l, c.document(c.limit)); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			err := check(t, l, c.document(c.limit+1))
			refused, ok := errors.AsType[*limit.Error](err)
			if !ok || refused.Code() != c.code || !strings.Contains(refused.SafeMessage(), c.message) {
				t.Errorf("one more: got %v, want %s: %s", err, c.code, c.message)
			}
			if err := check(t, limit.Limits{
				DocumentBytes: -1, Tokens: -1, Operations: -1, Depth: -1, IntrospectionDepth: -1, Aliases: -1, RootFields: -1,
				MutationFields: -1, Directives: -1, Selections: -1, PageSize: -1, InputDepth: -1, ListLength: -1, StringBytes: -1,
			}.WithDefaults(), c.document(c.limit+1)); err != nil {
				t.Errorf("without limits: %v", err)
			}
		})
	}
}

func TestPageSizes(t *testing.T) {
	t.Parallel()
	for digits, want := range map[string]string{
		"0":                     "not 0",
		"-1":                    "not -1",
		"2147483648":            "not 2147483648",
		"6148914691236517206":   "not 6148914691236517206",
		"-99999999999999999999": "not a number of 21 digits",
		times(400, "9"):         "not a number of 400 digits",
	} {
		err := check(t, defaults, "{a(first:"+digits+")}")
		if err == nil || !strings.HasSuffix(err.Error(), "between 1 and 100, "+want) {
			t.Errorf("first: %.30s gives %v", digits, err)
		}
	}
	for _, other := range []string{"{a(first:null)}", `{a(first:"x")}`, "{a(size:101)}", "{first(a:101)}", "{a(b:{first:101})}"} {
		if err := check(t, defaults, other); err != nil {
			t.Errorf("%s gives %v", other, err)
		}
	}
}

func TestPagesOfVariables(t *testing.T) {
	t.Parallel()
	doc, err := parser.ParseQuery(&ast.Source{Input: `
		query A($n: Int, $m: Int) { a(first: $n, size: $m) a(first: $n) ...F }
		query B($n: Int, $m: Int) { a(size: $n) }
		fragment F on Query { ... { a(last: $m) } ...F }`})
	if err != nil {
		t.Fatal(err)
	}
	spread := doc.Operations[0].SelectionSet[2].(*ast.FragmentSpread)
	spread.Definition = doc.Fragments[0]
	doc.Fragments[0].SelectionSet[1].(*ast.FragmentSpread).Definition = doc.Fragments[0]
	a, b := limit.PageSizes(doc.Operations[0]), limit.PageSizes(doc.Operations[1])
	if fmt.Sprint(a, b) != "[{first n} {last m}] []" {
		t.Fatalf("found %v and %v", a, b)
	}
	for _, c := range []struct {
		n, m any
		want string
	}{
		{int64(1), int64(100), ""},
		{nil, nil, ""},
		{int64(101), nil, "first must be between 1 and 100, not 101"},
		{nil, int64(-5), "last must be between 1 and 100, not -5"},
		{nil, 0, "last must be between 1 and 100, not 0"},
		{"101", "x", "first must be between 1 and 100, not 101"},
		{int64(1) << 40, nil, "first must be between 1 and 100, not 1099511627776"},
	} {
		got := ""
		if err := defaults.Pages(a, map[string]any{"n": c.n, "m": c.m}); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v and %v: got %q", c.n, c.m, got)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, code, message string
		variables           func(n int) string
		limit               int
	}{
		{"nesting", limit.CodeInputDepth, "a variable nests 21 lists and objects", func(n int) string {
			return `{"a":1,"b":` + nested(n/2, `{"a":[`, times(n%2, "[]"), "]}") + "}"
		}, 20},
		{"list", limit.CodeListLength, "a list of 1001 items", func(n int) string { return `{"a":{"b":[0` + times(n-1, ",1") + "]}}" }, 1000},
		{"fields", limit.CodeListLength, "a list of 1001 items", func(n int) string { return `{"a":{"z":1` + each(n-1, `,"#":1`) + "}}" }, 1000},
		{"string", limit.CodeStringBytes, "a variable has a string of 10241 bytes", func(n int) string { return `{"a":["` + times(n, "x") + `"]}` }, 10 << 10},
		{"number", limit.CodeStringBytes, "a string of 10241 bytes", func(n int) string { return `{"a":` + times(n, "1") + `}` }, 10 << 10},
		{"all", limit.CodeStringBytes, "the variables have 65537 bytes: at most 65536", func(n int) string {
			return "{" + each(9, `"a#":"`+times(7000, "x")+`",`) + `"z":"` + times(n-9*7008-7, "y") + `"}`
		}, 64 << 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			decode := func(n int) (v map[string]any) {
				dec := json.NewDecoder(strings.NewReader(c.variables(n)))
				dec.UseNumber()
				if err := dec.Decode(&v); err != nil {
					t.Fatalf("%v in %.100s", err, c.variables(n))
				}
				return v
			}
			if err := defaults.Variables(decode(c.limit)); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			err := defaults.Variables(decode(c.limit + 1))
			refused, ok := errors.AsType[*limit.Error](err)
			if !ok || refused.Code() != c.code || !strings.Contains(refused.SafeMessage(), c.message) {
				t.Errorf("one more: got %v, want %s: %s", err, c.code, c.message)
			}
		})
	}
}

// TestBombs have few bytes and stand for more than there are atoms.
func TestBombs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"24":            {"{a{...F0}}" + chain(23, "...%d ...%d", "a"), "25165824 selections"},
		"doubling":      {"{a{...F0}}" + chain(80, "...%d ...%d", "a"), "more than 1000000000 selections"},
		"deep":          {"{a{...F0}}" + chain(60, "a{...%d ...%d}", "a"), "the document nests 62 fields"},
		"aliases":       {"{a{...F0}}" + chain(60, "b:a ...%d ...%d", "a"), "more than 1000000000 aliases"},
		"directives":    {"{a{...F0}}" + chain(60, "a@x ...%d ...%d", "a"), "more than 1000000000 directives"},
		"introspection": {"{__schema{...F0}}" + chain(60, "a{...%d} ...%d", "a"), "the introspection nests 62 fields"},
		"cycle":         {"{...A} fragment A on Query{...B ...B} fragment B on Query{...A ...A}", ""},
	} {
		err := check(t, defaults, c.text)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// chain is n fragments, each with the next one where a part has %d.
func chain(n int, part, last string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "fragment F%d on A{%s}", i, strings.ReplaceAll(part, "%d", fmt.Sprint("F", i+1)))
	}
	fmt.Fprintf(&b, "fragment F%d on A{%s}", n, last)
	return b.String()
}

// TestTakesLittleTime bounds the time of the checks for the largest hostile documents, on a slower
// machine by what the parser takes; that is bounded by the tokens. The best of several runs counts.
func TestTakesLittleTime(t *testing.T) { //nolint:paralleltest // it measures time
	for name, text := range map[string]string{
		"bomb":       "{a{...F0}}" + chain(350, "b:a@x{...%d ...%d}", "a"),
		"fields":     "{" + times(7000, "a ") + "}",
		"no tokens":  times(14_999, ","),
		"quotes":     `{a(b:"""` + times(14_900, `"`),
		"half":       `{a(b:"""` + times(2900, `\""" `) + `""")}`,
		"no string":  `{a(b:"` + times(7400, `\"`),
		"many lines": times(14_900, "\n"),
		"comments":   times(7450, "#\n") + "{a}",
		"lists":      "{a(b:" + nested(900, "[", "", "]") + ")}",
	} {
		l := defaults
		l.Tokens = -1
		l = l.WithDefaults()
		least, parsing, begun := time.Hour, time.Hour, time.Now()
		bound := func() time.Duration { return max(5*time.Millisecond, 10*parsing) }
		for n := 0; n < 10 || least > bound() && time.Since(begun) < time.Minute; n++ {
			start := time.Now()
			doc, unparsed := parser.ParseQuery(&ast.Source{Input: text})
			parsed := time.Now()
			if err := l.Text(text); err == nil && unparsed == nil {
				_ = l.Document(doc)
			}
			least, parsing = min(least, time.Since(parsed)), min(parsing, parsed.Sub(start))
		}
		t.Logf("%-10s %6d bytes %v, parsed in %v", name, len(text), least, parsing)
		if least > bound() {
			t.Errorf("%s takes %v, and parsing %v", name, least, parsing)
		}
	}
}
