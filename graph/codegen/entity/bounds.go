package entity

import (
	"path"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// bounds refuses lists of objects whose length nothing limits: neither @listSize on the field nor
// the sizedFields of every field that leads to it.
func (r *reader) bounds() {
	for _, def := range r.definitions(ast.Object) {
		for _, f := range def.Fields {
			if f.Type.Elem == nil || isGenerated(def) || strings.HasPrefix(f.Name, "__") || r.schema.Types[f.Type.Name()].IsLeafType() {
				continue
			}
			if f.Directives.ForName("listSize") == nil && !r.sizedFromAbove(def, f.Name) {
				r.fail(f.Position, "%s.%s is a list without a bound; add @listSize(assumedSize: …), or name it in the sizedFields of the fields of type %s", def.Name, f.Name, def.Name)
			}
		}
	}
}

func (r *reader) sizedFromAbove(typ *ast.Definition, field string) bool {
	found := false
	for _, def := range r.definitions(ast.Object) {
		for _, f := range def.Fields {
			if f.Type.Name() != typ.Name {
				continue
			}
			d := f.Directives.ForName("listSize")
			if d == nil || !slices.Contains(texts(d, "sizedFields"), field) {
				return false
			}
			found = true
		}
	}
	return found
}

// connections lists the connection types of entities, which are generated.
func (r *reader) connections() {
	for _, e := range r.model.Entities {
		def := r.schema.Types[e.Name+"Connection"]
		if def == nil {
			continue
		}
		if !isGenerated(def) {
			r.fail(def.Position, "%s is generated for every list of %s; remove it here", def.Name, e.Name)
			continue
		}
		r.model.Connections = append(r.model.Connections, &Connection{Name: def.Name, Edge: e.Name + "Edge", Target: e})
	}
}

// isGenerated says whether def is a connection or an edge that the generator wrote. The bound of
// such a list is checked where the connection is used.
func isGenerated(def *ast.Definition) bool {
	return path.Base(def.Position.Src.Name) == ConnectionsFile
}
