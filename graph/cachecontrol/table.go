package cachecontrol

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Table has what each field of a schema does to the policy of an answer. It is immutable.
type Table struct {
	types map[string]map[string]restriction
}

// NewTable reads the directives of a schema. The error is a gqlerror.List that names each @cacheControl
// which makes no sense. Where there is none at all, no answer may be kept.
func NewTable(schema *ast.Schema) (*Table, error) {
	r := &reader{schema: schema, hints: map[string]hint{}}
	for _, def := range r.definitions() {
		if def.IsCompositeType() {
			r.hints[def.Name] = r.hint(def.Name, def.Directives)
		}
	}
	t := &Table{types: map[string]map[string]restriction{}}
	for _, def := range r.definitions() {
		if def.Kind != ast.Object {
			continue
		}
		fields := map[string]restriction{}
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				fields[f.Name] = r.field(def, f)
			}
		}
		t.types[def.Name] = fields
	}
	if len(r.errs) > 0 {
		return nil, r.errs
	}
	return t, nil
}

// Of is the policy of a query that selects these fields of these types.
func (t *Table) Of(selected map[string][]string) Policy {
	all := restriction{maxAge: unlimited}
	for typ, fields := range selected {
		for _, f := range fields {
			if r, ok := t.types[typ][f]; ok { // else it is __typename
				all.add(r)
			}
		}
	}
	return all.policy()
}

// reader fills a table.
type reader struct {
	schema *ast.Schema
	hints  map[string]hint // of composite types
	errs   gqlerror.List
}

func (r *reader) fail(at *ast.Position, format string, args ...any) {
	r.errs = append(r.errs, gqlerror.ErrorPosf(at, format, args...))
}

// definitions are all types, by name.
func (r *reader) definitions() []*ast.Definition {
	all := make([]*ast.Definition, 0, len(r.schema.Types))
	for _, name := range slices.Sorted(maps.Keys(r.schema.Types)) {
		if def := r.schema.Types[name]; !strings.HasPrefix(name, "__") {
			all = append(all, def)
		}
	}
	return all
}

// field is what a field of an object type does.
func (r *reader) field(def *ast.Definition, f *ast.FieldDefinition) restriction {
	path := def.Name + "." + f.Name
	own := r.hint(path, f.Directives)
	isRoot := def == r.schema.Query
	directive := f.Directives.ForName("cacheControl")
	switch {
	case directive == nil:
	case def == r.schema.Mutation || def == r.schema.Subscription:
		r.fail(directive.Position, "%s: only answers to queries are kept; remove @cacheControl", path)
	case own.inherits && isRoot:
		r.fail(directive.Position, "%s: there is nothing above it that it could inherit from; write its maxAge", path)
	}
	target := r.schema.Types[f.Type.Name()]
	ofType, isComposite := r.hints[target.Name]
	said := own
	if isComposite {
		if own.inherits && ofType.maxAge != unlimited { // as Apollo has it: the type's age, and only the scope of the field
			said.inherits = false
		}
		said = said.over(ofType)
	}
	out := restriction{maxAge: said.maxAge, private: said.scope == private}
	if said.maxAge == unlimited && (isRoot || isComposite && !said.inherits) {
		out.maxAge = 0
	}
	out.isViewer = gated(f.Directives) || gated(def.Directives) || isComposite && r.isViewer(target)
	return out
}

// isViewer says whether viewers may see different things of a type: of one that it may stand for, or of
// the rows that it is a page of.
func (r *reader) isViewer(def *ast.Definition, above ...*ast.Definition) bool {
	if gated(def.Directives) {
		return true
	}
	if def.IsLeafType() || slices.Contains(above, def) {
		return false
	}
	above = append(slices.Clip(above), def)
	if def.IsAbstractType() {
		return slices.ContainsFunc(r.schema.GetPossibleTypes(def), func(d *ast.Definition) bool { return r.isViewer(d, above...) })
	}
	return slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool {
		isPage := f.Name == "nodes" || f.Name == "edges" || f.Name == "node"
		return isPage && r.isViewer(r.schema.Types[f.Type.Name()], above...)
	})
}
