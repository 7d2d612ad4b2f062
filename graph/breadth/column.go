package breadth

import (
	"fmt"
	"math"
	"slices"
)

// Column is what a field gave for all objects of its level, the parents.
type Column struct {
	// Err replaces all values; Errs has one entry for each parent, nil where its value holds.
	Err  error
	Errs []error

	// Append writes parent i's value, a leaf.
	Append func(b []byte, i int, s *Sink) []byte

	// Otherwise the values are objects. Without a list the elements are those of the parents;
	// with one, those of all lists, one list after the other.
	list  Offsets
	ref   []int32  // element → its place in its kid; -1: null; nil: the element's own number
	kid   []uint16 // element → kid; nil: the first
	kids  []Objects
	wrong map[int]error // elements that are of no type the schema knows

	required bool // null is forbidden by graphql.MarkNonNull
	repeats  bool // the objects of its kid have numbers, since some come more than once
}

// Offsets hold the lists of all parents, or of all lists around them.
type Offsets struct {
	off   []int32  // list i has the elements off[i] to off[i+1] of what is inside
	null  []bool   // nil: no list is null
	inner *Offsets // lists of lists
}

// Objects are all objects of one concrete type in a Column.
type Objects struct {
	Type int // Type.ID
	Objs any // []P
	N    int

	sel  *Selection
	base int32 // where they begin in the selection's level

	alike  []uint16  // object → its number among the distinct ones; nil: they are not told apart
	copies []segment // by that number: where the writer has written it
}

// segment is a part of the answer; empty: not written yet.
type segment struct{ from, to int }

func (c *Column) failure(i int) error {
	if c.Err != nil {
		return c.Err
	}
	if c.Errs != nil {
		return c.Errs[i]
	}
	return nil
}

// hasErrors reports whether there is something to tell about the column.
func (c *Column) hasErrors() bool {
	return c.Err != nil || c.wrong != nil || c.required ||
		slices.ContainsFunc(c.Errs, func(err error) bool { return err != nil && err != ErrNull })
}

// mayRepeat says that it has one object of a single type, or none, for each parent.
func (c *Column) mayRepeat() bool {
	return c.Err == nil && c.Errs == nil && c.Append == nil && c.list.off == nil && c.kid == nil && len(c.kids) == 1
}

// The constructors below turn what a resolver returned, or what the rows hold, into a Column.
// Generated code calls them: it knows the types and the shape.

// Leaves is a Column of one leaf value for each parent.
func Leaves[T any](errs []error, v []T, app func(b []byte, v T, s *Sink) []byte) Column {
	return Column{Errs: errs, Append: func(b []byte, i int, s *Sink) []byte { return app(b, v[i], s) }}
}

// Flatten opens a list around values; nullable: a nil one is null.
func Flatten[T any](v [][]T, nullable bool) ([]T, Offsets) {
	l := Offsets{off: make([]int32, len(v)+1)}
	n := 0
	for i, inner := range v {
		n += len(inner)
		l.off[i+1] = int32(n)
		if inner == nil && nullable {
			if l.null == nil {
				l.null = make([]bool, len(v))
			}
			l.null[i] = true
		}
	}
	if len(v) == 1 {
		return v[0], l
	}
	flat := make([]T, 0, n)
	for _, inner := range v {
		flat = append(flat, inner...)
	}
	return flat, l
}

// In puts a Column of elements into lists, the outermost first.
func (c Column) In(errs []error, lists ...Offsets) Column {
	for i := len(lists) - 1; i > 0; i-- {
		lists[i-1].inner = &lists[i]
	}
	c.Errs, c.list = errs, lists[0]
	return c
}

// Pointers is a Column of objects of one type, held by pointer.
func Pointers[T any](typ int, errs []error, v []*T) Column {
	for _, p := range v {
		if p == nil {
			return Nilables(typ, errs, v, func(p *T) bool { return p == nil })
		}
	}
	return Column{Errs: errs, kids: []Objects{{Type: typ, Objs: v, N: len(v)}}}
}

