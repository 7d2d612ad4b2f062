package resolvers

import (
	"slices"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
)

// gates are the directives that run before a field's resolver.
var gates = []string{"authenticated", "requiresScopes"}

// gate puts the gates of a type onto the fields that return it, or a connection of it: there they
// stand before the rows are loaded. gqlgen would do so by itself, but it knows no connections: it
// would stand before each page's nodes, too. The schema that clients see does not change.
//
// Rows that come through an interface or a union have their gates in the loaders (store.Table.Gate).
func (p *Plugin) gate(cfg *config.Config) {
	of := map[string]ast.DirectiveList{}
	for name := range p.Model.Policies {
		def := cfg.Schema.Types[name]
		for _, gate := range gates {
			if d := def.Directives.ForName(gate); d != nil {
				of[name] = append(of[name], d)
			}
		}
		def.Directives = slices.DeleteFunc(def.Directives, func(d *ast.Directive) bool { return slices.Contains(gates, d.Name) })
	}
	for _, c := range p.Model.Connections {
		of[c.Name] = of[c.Target.Name]
	}
	for _, def := range cfg.Schema.Types {
		if def.Kind != ast.Object || p.isConnection(def.Name) {
			continue // a field that returns a connection has been gated
		}
		for _, f := range def.Fields {
			f.Directives = slices.Concat(of[f.Type.Name()], f.Directives)
		}
	}
}

func (p *Plugin) isConnection(name string) bool {
	for _, c := range p.Model.Connections {
		if name == c.Name || name == c.Edge {
			return true
		}
	}
	return false
}
