package entity

import (
	"slices"
	"sort"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// reader turns a valid schema into a Model. It goes on after a mistake, so that all of them are
// reported at once.
type reader struct {
	schema *ast.Schema
	taken  func(string) bool
	byName map[string]*Entity
	model  *Model
	errs   gqlerror.List

	claimed map[string]string // Go names of the store, and what has them
}

// fail notes a mistake: where it is, what it is, and what to write instead.
func (r *reader) fail(at *ast.Position, format string, args ...any) {
	r.errs = append(r.errs, gqlerror.ErrorPosf(at, format, args...))
}

func (r *reader) read() {
	for _, def := range r.definitions(ast.Object) {
		if d := def.Directives.ForName("table"); d != nil && !r.isRoot(def) {
			r.entity(def, d)
		}
	}
	r.unique()
	r.words()
	for _, e := range r.model.Entities {
		r.columns(e)
	}
	for _, e := range r.model.Entities {
		r.colocation(e)
		r.crossings(e)
	}
	r.abstracts()
	for _, e := range r.model.Entities {
		for _, f := range e.def.Fields {
			r.relation(e, f)
		}
	}
	if r.schema.Query != nil {
		for _, f := range r.schema.Query.Fields {
			r.root(f)
		}
	}
	r.bounds()
	r.costs()
	r.cached()
	r.ages()
	r.connections()
	r.names()
	if len(r.errs) == 0 {
		r.policies()
	}
}

// definitions are the types of some kinds, by name.
func (r *reader) definitions(kinds ...ast.DefinitionKind) []*ast.Definition {
	var out []*ast.Definition
	for _, d := range r.schema.Types {
		if slices.Contains(kinds, d.Kind) && !strings.HasPrefix(d.Name, "__") {
			out = append(out, d)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func (r *reader) entity(def *ast.Definition, d *ast.Directive) {
	e := &Entity{
		Name: def.Name, Description: def.Description, def: def,
		Table: argument(d, "name"), Prefix: argument(d, "prefix"), Reference: argument(d, "reference") == "true",
	}
	if slices.Contains(sqlWords, e.Table) {
		r.fail(d.Position, "%s: %q is a word of SQL and cannot be a table's name; choose another, such as %q", e.Name, e.Table, plural(e.Table))
	} else if !identifiers.MatchString(e.Table) {
		r.fail(d.Position, "%s: %q is no table name; use lower case letters, digits and _", e.Name, e.Table)
	}
	if !prefixes.MatchString(e.Prefix) {
		r.fail(d.Position, "%s: the prefix %q must be three lower case letters, such as %q", e.Name, e.Prefix, (strings.ToLower(e.Name) + "xx")[:3])
	}
	r.byName[e.Name] = e
	r.model.Entities = append(r.model.Entities, e)
}

// unique refuses two types for one table or one prefix.
func (r *reader) unique() {
	tables, prefixes := map[string]string{}, map[string]string{}
	for _, e := range r.model.Entities {
		at := e.def.Directives.ForName("table").Position
		if other, ok := tables[e.Table]; ok {
			r.fail(at, "%s: the table %q belongs to %s already; choose another table, or remove one of the types", e.Name, e.Table, other)
		}
		if other, ok := prefixes[e.Prefix]; ok {
			r.fail(at, "%s: the prefix %q belongs to %s already; choose another", e.Name, e.Prefix, other)
		}
		tables[e.Table], prefixes[e.Prefix] = e.Name, e.Name
	}
}

// abstracts finds the interfaces and unions whose members all have rows.
func (r *reader) abstracts() {
	for _, def := range r.definitions(ast.Interface, ast.Union) {
		members := slices.DeleteFunc(slices.Clone(r.schema.GetPossibleTypes(def)), func(m *ast.Definition) bool { return m.Kind != ast.Object })
		whole := len(members) > 0
		for _, m := range members {
			if e := r.byName[m.Name]; e != nil {
				e.Abstracts = append(e.Abstracts, def.Name)
			} else if whole = false; def.Name == "Node" {
				r.fail(m.Position, "%s implements Node, so that it can be found by its ID; give it a @table, or remove Node", m.Name)
			}
		}
		if whole {
			r.model.Abstracts = append(r.model.Abstracts, &Abstract{Name: def.Name, Description: def.Description})
		}
	}
	if node := r.schema.Types["Node"]; node != nil && node.Kind == ast.Interface {
		for _, e := range r.model.Entities {
			if !slices.Contains(e.Abstracts, "Node") {
				r.fail(e.def.Position, "%s has a @table, so Query.node can find it; write type %s implements Node", e.Name, e.Name)
			}
		}
	}
}

// argument is the text of a directive's argument, its default included; "" if it has none.
func argument(d *ast.Directive, name string) string {
	if a := d.Arguments.ForName(name); a != nil {
		return a.Value.Raw
	}
	if d.Definition != nil {
		if a := d.Definition.Arguments.ForName(name); a != nil && a.DefaultValue != nil {
			return a.DefaultValue.Raw
		}
	}
	return ""
}

// texts are the elements of a directive's list argument.
func texts(d *ast.Directive, name string) []string {
	a := d.Arguments.ForName(name)
	if a == nil {
		return nil
	}
	var out []string
	for _, c := range a.Value.Children {
		out = append(out, c.Value.Raw)
	}
	if a.Value.Kind != ast.ListValue && a.Value.Raw != "" {
		out = append(out, a.Value.Raw) // a single value stands for a list of one
	}
	return out
}
