package feed

import (
	"fmt"
	"slices"
	"strconv"
)

// Table is a table whose changes are wanted, and which of its columns.
type Table struct {
	// Name as a query would say it; it is looked up in the search path.
	Name string
	// Columns in the order in which [Row] has them: the key, and those that name parents.
	Columns []string
}

// relation is what the shard says of a table before the first change of its rows, and again after
// the table was altered.
type relation struct {
	// table is the index in Config.Tables, -1 if nobody asked for it.
	table int
	// wanted has for each column of a tuple its place in Row, or -1.
	wanted []int
	// integer says which places in Row hold integers.
	integer []bool
	// identity says which places in Row are sent with old rows.
	identity []bool
	// full is whether all columns are: then an old row comes with each update.
	full bool
}

// The types whose values are integers, by their fixed numbers.
const (
	int8OID = 20
	int2OID = 21
	int4OID = 23
)

// readRelation reads a message R behind its first byte. It gives the number of the table as well.
func readRelation(m *message, tables []Table, byOID map[uint32]int) (uint32, *relation, error) {
	oid := m.uint32()
	_, name := m.text(), m.text()
	r := &relation{table: -1, full: m.byte() == 'f'}
	index, ok := byOID[oid]
	var columns []string
	if ok {
		r.table = index
		columns = tables[index].Columns
		r.integer, r.identity = make([]bool, len(columns)), make([]bool, len(columns))
	}
	found := 0
	for n := m.uint16(); n > 0 && m.err == nil; n-- {
		key := m.byte()&1 == 1
		column := m.text()
		oid := m.uint32()
		m.uint32() // the type's modifier
		place := slices.Index(columns, column)
		r.wanted = append(r.wanted, place)
		if place >= 0 {
			found++
			r.integer[place] = oid == int8OID || oid == int4OID || oid == int2OID
			r.identity[place] = key || r.full
		}
	}
	if err := m.end(); err != nil {
		return 0, nil, err
	}
	if found < len(columns) {
		return 0, nil, fmt.Errorf("table %s lacks one of the columns %v", name, columns)
	}
	return oid, r, nil
}

// appendRow reads a tuple. With only, the columns outside the replica identity are not known,
// whatever the tuple has in their places. An unchanged value is taken from before, if that is given.
func (r *relation) appendRow(values []Value, m *message, only bool, before Row) ([]Value, error) {
	if n := m.uint16(); n != len(r.wanted) {
		m.fail(fmt.Errorf("a row has %d columns, and its table %d", n, len(r.wanted)))
		return values, m.err
	}
	start := len(values)
	values = append(values, make([]Value, len(r.integer))...)
	for _, place := range r.wanted {
		sort, bytes := m.column()
		if m.err != nil {
			return values[:start], m.err
		}
		if place < 0 || only && !r.identity[place] {
			continue
		}
		v := &values[start+place]
		switch {
		case sort == 'n':
			v.kind = null
		case sort == 'u':
			if before != nil {
				*v = before[place]
			}
		case r.integer[place]:
			n, err := strconv.ParseInt(string(bytes), 10, 64)
			if err != nil {
				m.fail(fmt.Errorf("read an integer: %w", err))
				return values[:start], m.err
			}
			v.kind, v.number = number, n
		default:
			v.kind, v.text = text, string(bytes)
		}
	}
	return values, nil
}
