package entity

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// parse reads all sources; the error holds the first mistake of each.
func parse(sources []*ast.Source) (*ast.SchemaDocument, error) {
	doc := &ast.SchemaDocument{}
	var errs gqlerror.List
	for _, s := range sources {
		part, err := parser.ParseSchema(s)
		if err != nil {
			errs = append(errs, gqlerror.WrapIfUnwrapped(err))
			continue
		}
		doc.Merge(part)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return doc, nil
}

// document finds the names in a parsed schema that mean nothing. gqlparser finds them as well, but
// it stops at the first, and does not say what to write instead.
type document struct {
	*ast.SchemaDocument
	types      map[string]*ast.Definition
	directives map[string]*ast.DirectiveDefinition
	errs       gqlerror.List
}

// checkDocument gives all mistakes of a kind that gqlparser reports one by one.
func checkDocument(doc *ast.SchemaDocument) gqlerror.List {
	d := &document{SchemaDocument: doc, types: map[string]*ast.Definition{}, directives: map[string]*ast.DirectiveDefinition{}}
	for _, def := range doc.Definitions {
		if other := d.types[def.Name]; other != nil {
			d.fail(def.Position, "the type %s is defined in %s:%d already; write extend type %s to add to it, or choose another name",
				def.Name, other.Position.Src.Name, other.Position.Line, def.Name)
			continue
		}
		d.types[def.Name] = def
	}
	for _, def := range doc.Directives {
		d.directives[def.Name] = def
	}
	for _, def := range slices.Concat(doc.Definitions, doc.Extensions) {
		d.definition(def)
	}
	return d.errs
}

func (d *document) fail(at *ast.Position, format string, args ...any) {
	d.errs = append(d.errs, gqlerror.ErrorPosf(at, format, args...))
}

func (d *document) definition(def *ast.Definition) {
	d.words(def.Directives, ast.DirectiveLocation(def.Kind))
	for _, name := range slices.Concat(def.Interfaces, def.Types) {
		d.typeNamed(name, def.Position)
	}
	on := ast.LocationFieldDefinition
	if def.Kind == ast.InputObject {
		on = ast.LocationInputFieldDefinition
	}
	for _, f := range def.Fields {
		d.typeNamed(f.Type.Name(), f.Position)
		d.words(f.Directives, on)
		d.fits(f.Position, "the default of "+def.Name+"."+f.Name, f.DefaultValue, f.Type)
		for _, a := range f.Arguments {
			d.typeNamed(a.Type.Name(), a.Position)
			d.words(a.Directives, ast.LocationArgumentDefinition)
			d.fits(a.Position, "the default of the argument "+a.Name, a.DefaultValue, a.Type)
		}
	}
	for _, v := range def.EnumValues {
		d.words(v.Directives, ast.LocationEnumValue)
	}
}

func (d *document) typeNamed(name string, at *ast.Position) {
	if d.types[name] != nil {
		return
	}
	known := slices.DeleteFunc(slices.Collect(maps.Keys(d.types)), func(n string) bool { return strings.HasPrefix(n, "__") })
	if other := synonyms[name]; d.types[other] != nil {
		d.fail(at, "there is no type %s; write %s", name, other)
		return
	}
	if like := closest(name, known); like != "" {
		d.fail(at, "there is no type %s; define it, or write %s", name, like)
		return
	}
	d.fail(at, "there is no type %s; define it", name)
}

// words checks the directives in one place.
func (d *document) words(list ast.DirectiveList, on ast.DirectiveLocation) {
	seen := map[string]bool{}
	for _, w := range list {
		def := d.directives[w.Name]
		if def == nil {
			hint := "write one of schema/directives.graphqls, or remove it"
			known := make([]string, 0, len(d.directives))
			for name := range d.directives {
				known = append(known, "@"+name)
			}
			if like := closest("@"+w.Name, known); like != "" {
				hint = "write " + like
			}
			d.fail(w.Position, "there is no directive @%s; %s", w.Name, hint)
			continue
		}
		if seen[w.Name] && !def.IsRepeatable {
			d.fail(w.Position, "@%s stands here twice; remove one", w.Name)
		}
		seen[w.Name] = true
		if !slices.Contains(def.Locations, on) {
			d.fail(w.Position, "@%s cannot stand on %s; it is for %s", w.Name, spoken(on), spoken(def.Locations...))
			continue
		}
		d.arguments(w, def)
	}
}

func (d *document) arguments(w *ast.Directive, def *ast.DirectiveDefinition) {
	var allowed []string
	for _, a := range def.Arguments {
		allowed = append(allowed, a.Name)
	}
	for _, a := range w.Arguments {
		known := def.Arguments.ForName(a.Name)
		switch {
		case known == nil && len(allowed) == 0:
			d.fail(a.Position, "@%s has no arguments; remove %s", w.Name, a.Name)
		case known == nil:
			d.fail(a.Position, "@%s has no argument %s; it has %s", w.Name, a.Name, strings.Join(allowed, ", "))
		default:
			d.fits(a.Position, "@"+w.Name+": "+a.Name, a.Value, known.Type)
		}
	}
	for _, a := range def.Arguments {
		if a.Type.NonNull && a.DefaultValue == nil && w.Arguments.ForName(a.Name) == nil {
			d.fail(w.Position, "@%s needs the argument %s: %s", w.Name, a.Name, a.Type)
		}
	}
}

// literals says how a value of a scalar or of an enum is written.
var literals = map[string]struct {
	kinds   []ast.ValueKind
	example string
}{
	"String":  {[]ast.ValueKind{ast.StringValue, ast.BlockValue}, `a text, such as "name"`},
	"ID":      {[]ast.ValueKind{ast.StringValue}, `an ID, such as "abc_1"`},
	"Int":     {[]ast.ValueKind{ast.IntValue}, "an integer, such as 20"},
	"Float":   {[]ast.ValueKind{ast.FloatValue, ast.IntValue}, "a number, such as 1.5"},
	"Boolean": {[]ast.ValueKind{ast.BooleanValue}, "true or false"},
}

// fits checks that a value, if there is one, can have a type.
func (d *document) fits(at *ast.Position, what string, v *ast.Value, t *ast.Type) {
	if v == nil {
		return
	}
	if v.Kind == ast.NullValue {
		if t.NonNull {
			d.fail(at, "%s must not be null", what)
		}
		return
	}
	if t.Elem != nil {
		if v.Kind != ast.ListValue {
			d.fits(at, what, v, t.Elem) // a single value stands for a list of one
			return
		}
		for _, c := range v.Children {
			d.fits(at, what, c.Value, t.Elem)
		}
		return
	}
	if l, ok := literals[t.NamedType]; ok {
		if !slices.Contains(l.kinds, v.Kind) {
			d.fail(at, "%s must be %s, not %s", what, l.example, v)
		}
		return
	}
	if def := d.types[t.NamedType]; def != nil && def.Kind == ast.Enum && def.EnumValues.ForName(v.Raw) == nil {
		var names []string
		for _, v := range def.EnumValues {
			names = append(names, v.Name)
		}
		d.fail(at, "%s must be a value of %s, not %s; use one of %s", what, def.Name, v, strings.Join(names, ", "))
	}
}

// synonyms are what other languages call the scalars.
var synonyms = map[string]string{
	"Integer": "Int", "Long": "Int", "Number": "Float", "Double": "Float", "Bool": "Boolean", "Text": "String",
	"Date": "DateTime", "Time": "DateTime", "Timestamp": "DateTime", "Money": "Decimal", "Numeric": "Decimal", "UUID": "ID",
}

// closest is what somebody may have meant who wrote name; "" where nothing is like it.
func closest(name string, known []string) string {
	slices.Sort(known)
	like := core.SuggestionList(name, known)
	if len(like) > 3 {
		like = like[:3]
	}
	return core.OrList(like...)
}

// spoken turns FIELD_DEFINITION into "a field".
func spoken(places ...ast.DirectiveLocation) string {
	var out []string
	for _, p := range places {
		word := strings.ReplaceAll(strings.TrimSuffix(strings.ToLower(string(p)), "_definition"), "_", " ")
		article := "a "
		if strings.ContainsAny(word[:1], "aeiou") {
			article = "an "
		}
		out = append(out, article+word)
	}
	return core.OrList(out...)
}
