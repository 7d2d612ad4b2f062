package store

import (
	"slices"
	"sync"
)

// A Parent is the row that another is colocated with: the field that leads to it, the column that
// names it, and its table. A row and its parents lie in one bucket, so a statement that loads the
// row can bring the parents along, however many rows it loads.
type Parent struct {
	Field  string
	Column string
	Table  anyTable
}

// maxAlong bounds how many parents a statement brings: an invoice line's invoice and its customer.
const maxAlong = 3

// anyTable is a Table of any row type.
type anyTable interface {
	name() string
	names() []string
	formats() []int16
	kind() Kind
	parent() Parent
	who() ([]Owner, *Gate)
	Policy() *CachePolicy
	needs(fields []string) (c Columns, references []Kind, ok bool)
	choose(set Columns) *choice
	along(s *choice, n int) Along
}

func (t *Table[T]) parent() Parent { return t.Parent }

// who may see rows: their owners, and those whom the gate lets pass.
func (t *Table[T]) who() ([]Owner, *Gate) { return t.Owners, t.Gate }

// lineage are the parents of a table, found when they are first asked for.
type lineage struct {
	once sync.Once
	all  []Parent
}

// parents are the n tables above this one, fewer if there are not that many.
func (t *Table[T]) parents(n int) []Parent {
	l := &t.above
	l.once.Do(func() {
		for p := t.Parent; p.Table != nil && len(l.all) < maxAlong; p = p.Table.parent() {
			l.all = append(l.all, p)
		}
	})
	return l.all[:min(n, len(l.all)):min(n, len(l.all))]
}

// Above says how many parents to bring along where the fields in ahead are asked for below a row:
// "album" and "album.artist" are two.
func (t *Table[T]) Above(ahead []string) int {
	path := ""
	for n, p := range t.parents(maxAlong) {
		if n > 0 {
			path += "."
		}
		if path += p.Field; !slices.Contains(ahead, path) {
			return n
		}
	}
	return len(t.parents(maxAlong))
}

// Unkept is how many of n parents are to come along where there is a cache: none above the first whose
// rows are kept by their ids. It is found there, or gets there by being loaded by itself.
func (t *Table[T]) Unkept(n int) int {
	for i, p := range t.parents(n) {
		if p.Table.Policy() != nil {
			return i
		}
	}
	return n
}

// Along are the rows of one parent table that came along with a statement: an *AlongRows.
type Along interface {
	// Kind is that of the rows.
	Kind() Kind
	// read takes the table's columns from the front of values, and gives the rest.
	read(d *Decoder, values [][]byte) [][]byte
}

// AlongRows are the rows of a parent table, each once where its children came together.
type AlongRows[T any] struct {
	Rows   []*T
	table  *Table[T]
	chosen *choice
	slab   slab[T]
	last   ID
	one    [1]*T // room for Rows
}

func (t *Table[T]) along(s *choice, n int) Along {
	a := &AlongRows[T]{table: t, chosen: s, slab: slab[T]{expected: n}}
	a.Rows = a.one[:0]
	return a
}

// Kind is that of the rows.
func (a *AlongRows[T]) Kind() Kind { return a.table.Kind }

// Key is the id of a row.
func (a *AlongRows[T]) Key(row *T) ID { return a.table.Key(row) }

func (a *AlongRows[T]) read(d *Decoder, v [][]byte) [][]byte {
	n := len(a.chosen.places)
	if id := d.ID(v[0]); id != 0 && id != a.last {
		row := a.slab.next()
		a.table.Decode(d, row, a.chosen.places, v)
		a.Rows, a.last = append(a.Rows, row), id
	}
	return v[n:]
}
