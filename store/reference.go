package store

import (
	"slices"
	"sync/atomic"
)

// Reference tables are small as a rule: genres, media types. To wait for rows, to collect the ids of what
// they refer to, and to ask for these in another round trip costs more than to read such a table whole,
// beside the rows and from a shard that is asked for them anyway. A table that turns out to have more rows
// than is worth it is remembered, and asked by id as any other.

// fewRows is how many rows a table may have to be read whole.
const fewRows = 64

// wholeTable is what a table knows of being read whole.
type wholeTable[T any] struct {
	statements statements[Columns]
	isLarge    atomic.Bool
}

// leadsTo are the reference tables that fields of this one lead to, and that anybody may see. Rows that
// not everybody may see are not read before it is known that somebody does.
func (t *Table[T]) leadsTo(fields []string) []Kind {
	var all []Kind
	for _, f := range fields {
		k, ok := t.References[f]
		if !ok || slices.Contains(all, k) {
			continue
		}
		if owners, gate := tables[k].who(); owners == nil && gate == nil {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	return all
}

// Beside are the reference tables whose rows an operation most likely needs next to those of a query.
func (n *Needs) Beside(q *Query) []Kind {
	if n == nil {
		return nil
	}
	if q.below != 0 && len(n.references[q.below]) > 0 {
		return slices.Concat(n.references[q.Kind], n.references[q.below])
	}
	return n.references[q.Kind]
}

// AllQuery asks for all rows of a reference table.
type AllQuery[T any] struct {
	Query
	table *Table[T]
	rows  *AlongRows[T]
}

// All asks for all rows of a reference table, of the shard that those queries ask which leave together.
// It is nil where the table is known to be large.
func (t *Table[T]) All(s *Store, beside []*Query, needs *Needs) *AllQuery[T] {
	if !t.Reference || t.all.isLarge.Load() {
		return nil
	}
	chosen := t.choose(needs.columns(t.Kind))
	if t.all.statements.full(chosen.set) {
		chosen = t.choose(allColumns)
	}
	statement := t.all.statements.get(chosen.set, func() *Statement {
		return newStatement("SELECT "+chosen.columns("t")+" FROM "+t.Name+" AS t LIMIT $1", chosen.formats())
	})
	q := &AllQuery[T]{Query: Query{Loader: t.Loader, Kind: t.Kind}, table: t}
	q.rows = &AlongRows[T]{table: t, chosen: chosen, slab: slab[T]{expected: fewRows / 2}}
	d := &Decoder{}
	q.Parts = []Part{{
		Shard: s.asked(beside), Statement: statement, Params: []Param{limitParam(fewRows + 1)},
		Row: func(v [][]byte) { q.rows.read(d, v) },
	}}
	return q
}

// asked is a shard that queries ask, that of reference tables if it is among them.
func (s *Store) asked(queries []*Query) int {
	first := -1
	for _, q := range queries {
		for i := range q.Parts {
			switch at := q.Parts[i].Shard; {
			case at == s.reference:
				return at
			case first < 0:
				first = at
			}
		}
	}
	if first < 0 {
		return s.reference
	}
	return first
}

// Take gives the rows that came: all that there are, or none where the shard failed, or some of a table
// that is not asked for as a whole any more.
func (q *AllQuery[T]) Take() Along {
	if q.Err() != nil {
		q.rows.Rows = nil
	}
	if len(q.rows.Rows) > fewRows {
		q.table.all.isLarge.Store(true)
	}
	return q.rows
}
