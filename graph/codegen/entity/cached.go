package entity

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// longest is for how many seconds something may be kept: 30 days, the life of the generations that it
// depends on.
const longest = 30 * 24 * 60 * 60

// Cached says for how many seconds something is kept, and whether each viewer has their own.
type Cached struct {
	TTL, StaleWhileRevalidate, StaleIfError int
	Private                                 bool
}

// Computed is a @computed field that is kept.
type Computed struct {
	Path   string // "Query.search"
	Cached *Cached
	Reads  []*Entity // a change of any of their rows forgets all that is kept of it
}

// Packs says whether rows of an entity are kept: by their ids, or on a page.
func (m *Model) Packs(e *Entity) bool {
	return e.Cached != nil || slices.ContainsFunc(m.KeptLists(), func(l *List) bool { return l.Links == nil && l.Target == e })
}

// KeptLists are the lists whose pages are kept.
func (m *Model) KeptLists() []*List {
	return slices.DeleteFunc(m.allLists(), func(l *List) bool { return l.Cached == nil })
}

// allLists are those of the entities, then those of the root.
func (m *Model) allLists() []*List {
	var all []*List
	for _, e := range m.Entities {
		all = append(append(all, e.HasMany...), e.ManyToMany...)
	}
	return append(all, m.Lists...)
}

// cached reads what is kept: rows of a type by their ids, pages of a list, computed fields. It refuses
// what could not be kept right.
func (r *reader) cached() {
	for _, def := range r.definitions(ast.Object, ast.Interface) {
		if d := def.Directives.ForName("cached"); d != nil {
			r.cachedType(def, d)
		}
		for _, f := range def.Fields {
			if d := f.Directives.ForName("cached"); d != nil {
				r.cachedField(def, f, d)
			}
		}
	}
}

func (r *reader) cachedType(def *ast.Definition, d *ast.Directive) {
	e := r.byName[def.Name]
	if e == nil {
		r.fail(d.Position, "%s has no @table, so nothing says when it changes; remove @cached", def.Name)
		return
	}
	if d.Arguments.ForName("reads") != nil {
		r.fail(d.Position, "%s: its rows are what it reads; remove reads", def.Name)
	}
	e.Cached = r.policyOf(d, def.Name)
}

func (r *reader) cachedField(def *ast.Definition, f *ast.FieldDefinition, d *ast.Directive) {
	path := def.Name + "." + f.Name
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return f.Directives.ForName(n) != nil })
	}
	switch {
	case def.Kind == ast.Interface:
		r.fail(d.Position, "%s: say @cached on the types that implement %s, not here", path, def.Name)
	case def != r.schema.Query && r.isRoot(def):
		r.fail(d.Position, "%s: what it answers is never the same, so it cannot be kept; remove @cached", path)
	case has("computed"):
		r.cachedComputed(def, f, d)
	case !has("hasMany", "belongsToMany", "list"):
		r.fail(d.Position, "%s: only a list (@hasMany, @belongsToMany, @list) and a @computed field are kept by themselves; what a row holds or names is kept with rows: put @cached on their types", path)
	case d.Arguments.ForName("reads") != nil:
		r.fail(d.Position, "%s: the schema says what a list reads; remove reads", path)
	default:
		for _, l := range r.model.allLists() {
			if l.Path() == path {
				l.Cached = r.policyOf(d, path)
			}
		}
	}
}

// cachedComputed reads a field whose resolver is written by hand: only its author knows what it reads.
func (r *reader) cachedComputed(def *ast.Definition, f *ast.FieldDefinition, d *ast.Directive) {
	c := &Computed{Path: def.Name + "." + f.Name}
	if def != r.schema.Query && r.byName[def.Name] == nil {
		r.fail(d.Position, "%s: %s has no @table, so there is no ID to keep it under; remove @cached", c.Path, def.Name)
		return
	}
	for _, name := range texts(d, "reads") {
		e := r.byName[name]
		switch {
		case e == nil:
			r.fail(d.Position, "%s: reads names %q, which is no type with a @table, so nothing says when it changes", c.Path, name)
		case slices.Contains(c.Reads, e):
			r.fail(d.Position, "%s: reads names %s twice; remove one", c.Path, name)
		default:
			c.Reads = append(c.Reads, e)
		}
	}
	if len(texts(d, "reads")) == 0 {
		r.fail(d.Position, "%s: nothing says when it changes; name the types whose rows its resolver reads, such as reads: [%q]", c.Path, r.example(f.Type.Name()))
	}
	c.Cached = r.policyOf(d, c.Path)
	r.model.Computed = append(r.model.Computed, c)
}

