package breadth

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"
)

// tables is what the template shows. Types are named by ref only while the template runs.
type tables struct {
	*codegen.Data
	Types      []*object
	Abstract   []*codegen.Interface
	Executable []string             // directives of operations that have code
	Directives []*codegen.Directive // of fields, that call a function of the server's own

	ids map[string]int
	ref func(types.Type) string
}

// object is an object type of the schema.
type object struct {
	*codegen.Object
	ID     int
	Fields []*field

	tables *tables
}

// field is a field of an object.
type field struct {
	*codegen.Field
	Kind kind
	Num  int // place among the plain leaves, from 1

	object *object
}

// kind is the way a field is resolved.
type kind string

const (
	plain     kind = "plain"     // a leaf that the row holds: written without a column
	held      kind = "held"      // what else the row holds: objects, methods with arguments or errors
	each      kind = "each"      // a resolver or method that takes one object
	batch     kind = "batch"     // a batch resolver
	single    kind = "single"    // a resolver of a root type
	delegated kind = "delegated" // gqlgen's own: introspection
	rootKind  kind = "root"      // leads back to a root type
	stream    kind = "stream"    // a subscription
)

func newTables(data *codegen.Data, ref func(types.Type) string) *tables {
	t := &tables{Data: data, ids: map[string]int{}, ref: ref}
	for _, o := range data.Objects {
		if o.IsReserved() {
			continue
		}
		obj := &object{Object: o, ID: len(t.Types), tables: t}
		t.ids[o.Name] = obj.ID
		t.Types = append(t.Types, obj)
		leaves := 0
		for _, f := range o.Fields {
			if o.Stream && f.UsesSubscriptionContext() {
				continue // such streams are left to gqlgen altogether
			}
			fd := &field{Field: f, Kind: kindOf(f), object: obj}
			if fd.Kind == plain {
				leaves++
				fd.Num = leaves
			}
			obj.Fields = append(obj.Fields, fd)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(data.Interfaces)) {
		t.Abstract = append(t.Abstract, data.Interfaces[name])
	}
	for name, d := range data.AllDirectives {
		if !d.SkipRuntime && d.IsLocation(ast.LocationQuery, ast.LocationMutation, ast.LocationSubscription, ast.LocationField) {
			t.Executable = append(t.Executable, name)
		}
	}
	slices.Sort(t.Executable)
	t.Directives = directivesOf(t.Types)
	return t
}

// directivesOf are the directives on definitions of fields that call a function of the server's own.
func directivesOf(types []*object) []*codegen.Directive {
	byName := map[string]*codegen.Directive{}
	for _, o := range types {
		for _, f := range o.Fields {
			for _, d := range f.ImplDirectives() {
				if f.Kind != plain && f.Kind != delegated && !d.IsBuiltIn() {
					byName[d.Name] = d
				}
			}
		}
	}
	var all []*codegen.Directive
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		all = append(all, byName[name])
	}
	return all
}

func kindOf(f *codegen.Field) kind {
	switch {
	case f.Object.Stream:
		return stream
	case f.GoReceiverName == "ec":
		return delegated
	case f.TypeReference.IsRoot:
		return rootKind
	case f.Object.Root:
		return single
	case f.IsBatch():
		return batch
	case f.IsResolver, f.MethodHasContext:
		return each
	case isLeaf(f.TypeReference) && holdsPlainly(f):
		return plain
	}
	return held
}

// holdsPlainly: reading the value takes no arguments and cannot fail.
func holdsPlainly(f *codegen.Field) bool {
	switch {
	case len(f.Args) > 0, f.HasDirectives(), f.HasHaser, f.IsMap():
		return false
	case f.IsMethod():
		return f.NoErr
	}
	return true
}

func isLeaf(t *config.TypeReference) bool {
	return t.Definition.Kind == ast.Scalar || t.Definition.Kind == ast.Enum
}

// Ref names the Go type of the object in levels: P.
func (o *object) Ref() string { return o.tables.ref(o.Reference()) }

// Pointed is what the object is a pointer to in levels, "" if it is none or has no plain fields.
func (o *object) Pointed() string {
	if pointed, isPointer := strings.CutPrefix(o.Ref(), "*"); isPointer && !o.Root && o.HasPlain() {
		return pointed
	}
	return ""
}

// HasPlain reports whether the type has fields that are written without a column.
func (o *object) HasPlain() bool {
	return slices.ContainsFunc(o.Fields, func(f *field) bool { return f.Kind == plain })
}

