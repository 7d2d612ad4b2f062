package entity

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// The words that say what a field is. @column only says more about a column.
var (
	rowWords  = []string{"column", "belongsTo", "hasMany", "belongsToMany", "computed"}
	rootWords = []string{"get", "list", "node", "computed"}
)

// words refuses words that stand where they mean nothing, or contradict each other.
func (r *reader) words() {
	for _, def := range r.definitions(ast.Object, ast.Interface) {
		if d := def.Directives.ForName("table"); d != nil && r.isRoot(def) {
			r.fail(d.Position, "%s cannot have a @table; it is where operations begin", def.Name)
		}
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				r.fieldWords(def, f)
			}
		}
	}
}

func (r *reader) isRoot(def *ast.Definition) bool {
	return def == r.schema.Query || def == r.schema.Mutation || def == r.schema.Subscription
}

func (r *reader) fieldWords(def *ast.Definition, f *ast.FieldDefinition) {
	path := def.Name + "." + f.Name
	var said []*ast.Directive
	for _, d := range f.Directives {
		if slices.Contains(rowWords, d.Name) || slices.Contains(rootWords, d.Name) {
			said = append(said, d)
		}
	}
	if len(said) > 1 {
		r.fail(said[1].Position, "%s: @%s and @%s contradict each other; remove one", path, said[0].Name, said[1].Name)
		return
	}
	if len(said) == 0 {
		if def == r.schema.Query {
			r.fail(f.Position, "%s: say what it is: @get, @list, @node, or @computed for a resolver of your own", path)
		}
		return
	}
	d := said[0]
	switch {
	case def == r.schema.Query && !slices.Contains(rootWords, d.Name):
		r.fail(d.Position, "%s: @%s is for the fields of types with a @table; say @list, @get or @computed", path, d.Name)
	case def == r.schema.Query || d.Name == "computed" && def.Kind == ast.Object:
	case def.Kind == ast.Interface:
		r.fail(d.Position, "%s: say @%s on the types that implement %s, not here", path, d.Name, def.Name)
	case r.byName[def.Name] == nil:
		r.fail(d.Position, "%s: @%s needs a type with a @table, which %s is not; give it one, or say @computed", path, d.Name, def.Name)
	case !slices.Contains(rowWords, d.Name):
		r.fail(d.Position, "%s: @%s is for the fields of Query; say @hasMany, @belongsTo or @computed", path, d.Name)
	case d.Name == "belongsTo" && len(f.Arguments) > 0:
		r.fail(f.Position, "%s: a @belongsTo has no arguments; remove them, or say @computed", path)
	}
}