func (r *reader) policyOf(d *ast.Directive, path string) *Cached {
	return &Cached{
		TTL:                  r.seconds(d, path, "ttl", 1),
		StaleWhileRevalidate: r.seconds(d, path, "staleWhileRevalidate", 0),
		StaleIfError:         r.seconds(d, path, "staleIfError", 0),
		Private:              argument(d, "scope") == "PRIVATE",
	}
}

// seconds reads a duration that is at least so long.
func (r *reader) seconds(d *ast.Directive, path, name string, least int) int {
	n, err := strconv.Atoi(argument(d, name))
	if err != nil || n < least || n > longest {
		r.fail(d.Position, "%s: %s must be from %d to %d seconds, not %s", path, name, least, longest, argument(d, name))
	}
	return n
}

// scopesOfCached refuses to keep for everybody what is not everybody's.
func (r *reader) scopesOfCached() {
	for _, e := range r.model.Entities {
		if e.Cached != nil && !e.Cached.Private && !e.Public() {
			r.fail(e.def.Directives.ForName("cached").Position, "%s: what is kept is given to everybody, and its rows are not @public; %s", e.Name, howToKeep)
		}
	}
	for _, l := range r.model.KeptLists() {
		if l.Cached.Private {
			continue
		}
		def := r.schema.Query
		if l.Parent != nil {
			def = l.Parent.def
		}
		r.keptForAll(def, l.Field, []*Entity{l.Target})
	}
	for _, c := range r.model.Computed {
		if !c.Cached.Private {
			def, field, _ := strings.Cut(c.Path, ".")
			r.keptForAll(r.schema.Types[def], field, c.Reads)
		}
	}
}

const howToKeep = "say scope: PRIVATE, remove @cached, or make them public"

// keptForAll refuses a field that is kept for everybody, and shows what is not.
func (r *reader) keptForAll(def *ast.Definition, field string, reads []*Entity) {
	f := def.Fields.ForName(field)
	path, at := def.Name+"."+field, f.Directives.ForName("cached").Position
	if p := r.policy(path, f.Directives); p != nil && !p.Public {
		r.fail(at, "%s: what is kept is given to everybody, and the field is not for everybody; say scope: PRIVATE, or remove @cached", path)
		return
	}
	if e := r.byName[def.Name]; e != nil && !e.Public() {
		reads = append([]*Entity{e}, reads...)
	}
	for _, e := range reads {
		if !e.Public() {
			r.fail(at, "%s: what is kept is given to everybody, and rows of %s are not @public; %s", path, e.Name, howToKeep)
			return
		}
	}
	for _, m := range r.shown(r.schema.Types[f.Type.Name()]) {
		if p := r.model.Policies[m]; p != nil && !p.Public {
			r.fail(at, "%s: what is kept is given to everybody, and it shows %s, which is not @public; %s", path, m, howToKeep)
			return
		}
	}
}

// shown are the object types that a field of a type shows: the rows of a connection, the members of an
// abstract type.
func (r *reader) shown(def *ast.Definition) []string {
	switch def.Kind {
	case ast.Object:
		names := []string{r.connected(def)}
		for _, f := range def.Fields {
			if f.Name == "nodes" || f.Name == "node" { // of a connection that was written by hand
				names = append(names, r.shown(r.schema.Types[f.Type.Name()])...)
			}
		}
		return names
	case ast.Interface, ast.Union:
		var names []string
		for _, m := range r.schema.GetPossibleTypes(def) {
			names = append(names, m.Name)
		}
		return names
	default:
		return nil
	}
}
