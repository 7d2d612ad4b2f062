package store

import (
	"encoding/binary"
	"slices"
)

// RowsQuery asks for rows by id.
type RowsQuery[T any] struct {
	Query
	parts []rowsPart[T]
	along []Along

	// Most batches are one key or lie on one shard, and need no room elsewhere.
	ownPart   [1]Part
	ownParts  [1]rowsPart[T]
	ownChoice [maxAlong + 1]*choice
}

// rowsPart are the rows of one shard. One goroutine reads them.
type rowsPart[T any] struct {
	keyedPart
	table *Table[T]
	view  *view
	rows  []*T // aligned with the keys
	slab  []T
	above []Along

	decoder Decoder
	places  []uint16 // of the columns that are read
	next    int      // where the next row most likely belongs
	denied  []ID     // out of reach

	ownRow   [1]*T
	ownAbove [maxAlong]Along
	ownParam [1]Param
	ownKey   [8]byte
}

// keyedPart are the keys that one shard answers for, and their places in the batch.
type keyedPart struct {
	keys []ID
	at   []int32 // nil: the keys are the whole batch
}

// Rows asks for the rows with these ids, which must not repeat, and with each row for as many of
// the parents above it as along says: of all of them what is needed.
func (t *Table[T]) Rows(s *Store, ids []ID, along int, needs *Needs) *RowsQuery[T] {
	return t.RowsWithin(s, ids, along, needs, nil)
}

// RowsWithin is Rows without those out of reach; by says how far that is.
func (t *Table[T]) RowsWithin(s *Store, ids []ID, along int, needs *Needs, by Reacher) *RowsQuery[T] {
	parents := t.parents(along)
	view := viewOf(t, parents, by)
	q := &RowsQuery[T]{Query: Query{Loader: t.Loader, Kind: t.Kind, Keys: len(ids)}}
	q.Parts, q.parts = q.ownPart[:0], q.ownParts[:0]
	if len(s.pools) == 1 {
		q.add(t, 0, keyedPart{keys: ids}, parents, needs, view)
		return q
	}
	shards := s.split(ids, t.Reference)
	asked := 0
	for _, k := range shards {
		asked += min(1, len(k.keys))
	}
	if asked > 1 { // they never grow: each part is read where it is
		q.Parts, q.parts = make([]Part, 0, asked), make([]rowsPart[T], 0, asked)
	}
	for i, k := range shards {
		q.add(t, i, k, parents, needs, view)
	}
	return q
}

// add asks a shard for its keys, if there are any.
func (q *RowsQuery[T]) add(t *Table[T], shard int, k keyedPart, parents []Parent, needs *Needs, v *view) {
	n := len(k.keys)
	if n == 0 {
		return
	}
	statement, chosen := t.statement(q.ownChoice[:0], parents, needs, v, n == 1)
	q.parts = append(q.parts, rowsPart[T]{keyedPart: k, table: t, view: v, places: chosen[0].places, slab: make([]T, n)})
	p := &q.parts[len(q.parts)-1]
	p.decoder.expected = n * textOfRow
	if p.rows = p.ownRow[:]; n > 1 {
		p.rows = make([]*T, n)
	}
	p.above = p.ownAbove[:0]
	for i, parent := range parents {
		p.above = append(p.above, parent.Table.along(chosen[i+1], n))
	}
	if q.along == nil {
		q.along = slices.Clip(p.above)
	} else {
		q.along = append(q.along, p.above...)
	}
	q.Parts = append(q.Parts, Part{Shard: shard, Statement: statement, Params: p.params(), Row: p.read})
}

// params are the ids, and what the view adds.
func (p *rowsPart[T]) params() []Param {
	if len(p.keys) > 1 || p.view != nil {
		return p.view.params(p.keys)
	}
	id := binary.BigEndian.AppendUint64(p.ownKey[:0], uint64(p.keys[0])) //nolint:gosec // two's complement on the wire
	p.ownParam[0] = Param{Value: id, Format: 1}
	return p.ownParam[:]
}

// read takes a row, and the rows above that came with it.
func (p *rowsPart[T]) read(v [][]byte) {
	id := p.decoder.ID(v[0])
	if !p.view.admits(v) {
		p.denied = append(p.denied, id)
		return
	}
	at := seek(p.keys, id, p.next)
	if at < 0 || p.rows[at] != nil {
		return
	}
	row := &p.slab[at]
	p.table.Decode(&p.decoder, row, p.places, v)
	p.rows[at], p.next = row, at+1
	v = v[len(p.places):]
	for _, a := range p.above {
		v = a.read(&p.decoder, v)
	}
}

// Take gives the row of each id, nil where there is none, and the errors of the ids whose shard
// failed (nil: no error).
func (q *RowsQuery[T]) Take() ([]*T, []error) {
	if len(q.parts) == 1 && q.parts[0].at == nil && q.Parts[0].Err == nil {
		return q.parts[0].rows, nil
	}
	out := make([]*T, q.Keys)
	var errs []error
	for i := range q.parts {
		p := &q.parts[i]
		errs = p.scatterErr(errs, q.Keys, q.Parts[i].Err)
		for k, row := range p.rows {
			out[p.place(k)] = row
		}
	}
	return out, errs
}

// Denied are the ids of the rows that exist, but out of reach.
func (q *RowsQuery[T]) Denied() []ID {
	var all []ID
	for i := range q.parts {
		all = append(all, q.parts[i].denied...)
	}
	return all
}

// Along are the parents that came with the rows.
func (q *RowsQuery[T]) Along() []Along { return q.along }

func (k *keyedPart) place(i int) int {
	if k.at == nil {
		return i
	}
	return int(k.at[i])
}

// scatterErr gives every key of a failed part its error.
func (k *keyedPart) scatterErr(errs []error, n int, err error) []error {
	if err == nil {
		return errs
	}
	if errs == nil {
		errs = make([]error, n)
	}
	for i := range k.keys {
		errs[k.place(i)] = err
	}
	return errs
}

// seek finds id in keys, looking from place next on: rows mostly come in the order of the keys.
func seek(keys []ID, id ID, next int) int {
	for i := next; i < len(keys); i++ {
		if keys[i] == id {
			return i
		}
	}
	for i := range keys[:min(next, len(keys))] {
		if keys[i] == id {
			return i
		}
	}
	return -1
}

// split gives each shard its keys. Reference rows are all asked of one shard.
func (s *Store) split(ids []ID, reference bool) []keyedPart {
	parts := make([]keyedPart, len(s.pools))
	if reference {
		parts[s.reference].keys = ids
		return parts
	}
	if len(s.pools) == 1 {
		parts[0].keys = ids
		return parts
	}
	for i, id := range ids {
		p := &parts[s.topology.Owner(id.Bucket())]
		p.keys, p.at = append(p.keys, id), append(p.at, int32(i))
	}
	return parts
}
