package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// manifestOf writes a manifest.
func manifestOf(t *testing.T, documents map[string]string) string {
	t.Helper()
	data, err := json.Marshal(documents)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDocumentsCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		args       []string
		status     int
		row        string // behind the id, words joined by single spaces
	}{
		{"fixed", "query One { artists(first: 50) { nodes { albums(first: 10) { nodes { title } } } } }", nil, exitGood, "One 601 ok"},
		{"a page of any size", "query One($n: Int) { artists(first: $n) { nodes { name } } }", nil, exitGood, "One 2 to 101 ok"},
		{"a list of any length", "query One($i: [ID!]!) { nodes(ids: $i) { id } }", nil, exitGood, "One 1 to 1001 may be too expensive"},
		{"two switches", "query One($a: Boolean!) { a: artists(first: 9) @include(if: $a) { nodes { name } } b: artists(first: 5) @skip(if: $a) { nodes { name } } }", nil, exitGood, "One 6 to 10 ok"},
		{"two operations", "query One { genres(first: 1) { totalCount } } query Two { genres(first: 2) { nodes { id } } }", nil, exitGood, "One, Two 6, 3 ok"},
		{"too expensive", "{ artists(first: 100) { nodes { albums(first: 100) { nodes { title } } } } }", nil, exitProblem, "10201 too expensive"},
		{"no maximum", "{ artists(first: 100) { nodes { albums(first: 100) { nodes { title } } } } }", []string{"--max-cost=0"}, exitGood, "10201 ok"},
		{"a lower maximum", "{ artists(first: 50) { nodes { name } } }", []string{"--max-cost=50"}, exitProblem, "51 too expensive"},
		{"not of this schema", "{ artist(id: \"x\") { nam } }", nil, exitProblem, `invalid: Cannot query field "nam" on type "Artist". Did you mean "name"? (line 1, column 21)`},
		{"not GraphQL", "{", nil, exitProblem, "invalid: Expected Name, found <EOF> (line 1, column 2)"},
		{"too deep", "{" + strings.Repeat("node(id: 1) {", 13) + "id" + strings.Repeat("}", 14), nil, exitProblem, "invalid: the document nests 14 fields: at most 12 are allowed"},
		{"long", "{ genres(first: 1) { totalCount } } #" + strings.Repeat(" ", 15_000), nil, exitProblem, "invalid: the document has 15037 bytes: at most 15000 are allowed"},
		{"long, and may be", "{ genres(first: 1) { totalCount } } #" + strings.Repeat(" ", 15_000), []string{"--exceed-limits"}, exitGood, "6 ok"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := manifestOf(t, map[string]string{"id": tt.text})
			got := call(t, append([]string{"documents", "check", file}, tt.args...)...)
			rows := strings.Split(strings.TrimSpace(got.out), "\n")
			if len(rows) != 2 || got.status != tt.status || strings.Join(strings.Fields(rows[1]), " ") != "id "+tt.row {
				t.Errorf("%d %s%s", got.status, got.out, got.err)
			}
			if (got.status == exitProblem) != strings.Contains(got.err, "1 of 1 documents cannot run") {
				t.Errorf("said %q", got.err)
			}
		})
	}
}

func TestDocumentsCheckJSON(t *testing.T) {
	t.Parallel()
	file := manifestOf(t, map[string]string{"a": "query One($n: Int) { artists(first: $n) { nodes { name } } }", "b": "{ nothing }"})
	got := call(t, "documents", "check", file, "--json", "--schema", "../../schema")
	var verdicts []verdict
	if err := json.Unmarshal([]byte(got.out), &verdicts); err != nil {
		t.Fatal(err)
	}
	if got.status != exitProblem || len(verdicts) != 2 {
		t.Fatalf("%d %s", got.status, got.out)
	}
	good, bad := verdicts[0], verdicts[1]
	if good.ID != "a" || good.Name != "One" || good.Verdict != verdictOK || good.Operations[0] != (pricedOperation{"One", "query", 2, 101}) {
		t.Errorf("got %+v", good)
	}
	if bad.ID != "b" || bad.Verdict != verdictInvalid || !strings.Contains(bad.Problem, "nothing") || bad.Operations != nil {
		t.Errorf("got %+v", bad)
	}
}

func TestDocumentsCheckProgress(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range progressEvery + 1 {
		many[strconv.Itoa(i)] = "{ genres(first: 1) { totalCount } }"
	}
	got := call(t, "documents", "check", manifestOf(t, many))
	if got.status != exitGood || got.err != "500 of 501 documents\n" {
		t.Errorf("%d %q", got.status, got.err)
	}
}

func TestDocumentsCheckOfNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"no manifest", nil, exitUsage, "expected"},
		{"no such manifest", []string{"none.json"}, exitProblem, "read the manifest"},
		{"no manifest in it", []string{"main.go"}, exitProblem, "read main.go: the manifest is not a JSON object"},
		{"no schema", []string{manifestOf(t, nil), "--schema", t.TempDir()}, exitProblem, "no *.graphqls files"},
		{"no maximum", []string{manifestOf(t, nil), "--max-cost", "-1"}, exitUsage, "--max-cost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := call(t, append([]string{"documents", "check"}, tt.args...)...)
			if got.status != tt.status || !strings.Contains(got.err, tt.want) || got.out != "" {
				t.Errorf("%d %q %q", got.status, got.out, got.err)
			}
		})
	}
}
