package breadth

import (
	"fmt"
	"go/types"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// gqlgenPackage has the scalars that the runtime writes by itself.
const gqlgenPackage = "github.com/99designs/gqlgen/graphql"

// appender is Go source that appends leaf values of one Go type to the buffer b.
type appender struct {
	typ  string                // of the values
	name string                // a function that does it, if there is one; else:
	expr func(v string) string // an expression over b, v and, if it may fail, the Sink s
	fail bool
}

// call is the expression that appends v.
func (a appender) call(v string) string {
	switch {
	case a.name == "":
		return a.expr(v)
	case a.fail:
		return fmt.Sprintf("%s(b, %s, s)", a.name, v)
	}
	return fmt.Sprintf("%s(b, %s)", a.name, v)
}

// function is the appender as a function value: with a Sink if it may fail.
func (a appender) function() string {
	switch {
	case a.fail:
		return a.fallible()
	case a.name != "":
		return a.name
	}
	return fmt.Sprintf("func(b []byte, v %s) []byte { return %s }", a.typ, a.expr("v"))
}

// fallible is the appender as a function value that takes a Sink in any case.
func (a appender) fallible() string {
	switch {
	case a.fail && a.name != "":
		return a.name
	case a.fail:
		return fmt.Sprintf("func(b []byte, v %s, s *breadth.Sink) []byte { return %s }", a.typ, a.expr("v"))
	}
	return fmt.Sprintf("func(b []byte, v %s, _ *breadth.Sink) []byte { return %s }", a.typ, a.call("v"))
}

// leaf follows the cases of gqlgen's type.gotpl.
func (tb *tables) leaf(t *config.TypeReference) appender {
	switch {
	case t.IsPtrToSlice(), t.IsPtrToIntf(),
		t.IsPtrToPtr() && t.Unmarshaler == nil && !t.IsMarshaler:
		return tb.pointer(t, tb.leaf(t.Elem()))
	case t.IsSlice():
		return tb.list(t)
	case t.IsPtr() && !t.IsTargetNilable():
		return tb.pointer(t, tb.value(t.Elem()))
	case t.IsNilable():
		return tb.nilable(t)
	}
	return tb.value(t)
}

func (tb *tables) list(t *config.TypeReference) appender {
	elem, nullable, required := tb.leaf(t.Elem()), !t.GQL.NonNull, t.Elem().GQL.NonNull
	a := appender{typ: tb.ref(t.GO), fail: elem.fail}
	a.expr = func(v string) string {
		if elem.fail {
			return fmt.Sprintf("breadth.ListOf(b, %s, %t, %t, s, %s)", v, nullable, required, elem.function())
		}
		return fmt.Sprintf("breadth.List(b, %s, %t, %s)", v, nullable, elem.function())
	}
	return a
}

func (tb *tables) pointer(t *config.TypeReference, elem appender) appender {
	a := appender{typ: tb.ref(t.GO), fail: elem.fail || t.GQL.NonNull}
	name := "Ptr"
	if t.GQL.NonNull {
		name = "Required"
	}
	a.expr = func(v string) string {
		switch {
		case elem.fail:
			return fmt.Sprintf("breadth.%sOf(b, %s, s, %s)", name, v, elem.function())
		case t.GQL.NonNull:
			return fmt.Sprintf("breadth.%s(b, %s, s, %s)", name, v, elem.function())
		}
		return fmt.Sprintf("breadth.%s(b, %s, %s)", name, v, elem.function())
	}
	return a
}

// nilable is for values whose own type has a nil: maps, interfaces, slices.
func (tb *tables) nilable(t *config.TypeReference) appender {
	value := tb.value(t)
	typ := tb.ref(t.GO)
	return appender{typ: typ, fail: true, expr: func(v string) string {
		return fmt.Sprintf("breadth.Nilable(b, %s, s, %t, func(v %s) bool { return v == nil }, %s)", v, t.GQL.NonNull, typ, value.fallible())
	}}
}

// value is for values that are there.
func (tb *tables) value(t *config.TypeReference) appender {
	typ := tb.ref(t.GO)
	a := appender{typ: typ}
	checked := func(expr func(v string) string) appender {
		if !t.GQL.NonNull {
			return appender{typ: typ, expr: expr}
		}
		return appender{typ: typ, fail: true, expr: func(v string) string {
			return fmt.Sprintf("s.NoNull(%s, len(b))", expr(v))
		}}
	}
	switch {
	case hasAppendJSON(t.GO):
		return checked(func(v string) string { return v + ".AppendJSON(b)" })
	case t.IsMarshaler && t.Definition.Kind == ast.Enum && isCheckedEnum(t.GO):
		a.name, a.fail = fmt.Sprintf("breadth.Enum[%s]", typ), true
		return a
	case t.IsMarshaler && t.IsContext:
		a.fail = true
		a.expr = func(v string) string { return fmt.Sprintf("breadth.MarshalContext(b, %s, s)", v) }
		return a
	case t.IsMarshaler:
		return checked(func(v string) string { return fmt.Sprintf("breadth.Marshal(b, %s)", v) })
	case t.HasEnumValues():
		table := t.EnumMarshalVar(tb.Config.UseFunctionSyntaxForExecutionContext)
		a.fail = true
		a.expr = func(v string) string { return fmt.Sprintf("breadth.EnumName(b, %s[%s], s)", table, v) }
		return a
	}
	return tb.marshalFunc(t, a, checked)
}

// marshalFunc is for scalars with a Marshal function, such as gqlgen's own.
func (tb *tables) marshalFunc(t *config.TypeReference, a appender, checked func(func(string) string) appender) appender {
	cast := func(v string) string {
		if t.CastType != nil {
			return fmt.Sprintf("%s(%s)", tb.ref(t.CastType), v)
		}
		return v
	}
	if isGqlgen(t.Marshaler) {
		plain := t.GO
		if t.CastType != nil {
			plain = t.CastType
		}
		name, fails, nulls := directAppender(t.Marshaler.Name(), tb.ref(plain))
		switch {
		case name == "":
		case nulls:
			return checked(func(v string) string { return fmt.Sprintf("%s(b, %s)", name, cast(v)) })
		case t.CastType == nil:
			a.name, a.fail = name, fails
			return a
		default:
			direct := appender{name: name, fail: fails}
			a.fail, a.expr = fails, func(v string) string { return direct.call(cast(v)) }
			return a
		}
	}
	marshal := templates.Call(t.Marshaler)
	if t.IsTargetNilable() && !t.IsNilable() {
		inner := cast
		cast = func(v string) string { return "&" + inner(v) }
	}
	if t.IsContext {
		a.fail = true
		a.expr = func(v string) string { return fmt.Sprintf("breadth.MarshalContext(b, %s(%s), s)", marshal, cast(v)) }
		return a
	}
	return checked(func(v string) string { return fmt.Sprintf("breadth.Marshal(b, %s(%s))", marshal, cast(v)) })
}

// directAppender names the runtime's function for one of gqlgen's; it may fail, or give a null.
func directAppender(marshaler, typ string) (name string, fails, nulls bool) {
	switch marshaler {
	case "MarshalString", "MarshalID":
		return "breadth.String", false, false
	case "MarshalInt", "MarshalInt8", "MarshalInt16", "MarshalInt32", "MarshalInt64":
		return fmt.Sprintf("breadth.Int[%s]", typ), false, false
	case "MarshalUint", "MarshalUint8", "MarshalUint16", "MarshalUint32", "MarshalUint64":
		return fmt.Sprintf("breadth.Uint[%s]", typ), false, false
	case "MarshalIntID":
		return fmt.Sprintf("breadth.IntID[%s]", typ), false, false
	case "MarshalBoolean":
		return "breadth.Boolean", false, false
	case "MarshalFloat", "MarshalFloatContext":
		return "breadth.Float", true, false
	case "MarshalTime":
		return "breadth.Time", false, true
	}
	return "", false, false
}

func isGqlgen(f *types.Func) bool {
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == gqlgenPackage
}

// hasAppendJSON looks for AppendJSON(b []byte) []byte.
func hasAppendJSON(t types.Type) bool {
	sig := method(t, "AppendJSON")
	return sig != nil && sig.Params().Len() == 1 && sig.Results().Len() == 1 &&
		isBytes(sig.Params().At(0).Type()) && isBytes(sig.Results().At(0).Type())
}

// isCheckedEnum recognises the enums of gqlgen's model generator.
func isCheckedEnum(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	sig := method(t, "IsValid")
	return ok && basic.Kind() == types.String &&
		sig != nil && sig.Params().Len() == 0 && sig.Results().Len() == 1 && sig.Results().At(0).Type() == types.Typ[types.Bool]
}

// method is the signature of a method with a value receiver.
func method(t types.Type, name string) *types.Signature {
	sel := types.NewMethodSet(types.Unalias(t)).Lookup(nil, name)
	if sel == nil {
		return nil
	}
	return sel.Obj().(*types.Func).Signature()
}

func isBytes(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Byte
}
