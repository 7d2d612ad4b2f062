package resolvers

import (
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
)

// gates are the directives that run before a field's resolver.
var gates = []string{"authenticated", "requiresScopes"}

// gate puts the gates of a type onto the fields that return it, or a connection of it: there they
// stand before the rows are loaded. The schema that clients see does not change.
//
// Rows that come through an interface or a union have their gates in the loaders (store.Table.Gate).
func (p *Plugin) gate(cfg *config.Config) {
	for _, def := range cfg.Schema.Types {
		if def.Kind != ast.Object || p.isConnection(def.Name) {
			continue // a field that returns a connection has been gated
		}
		for _, f := range def.Fields {
			target := f.Type.Name()
			for _, c := range p.Model.Connections {
				if c.Name == target {
					target = c.Target.Name
				}
			}
			returned := cfg.Schema.Types[target]
			if p.Model.Policies[target] == nil || returned == nil {
				continue
			}
			for _, name := range gates {
				if d := returned.Directives.ForName(name); d != nil {
					f.Directives = append(ast.DirectiveList{d}, f.Directives...)
				}
			}
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
