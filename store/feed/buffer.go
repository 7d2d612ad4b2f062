package feed

import "time"

// buffer collects changes until the sink takes them, and is used again after that, so that a
// steady feed allocates nothing for integers.
type buffer struct {
	changes        []Change
	values         []Value
	xids           []uint32 // the transactions that the changes belong to
	size           int      // of texts, in bytes
	oldest, newest time.Time
	// end is where the last complete transaction ends, or a place up to which there was none.
	end LSN
}

func (b *buffer) reset() {
	clear(b.values)
	clear(b.changes)
	*b = buffer{changes: b.changes[:0], values: b.values[:0], xids: b.xids[:0]}
}

// row reads a tuple into memory of the buffer.
func (b *buffer) row(r *relation, m *message, only bool, before Row) (Row, error) {
	start := len(b.values)
	values, err := r.appendRow(b.values, m, only, before)
	if err != nil {
		return nil, err
	}
	return b.keep(start, values), nil
}

// unchanged is the old row of an update that came without one: the columns of the replica identity
// are what they were.
func (b *buffer) unchanged(r *relation, now Row) Row {
	start := len(b.values)
	values := append(b.values, now...)
	for i, known := range r.identity {
		if !known {
			values[start+i] = Value{}
		}
	}
	return b.keep(start, values)
}

func (b *buffer) keep(start int, values []Value) Row {
	b.values = values
	row := values[start:len(values):len(values)]
	for i := range row {
		b.size += len(row[i].text)
	}
	return row
}

func (b *buffer) add(c Change, committed time.Time, xid uint32) {
	b.changes = append(b.changes, c)
	if n := len(b.xids); n == 0 || b.xids[n-1] != xid {
		b.xids = append(b.xids, xid)
	}
	if b.oldest.IsZero() {
		b.oldest = committed
	}
	b.newest = committed
}

func (b *buffer) batch() Batch {
	return Batch{Changes: b.changes, Oldest: b.oldest, Newest: b.newest, LSN: b.end}
}
