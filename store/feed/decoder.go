package feed

import (
	"errors"
	"fmt"
	"time"
)

// decoder turns the messages of one connection into changes. It is used by one goroutine.
type decoder struct {
	tables    []Table
	byOID     map[uint32]int
	relations map[uint32]*relation
	// committed is when the open transaction was committed: the shard sends none before that.
	committed time.Time
	// xid is its number.
	xid  uint32
	open bool
}

func newDecoder(tables []Table, byOID map[uint32]int) *decoder {
	return &decoder{tables: tables, byOID: byOID, relations: map[uint32]*relation{}}
}

var (
	errOutside = errors.New("it stands outside a transaction")
	errOpen    = errors.New("the transaction before has not ended")
	errNoTable = errors.New("its table was not described before")
)

// decode reads one message and adds what it says to b.
func (d *decoder) decode(data []byte, b *buffer) error {
	m := message{rest: data}
	kind := m.byte()
	before := len(b.changes)
	if err := d.read(kind, &m, b); err != nil {
		b.changes = b.changes[:before]
		return fmt.Errorf("decode message %q: %w", string(rune(kind)), err)
	}
	return nil
}

func (d *decoder) read(kind byte, m *message, b *buffer) error {
	switch kind {
	case 'B':
		m.lsn() // of the commit, which its own message has again
		d.committed = m.time()
		d.xid = m.uint32()
		if d.open {
			m.fail(errOpen)
		}
		d.open = m.err == nil
	case 'C':
		m.byte() // flags, of which there are none
		m.lsn()
		end := m.lsn()
		m.time()
		if !d.open {
			m.fail(errOutside)
		}
		if m.end() == nil {
			d.open = false
			b.end = max(b.end, end)
		}
	case 'R':
		oid, r, err := readRelation(m, d.tables, d.byOID)
		if err == nil {
			d.relations[oid] = r
		}
		return err
	case 'I', 'U', 'D':
		return d.row(kind, m, b)
	case 'T':
		d.truncate(m, b)
	case 'O', 'Y', 'M': // origins, types and messages of others
		return nil
	default:
		return errors.New("there is no such message in version 1 of the protocol")
	}
	return m.end()
}

// row reads an insert, update or delete.
func (d *decoder) row(kind byte, m *message, b *buffer) error {
	r := d.relations[m.uint32()]
	switch {
	case m.err != nil:
		return m.err
	case r == nil:
		return errNoTable
	case !d.open:
		return errOutside
	case r.table < 0:
		return nil
	}
	c := Change{Table: r.table}
	part := m.byte()
	var err error
	if part == 'K' || part == 'O' {
		if c.Old, err = b.row(r, m, part == 'K', nil); err != nil {
			return err
		}
		if kind == 'U' {
			part = m.byte()
		}
	}
	if part == 'N' {
		if c.New, err = b.row(r, m, false, c.Old); err != nil {
			return err
		}
	}
	switch {
	case kind == 'I' && c.New != nil && c.Old == nil:
		c.Op = Insert
	case kind == 'U' && c.New != nil:
		c.Op = Update
		if c.Old == nil {
			c.Old = b.unchanged(r, c.New)
		}
	case kind == 'D' && c.Old != nil && c.New == nil:
		c.Op = Delete
	default:
		return errors.New("it lacks a row")
	}
	if err := m.end(); err != nil {
		return err
	}
	b.add(c, d.committed, d.xid)
	return nil
}

func (d *decoder) truncate(m *message, b *buffer) {
	n := int(m.uint32())
	m.byte() // CASCADE, RESTART IDENTITY
	if !d.open {
		m.fail(errOutside)
	}
	for ; n > 0 && m.err == nil; n-- {
		oid := m.uint32()
		if r := d.relations[oid]; m.err == nil && r != nil && r.table >= 0 {
			b.add(Change{Table: r.table, Op: Truncate}, d.committed, d.xid)
		}
	}
}
