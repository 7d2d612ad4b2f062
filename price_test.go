package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"

	"backline/graph/cost"
	"backline/resolvers"
)

// What documents, examples and scripts ask for costs no more than the default maximum.
func TestExamplesAreAllowed(t *testing.T) {
	t.Parallel()
	schema := resolvers.Executable(&resolvers.Resolver{}, resolvers.Breadth).Schema()
	table, err := cost.NewTable(schema)
	if err != nil {
		t.Fatal(err)
	}
	priceOf := func(query string, variables map[string]any) cost.Points {
		doc, errs := gqlparser.LoadQueryWithRules(schema, query, nil)
		if errs != nil {
			t.Fatalf("%v: %s", errs, query)
		}
		p, err := table.Compile(doc, doc.Operations[0])
		if err != nil {
			t.Fatal(err)
		}
		return p.Estimate(variables).Total
	}
	queries := map[string]string{}
	examples, err := filepath.Glob("gateway/playground/examples/*.graphql")
	if err != nil || len(examples) == 0 {
		t.Fatal("no examples")
	}
	for _, name := range examples {
		queries[name] = read(t, name)
	}
	for _, name := range []string{"README.md", "docs/ARCHITECTURE.md", ".ci/run"} {
		for _, query := range regexp.MustCompile(`\{ artists\(.*\} \}`).FindAllString(read(t, name), -1) {
			queries[name+": "+query] = query
		}
	}
	if len(queries) < len(examples)+3 {
		t.Errorf("found %d only", len(queries))
	}
	for name, query := range queries {
		variables := map[string]any{}
		if text, err := os.ReadFile(strings.TrimSuffix(name, ".graphql") + ".json"); err == nil {
			if err := json.Unmarshal(text, &variables); err != nil {
				t.Fatal(err)
			}
		}
		if total := priceOf(query, variables); total > 1000*cost.Point {
			t.Errorf("%s costs %v points", name, total)
		} else {
			t.Logf("%s: %v", name, total)
		}
	}
}

// The maximum is a setting of the server, and what an operation really cost is told of what ran.
func TestMaxCost(t *testing.T) {
	t.Parallel()
	r := start(t, settings(t, "--max-cost=40"))
	const within, above = `{ artists(first: 3) { nodes { albums(first: 10) { nodes { id } } } } }`, `{ artists(first: 4) { nodes { albums(first: 10) { nodes { id } } } } }`
	if status, body := r.query(within, "GraphQL-Cost: report"); status != 200 || !strings.Contains(body, `"cost":{"requestedQueryCost":37,"actualQueryCost":`) {
		t.Errorf("got %d %s", status, body)
	} else if strings.Contains(body, `"actualQueryCost":37`) { // no artist of this catalogue has ten albums
		t.Errorf("nothing was counted: %s", body)
	}
	if status, body := r.query(above); status != 400 || !strings.Contains(body, "may cost 49 points, and the maximum is 40") {
		t.Errorf("got %d %s", status, body)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
