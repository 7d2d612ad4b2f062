package entity

import (
	"regexp"
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
}

// fail notes a mistake: where it is, what it is, and what to write instead.
func (r *reader) fail(at *ast.Position, format string, args ...any) {
	r.errs = append(r.errs, gqlerror.ErrorPosf(at, format, args...))
}

func (r *reader) read() {
	for _, def := range r.objects() {
		if d := def.Directives.ForName("table"); d != nil {
			r.entity(def, d)
		}
	}
	r.unique()
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
	r.connections()
	r.names()
}

// objects are the object types of the schema, by name.
func (r *reader) objects() []*ast.Definition {
	var out []*ast.Definition
	for _, d := range r.schema.Types {
		if d.Kind == ast.Object && !strings.HasPrefix(d.Name, "__") {
			out = append(out, d)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

var (
	prefixes    = regexp.MustCompile(`^[a-z]{3}$`)
	identifiers = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
)

func (r *reader) entity(def *ast.Definition, d *ast.Directive) {
	e := &Entity{
		Name: def.Name, Description: def.Description, GoName: def.Name, def: def,
		Table: argument(d, "name"), Prefix: argument(d, "prefix"), Reference: argument(d, "reference") == "true",
	}
	if r.taken(e.GoName) {
		e.GoName += "Row" // the store has something of that name already
	}
	if !identifiers.MatchString(e.Table) {
		r.fail(d.Position, "%s: %q is no table name; use lower case letters, digits and _", e.Name, e.Table)
	}
	if !prefixes.MatchString(e.Prefix) {
		r.fail(d.Position, "%s: the prefix %q must be three lower case letters", e.Name, e.Prefix)
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
			r.fail(at, "%s: the table %q belongs to %s already; a table has one type", e.Name, e.Table, other)
		}
		if other, ok := prefixes[e.Prefix]; ok {
			r.fail(at, "%s: the prefix %q belongs to %s already; choose another", e.Name, e.Prefix, other)
		}
		tables[e.Table], prefixes[e.Prefix] = e.Name, e.Name
	}
}

// abstracts finds the interfaces and unions whose members all have rows.
func (r *reader) abstracts() {
	for name, def := range r.schema.Types {
		if !def.IsAbstractType() || strings.HasPrefix(name, "__") {
			continue
		}
		whole := true
		members := r.schema.GetPossibleTypes(def)
		for _, m := range members {
			if e := r.byName[m.Name]; e != nil {
				e.Abstracts = append(e.Abstracts, name)
			} else {
				whole = false
			}
		}
		if whole && len(members) > 0 {
			r.model.Abstracts = append(r.model.Abstracts, name)
		}
	}
	sort.Strings(r.model.Abstracts)
	for _, e := range r.model.Entities {
		sort.Strings(e.Abstracts)
	}
}

// names refuses two lists of one name: each is a variable of the store and a loader.
func (r *reader) names() {
	seen := map[string]string{}
	for _, e := range r.model.Entities {
		seen[e.GoName+"ByID"] = e.Name
	}
	check := func(l *List, at *ast.Position) {
		if other, ok := seen[l.GoName]; ok {
			r.fail(at, "%s and %s are the same relation; remove one, or write one by hand with @computed", l.Path(), other)
		}
		seen[l.GoName] = l.Path()
	}
	for _, e := range r.model.Entities {
		for _, l := range append(append([]*List{}, e.HasMany...), e.ManyToMany...) {
			check(l, e.def.Fields.ForName(l.Field).Position)
		}
	}
	for _, l := range r.model.Lists {
		check(l, r.schema.Query.Fields.ForName(l.Field).Position)
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
