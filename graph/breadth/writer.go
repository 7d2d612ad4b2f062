package breadth

import (
	"github.com/99designs/gqlgen/graphql"
)

// writer writes the answer of a run, once, in selection order. A null that a non-null type forbids
// takes back what was written of its parent (Handling Execution Errors).
//
// The first pass is fast: it only notes that something is wrong, which is rare. Then a second,
// careful pass writes the same again, leaf by leaf, and reports every error with its path, in the
// order of the response.
type writer struct {
	run     *run
	sink    Sink
	careful bool
	most    int // bytes of a buffer after which lists go on no longer: nobody takes what is written
	path    []pathEntry
	told    map[string]bool // paths of errors that resolvers reported themselves
}

// The buffer goes through the calls by value: kept in the writer it would cost a write barrier for
// every append while the collector marks.

// write appends the whole answer, or more than most bytes in all.
func (r *run) write(b []byte, most int) []byte {
	start := len(b)
	if !r.failed {
		w := writer{run: r, most: most, sink: Sink{ctx: r.ctx}}
		if out, ok := w.fast(b); ok {
			if r.found != nil && len(out) <= most && len(graphql.GetErrors(r.ctx)) == 0 {
				r.found.end(r, out)
			}
			return out
		}
	}
	w := writer{run: r, careful: true, most: most, sink: Sink{ctx: r.ctx, careful: true}}
	w.told = reported(r.ctx)
	return w.root(b[:start])
}

// fast reports whether the answer is good as it is.
func (w *writer) fast(b []byte) (out []byte, ok bool) {
	defer func() {
		if p := recover(); p != nil { // a model's method; the careful pass finds out which
			ok = false
		}
	}()
	out = w.root(b)
	return out, !w.sink.bad
}

// object is ExecuteSelectionSet for object i of a level: its fields are known by now. It reports
// whether the object is not null.
func (w *writer) object(b []byte, sel *Selection, i int) ([]byte, bool) {
	start, valid := len(b), true
	objs := w.run.levels[sel.id].Objs
	for j := range sel.steps {
		s := &sel.steps[j]
		if s.field == nil {
			if !w.careful {
				b = sel.typ.WriteRun(b, objs, i, s.run, &w.sink)
				continue
			}
			var ok bool
			b, ok = w.leaves(b, sel.typ, objs, i, s.run)
			valid = valid && ok
			continue
		}
		f := s.field
		c := &w.run.columns[f.slot]
		if c.repeats && !w.careful {
			b = w.repeated(b, s, c, i)
			continue
		}
		b = append(b, s.key...)
		w.enter(f)
		var ok bool
		b, ok = w.completeValue(b, f, i)
		w.leave()
		if !ok && (f.nonNull[0] || c.required) {
			valid = false
		}
	}
	if !valid {
		return append(b[:start], "null"...), false
	}
	return append(b, sel.close...), true
}

// completeValue is CompleteValue of the specification. It reports whether the value is not null.
func (w *writer) completeValue(b []byte, f *FieldPlan, i int) ([]byte, bool) {
	c := &w.run.columns[f.slot]
	if c.Err != nil || c.Errs != nil {
		if err := c.failure(i); err == ErrNull {
			return w.null(b, f, c, 0)
		} else if err != nil {
			w.fieldError(f, err)
			return append(b, "null"...), false
		}
	}
	switch {
	case c.Append != nil:
		if !w.careful {
			return c.Append(b, i, &w.sink), true
		}
		return w.leaf(b, f, func(b []byte) []byte { return c.Append(b, i, &w.sink) })
	case c.list.off != nil:
		return w.list(b, f, c, &c.list, 0, i)
	default:
		return w.element(b, f, c, 0, i)
	}
}

// list writes list i of those inside depth others.
func (w *writer) list(b []byte, f *FieldPlan, c *Column, l *Offsets, depth, i int) ([]byte, bool) {
	if l.null != nil && l.null[i] {
		return w.null(b, f, c, depth)
	}
	start, valid := len(b), true
	b = append(b, '[')
	from, to := int(l.off[i]), int(l.off[i+1])
	if !w.careful && l.inner == nil && c.kid == nil && c.ref == nil && to > from && c.kids[0].sel.plain {
		return append(w.plain(b, &c.kids[0], from, to), ']'), true
	}
	for k := from; k < to && len(b) <= w.most; k++ {
		if k > from {
			b = append(b, ',')
		}
		w.enterIndex(k - from)
		var ok bool
		if l.inner != nil {
			b, ok = w.list(b, f, c, l.inner, depth+1, k)
		} else {
			b, ok = w.element(b, f, c, depth+1, k)
		}
		w.leave()
		if !ok && f.nonNull[depth+1] {
			valid = false
		}
	}
	if !valid {
		return append(b[:start], "null"...), false
	}
	return append(b, ']'), true
}

// plain writes a part of objects that have nothing but plain leaf fields, with commas between them.
func (w *writer) plain(b []byte, kid *Objects, from, to int) []byte {
	sel, base := kid.sel, int(kid.base)
	objs, run := w.run.levels[sel.id].Objs, sel.steps[0].run
	for k := from; k < to && len(b) <= w.most; k++ {
		if k > from {
			b = append(b, ',')
		}
		b = sel.typ.WriteRun(b, objs, k+base, run, &w.sink)
		b = append(b, sel.close...)
	}
	return b
}

// repeated writes a field whose objects come more than once: from the second time on what has been
// written is copied, key and all. It stands until the careful pass, if there is one. A null, which has no
// number, is written anew; the type of the field allows it, or it makes the answer bad.
func (w *writer) repeated(b []byte, s *step, c *Column, i int) []byte {
	kid, k, start := &c.kids[0], i, len(b)
	if c.ref != nil {
		k = int(c.ref[i])
	}
	if k < 0 {
		b, _ = w.completeValue(append(b, s.key...), s.field, i)
		return b
	}
	written := &kid.copies[kid.alike[k]]
	if written.to > 0 {
		return append(b, b[written.from:written.to]...)
	}
	b = w.plain(append(b, s.key...), kid, k, k+1)
	*written = segment{start, len(b)}
	return b
}

// element writes object k of a column.
func (w *writer) element(b []byte, f *FieldPlan, c *Column, depth, k int) ([]byte, bool) {
	if c.kid == nil && c.ref == nil { // the usual case
		kid := &c.kids[0]
		return w.object(b, kid.sel, k+int(kid.base))
	}
	if c.ref[k] < 0 {
		if err := c.wrong[k]; err != nil {
			w.fieldError(f, w.run.recovered(w.context(), err))
			return append(b, "null"...), false
		}
		return w.null(b, f, c, depth)
	}
	kid := &c.kids[0]
	if c.kid != nil {
		kid = &c.kids[c.kid[k]]
	}
	return w.object(b, kid.sel, int(c.ref[k]+kid.base))
}

// null writes a null that the column holds.
func (w *writer) null(b []byte, f *FieldPlan, c *Column, depth int) ([]byte, bool) {
	if f.nonNull[depth] || depth == 0 && c.required {
		w.invalidNull(f, depth, graphql.NullSource(""))
	}
	return append(b, "null"...), false
}
