//go:build !race

package cost_test

import (
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/cost"
)

// Under the race detector a sync.Pool forgets things on purpose.
func TestEstimateDoesNotAllocate(t *testing.T) { //nolint:paralleltest // counts the process's allocations
	p := store(t)
	query, vars := large()
	price := p.compile(t, query)
	var e cost.Estimate
	if n := testing.AllocsPerRun(100, func() { e = price.Estimate(vars) }); n > 0.5 {
		t.Errorf("%v allocations", n)
	}
	if e.Total == 0 {
		t.Error("costs nothing")
	}
}

// A count is one object, however many levels it is told of: each operation is counted where clients
// have budgets.
func TestMeterDoesNotAllocate(t *testing.T) { //nolint:paralleltest // counts the process's allocations
	p := store(t)
	doc := p.parse(t, `query($n: Int) { artists(first: $n) { nodes { id name albums(first: $n) { nodes { title tracks(first: $n) { nodes { name genre { name } } } } } } } }`)
	price, err := p.Compile(doc, doc.Operations[0])
	if err != nil {
		t.Fatal(err)
	}
	levels := []struct {
		typ    string
		fields []*ast.Field
	}{
		{"Query", []*ast.Field{fieldAt(doc, "artists")}},
		{"ArtistConnection", []*ast.Field{fieldAt(doc, "artists", "nodes")}},
		{"Artist", []*ast.Field{fieldAt(doc, "artists", "nodes", "name"), fieldAt(doc, "artists", "nodes", "albums")}},
		{"AlbumConnection", []*ast.Field{fieldAt(doc, "artists", "nodes", "albums", "nodes")}},
		{"Album", []*ast.Field{fieldAt(doc, "artists", "nodes", "albums", "nodes", "title"), fieldAt(doc, "artists", "nodes", "albums", "nodes", "tracks")}},
	}
	vars := map[string]any{"n": int64(5)}
	var total cost.Points
	count := func() {
		m := price.Meter(vars)
		for _, l := range levels {
			m.Level(l.typ, l.fields, 10)
		}
		total = m.Total()
	}
	if n := testing.AllocsPerRun(100, count); n > 1.5 {
		t.Errorf("%v allocations", n)
	}
	if total == 0 {
		t.Error("costs nothing")
	}
}
