package breadth

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// This file is the part of the writer that only an answer with errors needs: paths, and reports.

// pathEntry is a field of the response path, or with field == nil an index.
type pathEntry struct {
	field *FieldPlan
	index int
}

func (w *writer) enter(f *FieldPlan) {
	if w.careful {
		w.path = append(w.path, pathEntry{field: f})
	}
}

func (w *writer) enterIndex(i int) {
	if w.careful {
		w.path = append(w.path, pathEntry{index: i})
	}
}

func (w *writer) leave() {
	if w.careful {
		w.path = w.path[:len(w.path)-1]
	}
}

// context rebuilds gqlgen's chain of field contexts for the current place. Only errors need it.
func (w *writer) context() context.Context {
	ctx := graphql.WithFieldContext(w.run.ctx, &graphql.FieldContext{Object: w.run.plan.root.typ.Name})
	for _, e := range w.path {
		fc := &graphql.FieldContext{Index: &e.index}
		if e.field != nil {
			fc = e.field.fieldContext()
			if e.field.slot >= 0 {
				fc.Args = w.run.calls[e.field.slot].Args
			}
		}
		ctx = graphql.WithFieldContext(ctx, fc)
	}
	return ctx
}

// reported are the paths of the errors that were there before the answer was written.
func reported(ctx context.Context) map[string]bool {
	var paths map[string]bool
	for _, err := range graphql.GetErrors(ctx) {
		if paths == nil {
			paths = map[string]bool{}
		}
		paths[err.Path.String()] = true
	}
	return paths
}

// leaves writes a run leaf by leaf.
func (w *writer) leaves(b []byte, t *Type, objs any, i int, run []Leaf) ([]byte, bool) {
	valid := true
	for j := range run {
		f := run[j].field
		b = append(b, run[j].Key...)
		bare := []Leaf{{Num: run[j].Num}}
		w.enter(f)
		var ok bool
		b, ok = w.leaf(b, f, func(b []byte) []byte { return t.WriteRun(b, objs, i, bare, &w.sink) })
		w.leave()
		if !ok && f.nonNull[0] {
			valid = false
		}
	}
	return b, valid
}

// leaf writes one leaf value and reports what goes wrong in it. It reports whether it is not null.
func (w *writer) leaf(b []byte, f *FieldPlan, write func(b []byte) []byte) (out []byte, valid bool) {
	at := len(b)
	defer func() {
		if p := recover(); p != nil {
			w.fieldError(f, w.run.recovered(w.context(), p))
			out, valid = append(b, "null"...), false // b still ends at the leaf
		}
	}()
	w.sink.found, w.sink.index = w.sink.found[:0], w.sink.index[:0]
	out = write(b)
	valid = !isNull(out, at)
	depth := len(w.path)
	for _, e := range w.sink.found {
		for _, i := range e.index {
			w.enterIndex(i)
		}
		if e.err != nil {
			w.fieldError(f, e.err)
		} else {
			w.invalidNull(f, len(e.index), e.source)
		}
		w.path = w.path[:depth]
	}
	if !valid && f.slot >= 0 && w.run.columns[f.slot].required && !f.nonNull[0] {
		w.invalidNull(f, 0, "")
	}
	return out, valid
}

// fieldError reports an execution error of a field at the current place. Errors are copied, since
// one error may stand for many objects.
func (w *writer) fieldError(f *FieldPlan, err error) {
	if !w.careful {
		w.sink.bad = true
		return
	}
	ctx := w.context()
	if list, ok := err.(gqlerror.List); ok {
		for _, one := range list {
			if one != nil {
				graphql.AddError(ctx, located(ctx, f, one))
			}
		}
		return
	}
	if arg, ok := err.(*argumentError); ok {
		err = arg.under(graphql.GetPath(ctx))
	}
	graphql.AddError(ctx, located(ctx, f, err))
}

// located gives an error its path and the field's location in the document.
func located(ctx context.Context, f *FieldPlan, err error) error {
	var placed gqlerror.Error
	inner, ok := errors.AsType[*gqlerror.Error](err)
	if ok {
		placed = *inner
	} else {
		placed = gqlerror.Error{Err: err, Message: err.Error()}
	}
	if placed.Path == nil {
		placed.Path = graphql.GetPath(ctx)
	}
	if pos := f.nodes[0].Position; placed.Locations == nil && pos != nil && pos.Line > 0 {
		placed.Locations = []gqlerror.Location{{Line: pos.Line, Column: pos.Column}}
	}
	if ok && error(inner) != err {
		return &annotated{error: err, placed: &placed}
	}
	return &placed
}

// annotated keeps what was wrapped around a GraphQL error visible to error presenters.
type annotated struct {
	error
	placed *gqlerror.Error
}

func (e *annotated) Unwrap() []error { return []error{e.placed, e.error} }

// invalidNull reports a null that the schema forbids, depth lists inside field f.
func (w *writer) invalidNull(f *FieldPlan, depth int, source graphql.NullSource) {
	if !w.careful {
		w.sink.bad = true
		return
	}
	ctx := w.context()
	path := graphql.GetPath(ctx)
	if w.told[path.String()] {
		return // one error for one place
	}
	if source == "" {
		switch {
		case depth == 0 && !f.nonNull[0]:
			source = graphql.NullSourceRuntimeNonNull
		case f.def.IsResolver:
			source = graphql.NullSourceResolver
		case f.def.IsMethod:
			source = graphql.NullSourceModelMethod
		default:
			source = graphql.NullSourceModelField
		}
	}
	graphql.AddError(ctx, located(ctx, f, &graphql.InvalidNullError{
		Object: f.typ.Name, Field: f.nodes[0].Name, DeclaredType: f.at(depth).String(),
		Source: source, ListElement: depth > 0, Path: path,
	}))
}
