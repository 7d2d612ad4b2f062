package resolvers

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"backline/graph"
	"backline/graph/breadth"
	"backline/loaders"
	"backline/loaders/fieldcache"
)

// KeepSubtrees lets queries take root fields as encoded bytes from the cache of their response, if it keeps
// some.
func KeepSubtrees() breadth.Option {
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	return breadth.KeepSubtrees(&subtrees{schema}, schemaHash(schema))
}

// SubtreeFields are the root fields that KeepSubtrees is about, as the cache must know them.
func SubtreeFields() []string {
	s := subtrees{graph.NewExecutableSchema(graph.Config{}).Schema()}
	var fields []string
	for _, f := range s.schema.Query.Fields {
		if name := s.schema.Query.Name + "." + f.Name; s.Keeps(name) {
			fields = append(fields, name)
		}
	}
	return fields
}

// schemaHash tells answers of this schema from those of another.
func schemaHash(schema *ast.Schema) string {
	h := sha256.New()
	formatter.NewFormatter(h).FormatSchema(schema)
	return string(h.Sum(nil))
}

// subtrees joins the executor with the cache.
type subtrees struct{ schema *ast.Schema }

// readers are the directives of fields whose resolvers are generated: they read through the loaders of
// their response and nothing else. What loaders read for one viewer, or from where no change is heard, they
// say themselves.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var readers = []string{"belongsTo", "hasMany", "belongsToMany", "get", "list", "node"}

// Keeps implements breadth.Subtrees.
func (s *subtrees) Keeps(coordinate string) bool {
	typ, name, _ := strings.Cut(coordinate, ".")
	def := s.schema.Types[typ]
	if def == nil {
		return false
	}
	f := def.Fields.ForName(name)
	if f == nil || f.Directives.ForName("computed") != nil {
		return false
	}
	if name == "totalCount" && strings.HasSuffix(typ, "Connection") {
		return true
	}
	return slices.ContainsFunc(f.Directives, func(d *ast.Directive) bool { return slices.Contains(readers, d.Name) })
}

// Find implements breadth.Subtrees.
func (s *subtrees) Find(ctx context.Context, all []breadth.Subtree) breadth.Making {
	session := loaders.Subtrees(ctx)
	if session == nil {
		return nil
	}
	missing := 0
	for i := range all {
		t := &all[i]
		if found := session.LocalSubtree(t.Field, t.Key); found != nil {
			t.JSON, t.Counts = found.JSON(), found.Counts()
			loaders.TookSubtree(ctx, t.Field, fieldcache.FromLocal)
			continue
		}
		missing++
	}
	if missing == 0 {
		return nil
	}
	m := &making{wanted: make([]fieldcache.Wanted, 0, missing), places: make([]int, 0, missing)}
	for i := range all {
		if t := &all[i]; t.JSON == "" {
			m.wanted = append(m.wanted, fieldcache.Wanted{Field: t.Field, Key: t.Key})
			m.places = append(m.places, i)
		}
	}
	m.search = session.FindSubtrees(ctx, m.wanted)
	for i, at := range m.places {
		if found := m.wanted[i].Found; found != nil {
			all[at].JSON, all[at].Counts = found.JSON(), found.Counts()
			loaders.TookSubtree(ctx, all[at].Field, m.wanted[i].From)
			missing--
		}
	}
	if missing == 0 || !m.search.Makes() {
		m.search.End()
		return nil
	}
	m.recording = loaders.Record(ctx)
	return m
}

// making is a breadth.Making.
type making struct {
	wanted    []fieldcache.Wanted
	places    []int // of the wanted among all
	search    *fieldcache.Search
	recording *loaders.Recording
}

// End implements breadth.Making.
func (m *making) End(all []breadth.Subtree) {
	defer m.search.End()
	reads := m.recording.End()
	for i, at := range m.places {
		if t := &all[at]; t.Written != nil {
			m.search.Keep(i, t.WrittenCounts, t.Written, reads)
		}
	}
}