// Nilables is a Column of objects of one type, held by a Go type that has a nil.
func Nilables[P any](typ int, errs []error, v []P, isNil func(P) bool) Column {
	out := make([]P, 0, len(v))
	ref := make([]int32, len(v))
	for i, p := range v {
		ref[i] = -1
		if !isNil(p) && (errs == nil || errs[i] == nil) {
			ref[i] = int32(len(out))
			out = append(out, p)
		}
	}
	return Column{Errs: errs, ref: ref, kids: []Objects{{Type: typ, Objs: out, N: len(out)}}}
}

// Values is a Column of objects of one type, held by value.
func Values[T any](typ int, errs []error, v []T) Column {
	p := make([]*T, len(v))
	failed := false
	for i := range v {
		if errs == nil || errs[i] == nil {
			p[i] = &v[i]
		} else {
			failed = true
		}
	}
	if failed {
		return Pointers(typ, errs, p)
	}
	return Column{Errs: errs, kids: []Objects{{Type: typ, Objs: p, N: len(p)}}}
}

// Root is a Column of root objects: they are all one.
func Root(typ, n int) Column {
	return Column{ref: make([]int32, n), kids: []Objects{{Type: typ, N: 1}}}
}

// Abstract collects a Column of an interface or a union; generated code asks each value's type.
type Abstract struct {
	c Column
	n int
}

// NewAbstract is for n values of the given concrete types, whose objects Put numbers.
func NewAbstract(n int) Abstract {
	a := Abstract{c: Column{ref: make([]int32, n), kid: make([]uint16, n)}, n: n}
	for i := range a.c.ref {
		a.c.ref[i] = -1
	}
	return a
}

// Put says that value i is object number ref of kid.
func (a *Abstract) Put(i int, kid uint16, ref int) {
	a.c.kid[i], a.c.ref[i] = kid, int32(ref)
}

// Wrong says that value i has a Go type that the abstract type does not know.
func (a *Abstract) Wrong(i int, typ string, v any) {
	if a.c.wrong == nil {
		a.c.wrong = map[int]error{}
	}
	a.c.wrong[i] = fmt.Errorf("unexpected type %T for %s", v, typ)
}

// Column ends the collection.
func (a *Abstract) Column(errs []error, kids ...Objects) Column {
	a.c.Errs, a.c.kids = errs, kids
	return a.c
}

// Concat joins two levels; generated code makes it a Type's.
func Concat[P any](a, b any) any {
	if a == nil {
		return b
	}
	first, _ := a.([]P)
	second, _ := b.([]P)
	return append(slices.Clip(first), second...)
}

// fewAlike objects are written as fast as they are told apart, and so are objects among which each new
// one has been seen before less often than not.
const fewAlike = 16

// Alike numbers the objects of a level by identity: those with one number are the same object, although
// the same one may have several numbers, since only the last few are looked through. Many rows refer to
// the same few, such as tracks to genres. It gives nil where that is not so. Generated code makes it a
// Type's.
func Alike[T any](objs any) (numbers []uint16, distinct int) {
	level, _ := objs.([]*T)
	if len(level) < fewAlike || len(level) > math.MaxUint16 {
		return nil, 0
	}
	var last [8]*T
	var number [8]uint16
	numbers = make([]uint16, len(level))
	for i, p := range level {
		at := slices.Index(last[:], p)
		if at < 0 {
			if i >= fewAlike && distinct > i/2 {
				return nil, 0
			}
			at = distinct % len(last)
			last[at], number[at] = p, uint16(distinct)
			distinct++
		}
		numbers[i] = number[at]
	}
	return numbers, distinct
}

// Deref opens pointers, nil ones to zero values: for models that point at lists.
func Deref[T any](v []*T) []T {
	out := make([]T, len(v))
	for i, p := range v {
		if p != nil {
			out[i] = *p
		}
	}
	return out
}
