package cost

import (
	"maps"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Table is what the directives of a schema say about costs. It is immutable and safe for use by
// several goroutines.
type Table struct {
	schema   *ast.Schema
	objects  map[string]*object
	possible map[string][]*object // by composite type
	inputs   map[string]*input

	runs sync.Pool // of *run
}

// object is an object type.
type object struct {
	id        int
	name      string
	weight    Points
	fields    map[string]*field
	satisfies map[string]bool // type conditions that its objects meet
}

// field is a field of an object type.
type field struct {
	id         int
	coordinate string // `Type.field`
	weight     Points
	args       []*place // those that may cost something
	list       bool
	slicing    *slicing        // of its own list, or of those in sized; nil: nothing is said
	sized      map[string]bool // lists in its type that have its size
	leaf       Points          // weight of a leaf value
	objects    []*object       // what it may return; nil: leaves
}

// NewTable reads the directives of a schema. The error is a gqlerror.List that names every weight
// that is none, every slicing argument and sized field that does not exist, and every list of objects
// whose length nothing bounds.
func NewTable(schema *ast.Schema) (*Table, error) {
	t := &Table{
		schema: schema, objects: map[string]*object{}, possible: map[string][]*object{}, inputs: map[string]*input{},
	}
	t.runs.New = func() any { return new(run) }
	r := &tableReader{Table: t}
	r.inputTypes()
	r.objectTypes()
	for _, def := range r.definitions(ast.Object) {
		for _, f := range def.Fields {
			r.field(def, f)
		}
	}
	for _, def := range r.definitions(ast.Object) {
		r.bounds(def)
	}
	if len(r.errs) > 0 {
		return nil, r.errs
	}
	return t, nil
}

// tableReader fills a table.
type tableReader struct {
	*Table
	fields int
	errs   gqlerror.List
}

func (r *tableReader) fail(at *ast.Position, format string, args ...any) {
	if at == nil {
		r.errs = append(r.errs, gqlerror.Errorf(format, args...))
		return
	}
	r.errs = append(r.errs, gqlerror.ErrorPosf(at, format, args...))
}

// definitions are those of a kind, by name.
func (r *tableReader) definitions(kind ast.DefinitionKind) []*ast.Definition {
	var all []*ast.Definition
	for _, name := range slices.Sorted(maps.Keys(r.schema.Types)) {
		if def := r.schema.Types[name]; def.Kind == kind {
			all = append(all, def)
		}
	}
	return all
}

func (r *tableReader) objectTypes() {
	for i, def := range r.definitions(ast.Object) {
		weight := Point
		switch {
		case isIntrospection(def.Name):
			weight = introspectionWeight
		case def == r.schema.Query, def == r.schema.Mutation, def == r.schema.Subscription:
			weight = 0
		}
		o := &object{
			id: i, name: def.Name, weight: r.outputWeight(def.Name, def.Directives, weight),
			fields: map[string]*field{}, satisfies: map[string]bool{"": true, def.Name: true},
		}
		r.objects[def.Name] = o
		r.possible[def.Name] = []*object{o}
		for _, abstract := range r.schema.GetImplements(def) {
			o.satisfies[abstract.Name] = true
			r.possible[abstract.Name] = append(r.possible[abstract.Name], o)
		}
	}
}

// outputWeight is the weight of a type or of a field, which must not be negative.
func (r *tableReader) outputWeight(of string, directives ast.DirectiveList, otherwise Points) Points {
	w := r.weight(of, directives, otherwise)
	if w < 0 {
		r.fail(directives.ForName("cost").Position, "%s: the weight %s is negative, which only that of an argument or an input field may be", of, w)
		return 0
	}
	return w
}

// weight reads @cost.
func (r *tableReader) weight(of string, directives ast.DirectiveList, otherwise Points) Points {
	d := directives.ForName("cost")
	if d == nil {
		return otherwise
	}
	text := ""
	if a := d.Arguments.ForName("weight"); a != nil {
		text = a.Value.Raw
	}
	w, err := parseWeight(text)
	if err != nil {
		r.fail(d.Position, "%s: the weight %q %v", of, text, err)
		return otherwise
	}
	return w
}

func (r *tableReader) field(parent *ast.Definition, def *ast.FieldDefinition) {
	f := &field{id: r.fields, coordinate: parent.Name + "." + def.Name, list: def.Type.Elem != nil}
	r.fields++
	r.objects[parent.Name].fields[def.Name] = f
	returned := r.schema.Types[def.Type.Name()]
	weight := Points(0)
	if returned.IsCompositeType() {
		f.objects = r.possible[returned.Name]
		if !isIntrospection(parent.Name) {
			weight = Point
		}
	} else {
		f.leaf = r.outputWeight(returned.Name, returned.Directives, 0)
	}
	f.weight = r.outputWeight(f.coordinate, r.directive(parent, def, "cost"), weight)
	for _, a := range def.Arguments {
		if p := r.place(f.coordinate, a.Name, a.Type, a.Directives, a.DefaultValue); p != nil {
			r.absence(p)
			f.args = append(f.args, p)
		}
	}
	r.listSize(f, parent, def)
}

// directive finds a directive on a field, else on that of an interface which the field implements.
func (r *tableReader) directive(parent *ast.Definition, def *ast.FieldDefinition, name string) ast.DirectiveList {
	if def.Directives.ForName(name) != nil {
		return def.Directives
	}
	for _, abstract := range r.schema.GetImplements(parent) {
		if f := abstract.Fields.ForName(def.Name); f != nil && f.Directives.ForName(name) != nil {
			return f.Directives
		}
	}
	return nil
}