// Wave reports whether resolving the field may wait.
func (f *field) Wave() bool {
	switch f.Kind {
	case each, batch, single, delegated:
		return true
	case held:
		return f.HasDirectives()
	}
	return false
}

// Type names the field's Go type.
func (f *field) Type() string { return f.object.tables.ref(f.TypeReference.GO) }

// ElemType names the type that the field's pointer points at.
func (f *field) ElemType() string { return f.object.tables.ref(f.TypeReference.Elem().GO) }

// Value is the Go expression of what obj holds.
func (f *field) Value() string {
	if f.IsMethod() {
		return fmt.Sprintf("obj.%s(%s)", f.GoFieldName, f.CallArgs())
	}
	return "obj." + f.GoFieldName
}

// Resolver is the call of the field's resolver, or of a model's method that takes a context.
func (f *field) Resolver() string {
	switch {
	case f.Kind == batch:
		return fmt.Sprintf("e.Resolvers.%s().%s(%s)", ucFirst(f.Object.Name), f.GoFieldName, f.BatchCallArgs("objs", ""))
	case f.IsResolver:
		return "e.Resolvers." + f.ShortInvocation()
	}
	return f.Value()
}

// Write appends leaf v, or gives up on it.
func (f *field) Write(v string) string {
	return f.object.tables.leaf(f.TypeReference).call(v)
}

// ConstantArgs reports whether arguments may be coerced when a plan is compiled: no code runs for
// them that looks at the request.
func (f *field) ConstantArgs() bool {
	return !slices.ContainsFunc(f.Args, func(a *codegen.FieldArgument) bool {
		t := a.TypeReference
		return len(a.ImplDirectives()) > 0 || t.IsContext && !isGqlgen(t.Marshaler)
	})
}

// MutableArgs are the arguments whose Go values a resolver could change, for the requests to come.
func (f *field) MutableArgs() []string {
	var names []string
	for _, a := range f.Args {
		t := a.TypeReference.GO.Underlying()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem().Underlying()
		}
		if _, ok := t.(*types.Basic); !ok {
			names = append(names, a.Name)
		}
	}
	return names
}

// Column is the statements that make a Column of v and errs, what was resolved.
func (f *field) Column() string {
	t := f.TypeReference
	tb := f.object.tables
	if isLeaf(t) {
		return fmt.Sprintf("return breadth.Leaves(errs, v, %s)", tb.leaf(t).fallible())
	}
	var b strings.Builder
	errs, value, lists := "errs", "v", 0
	for {
		if t.IsPtrToSlice() {
			fmt.Fprintf(&b, "deref%d := breadth.Deref(%s)\n", lists, value)
			value, t = fmt.Sprintf("deref%d", lists), t.Elem()
		}
		if !t.IsSlice() {
			break
		}
		lists++
		fmt.Fprintf(&b, "flat%d, lists%d := breadth.Flatten(%s, %t)\n", lists, lists, value, !t.GQL.NonNull)
		value, errs, t = fmt.Sprintf("flat%d", lists), "nil", t.Elem()
	}
	column := tb.elements(t, errs, value)
	if lists > 0 {
		column += ".In(errs"
		for i := 1; i <= lists; i++ {
			column += fmt.Sprintf(", lists%d", i)
		}
		column += ")"
	}
	return b.String() + "return " + column
}

// elements is the expression for a Column without lists.
func (tb *tables) elements(t *config.TypeReference, errs, value string) string {
	name := t.Definition.Name
	switch {
	case t.Definition.IsAbstractType():
		return fmt.Sprintf("breadthSplit%s(%s, %s)", ucFirst(name), errs, value)
	case t.IsPtr():
		return fmt.Sprintf("breadth.Pointers(%d, %s, %s)", tb.ids[name], errs, value)
	case t.IsNilable():
		return fmt.Sprintf("breadth.Nilables(%d, %s, %s, func(v %s) bool { return v == nil })", tb.ids[name], errs, value, tb.ref(t.GO))
	}
	return fmt.Sprintf("breadth.Values(%d, %s, %s)", tb.ids[name], errs, value)
}

// ID is the number of a type.
func (tb *tables) ID(name string) int { return tb.ids[name] }

// Ref names a Go type.
func (tb *tables) Ref(t types.Type) string { return tb.ref(t) }

// RootID is the number of the root type that the field leads back to.
func (f *field) RootID() int { return f.object.tables.ids[f.TypeReference.Definition.Name] }

func ucFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
