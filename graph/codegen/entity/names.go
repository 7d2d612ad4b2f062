package entity

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// goName is the name that gqlgen gives a field.
func goName(field string) string { return templates.ToGo(field) }

// snake turns unitPrice into unit_price.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// plural is English enough for the names of types.
func plural(name string) string {
	lower := strings.ToLower(name)
	last := lower[len(lower)-1]
	switch {
	case last == 'y' && len(lower) > 1 && !strings.ContainsRune("aeiou", rune(lower[len(lower)-2])):
		return name[:len(name)-1] + "ies"
	case last == 's', last == 'x', last == 'z', strings.HasSuffix(lower, "ch"), strings.HasSuffix(lower, "sh"):
		return name + "es"
	default:
		return name + "s"
	}
}

var (
	prefixes    = regexp.MustCompile(`^[a-z]{3}$`)
	identifiers = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	typeNames   = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
)

// sqlWords are those that Postgres does not take as the name of a table.
var sqlWords = strings.Fields(`all analyse analyze and any array as asc asymmetric authorization
binary both case cast check collate collation column concurrently constraint create cross
current_catalog current_date current_role current_schema current_time current_timestamp current_user
default deferrable desc distinct do else end except false fetch for foreign freeze from full grant
group having ilike in initially inner intersect into is isnull join lateral leading left like limit
localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing
primary references returning right select session_user similar some symmetric table tablesample then
to trailing true union unique user using variadic verbose when where window with`)

// names gives everything that the store gets from the schema its Go name. A type that the store
// itself has a name for gets a suffix, so that a schema may have its own Order or Page.
func (r *reader) names() {
	r.claimed = map[string]string{"kinds": "the table of kinds", "schemaTables": "the table of tables"}
	for _, e := range r.model.Entities {
		e.GoName = r.typeName(e.def, "Row")
		r.claim(e.def.Position, "the table of "+e.Name, e.GoName+"Table", "")
		r.claim(e.def.Position, "the kind of "+e.Name, "Kind"+e.GoName, "")
	}
	for _, e := range r.model.Enums {
		def := r.schema.Types[e.Name]
		e.GoName = r.typeName(def, "Enum")
		for i, v := range def.EnumValues {
			e.Values[i].GoName = r.claim(v.Position, e.Name+"."+v.Name, e.GoName+goName(strings.ToLower(v.Name)), "")
		}
	}
	for _, o := range r.model.Orders {
		def := r.schema.Types[o.Name]
		if slices.ContainsFunc(r.model.Enums, func(e *Enum) bool { return e.Name == o.Name }) {
			r.fail(def.Position, "%s is the type of a column and an order too; write an enum for each", o.Name)
			continue
		}
		o.GoName = r.typeName(def, "Enum")
		o.Variable = r.claim(def.Position, "the orders of "+o.Name, strings.ToLower(o.GoName[:1])+o.GoName[1:]+"s", "List")
		for _, v := range o.Orders {
			v.GoName = r.claim(def.EnumValues.ForName(v.Name).Position, o.Name+"."+v.Name, o.GoName+goName(strings.ToLower(v.Name)), "")
		}
	}
	for _, f := range r.model.Filters {
		f.GoName = r.typeName(r.schema.Types[f.Name], "Input")
	}
	for _, a := range r.model.Abstracts {
		if a.GoName = a.Name; a.Name != "Node" { // the store's own
			a.GoName = r.typeName(r.schema.Types[a.Name], "Member")
		}
	}
	r.listNames()
}

// listNames names the lists: each is a variable of the store and a loader.
func (r *reader) listNames() {
	relations := map[string]string{}
	for _, e := range r.model.Entities {
		for _, l := range append(append([]*List{}, e.HasMany...), e.ManyToMany...) {
			at, same := e.def.Fields.ForName(l.Field).Position, l.Target.Name+"."+l.Key
			if other, ok := relations[same]; ok {
				r.fail(at, "%s and %s are the same relation; remove one, or write one by hand with @computed", l.Path(), other)
				continue
			}
			relations[same] = l.Path()
			l.GoName = r.claim(at, l.Path(), plural(l.Target.Name)+"By"+goName(l.Key), "List")
		}
	}
	for _, l := range r.model.Lists {
		l.GoName = r.claim(r.schema.Query.Fields.ForName(l.Field).Position, l.Path(), goName(l.Field), "List")
	}
}

// typeName is the Go name of a type of the schema.
func (r *reader) typeName(def *ast.Definition, suffix string) string {
	if !typeNames.MatchString(def.Name) {
		r.fail(def.Position, "the name of the type %s must begin with a capital and have no _; write %s", def.Name, goName(def.Name))
	}
	return r.claim(def.Position, "the type "+def.Name, def.Name, suffix)
}

// claim gives name to what, with the suffix where the name belongs to something else.
func (r *reader) claim(at *ast.Position, what, name, suffix string) string {
	for _, n := range []string{name, name + suffix} {
		if _, ok := r.claimed[n]; !ok && !r.taken(n) {
			r.claimed[n] = what
			return n
		}
	}
	other := r.claimed[name]
	if other == "" {
		other = "something of the store"
	}
	r.fail(at, "%s and %s would both be called %s in Go; rename one", what, other, name)
	return name
}
