package store

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/tinylib/msgp/msgp"
)

// CachePolicy says for how many seconds something is kept in the cache: how long it is fresh, how much
// longer it is served while it is loaded anew, and where that fails.
type CachePolicy struct {
	TTL, StaleWhileRevalidate, StaleIfError int
	// Private says that each viewer has their own, and nobody else has any of it.
	Private bool
}

// Policy is the one of rows by their ids, nil if they are not kept. Rows that are not everybody's are kept
// for one viewer or not at all, whatever was written down.
func (t *Table[T]) Policy() *CachePolicy { return t.mayKeep(t.Cache) }

func (t *Table[T]) mayKeep(c *CachePolicy) *CachePolicy {
	if c == nil || !c.Private && (t.Owners != nil || t.Gate != nil) {
		return nil
	}
	return c
}

// Policy is the one of pages and totals, nil if they are not kept.
func (l *List[T]) Policy() *CachePolicy { return l.Table.mayKeep(l.Cache) }

// AppendRow writes a row, all columns of which must have been read, for the cache: a MessagePack array
// of its columns.
func (t *Table[T]) AppendRow(b []byte, row *T) []byte {
	p := Packer{msgp.AppendArrayHeader(b, uint32(len(t.Columns)))} //nolint:gosec // as many as the schema has
	t.Pack(&p, row)
	return p.b
}

// ReadRow reads what AppendRow wrote, and gives what lies behind it. The row keeps b, which nobody may
// change any more.
func (t *Table[T]) ReadRow(b []byte, row *T) (rest []byte, err error) {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err == nil && int(n) != len(t.Columns) {
		err = fmt.Errorf("%d columns instead of %d", n, len(t.Columns))
	}
	u := Unpacker{b: b, err: err}
	t.Unpack(&u, row)
	if u.err != nil {
		return nil, fmt.Errorf("unpack a row of %s: %w", t.Name, u.err)
	}
	return u.b, nil
}

// Packer writes columns one behind the other.
type Packer struct{ b []byte }

// ID writes an id, or 0.
func (p *Packer) ID(v ID) { p.b = msgp.AppendInt64(p.b, int64(v)) }

// Int writes an integer.
func (p *Packer) Int(v int32) { p.b = msgp.AppendInt32(p.b, v) }

// Float writes a number.
func (p *Packer) Float(v float64) { p.b = msgp.AppendFloat64(p.b, v) }

// Bool writes true or false.
func (p *Packer) Bool(v bool) { p.b = msgp.AppendBool(p.b, v) }

// String writes a text.
func (p *Packer) String(v string) { p.b = msgp.AppendString(p.b, v) }

// Time writes a time, to the microsecond.
func (p *Packer) Time(v time.Time) { p.b = msgp.AppendInt64(p.b, v.UnixMicro()) }

// NullInt writes an integer that may be nil.
func (p *Packer) NullInt(v *int32) { packNull(p, v, p.Int) }

// NullFloat writes a number that may be nil.
func (p *Packer) NullFloat(v *float64) { packNull(p, v, p.Float) }

// NullBool writes a bool that may be nil.
func (p *Packer) NullBool(v *bool) { packNull(p, v, p.Bool) }

// NullString writes a text that may be nil.
func (p *Packer) NullString(v *string) { packNull(p, v, p.String) }

// NullTime writes a time that may be nil.
func (p *Packer) NullTime(v *time.Time) { packNull(p, v, p.Time) }

func packNull[T any](p *Packer, v *T, write func(T)) {
	if v == nil {
		p.b = msgp.AppendNil(p.b)
		return
	}
	write(*v)
}

// Unpacker reads columns one behind the other. After an error it gives zero values.
type Unpacker struct {
	b   []byte
	err error
}

// unpack reads one value.
func unpack[T any](u *Unpacker, read func(b []byte) (T, []byte, error)) (v T) {
	if u.err == nil {
		v, u.b, u.err = read(u.b)
	}
	return v
}

func unpackNull[T any](u *Unpacker, read func() T) *T {
	if u.err == nil && msgp.IsNil(u.b) {
		u.b, u.err = msgp.ReadNilBytes(u.b)
		return nil
	}
	v := read()
	if u.err != nil {
		return nil
	}
	return &v
}

// ID reads an id, or 0.
func (u *Unpacker) ID() ID { return ID(unpack(u, msgp.ReadInt64Bytes)) }

// Int reads an integer.
func (u *Unpacker) Int() int32 { return unpack(u, msgp.ReadInt32Bytes) }

// Float reads a number.
func (u *Unpacker) Float() float64 { return unpack(u, msgp.ReadFloat64Bytes) }

// Bool reads true or false.
func (u *Unpacker) Bool() bool { return unpack(u, msgp.ReadBoolBytes) }

// String reads a text, which shares the bytes that it was read from.
func (u *Unpacker) String() string {
	b := unpack(u, msgp.ReadStringZC)
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // nobody changes them
}

// Decimal reads a decimal.
func (u *Unpacker) Decimal() Decimal { return Decimal(u.String()) }

// Time reads a time, in UTC.
func (u *Unpacker) Time() time.Time {
	micro := unpack(u, msgp.ReadInt64Bytes)
	if u.err != nil {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}

// NullInt reads an integer or nil.
func (u *Unpacker) NullInt() *int32 { return unpackNull(u, u.Int) }

// NullFloat reads a number or nil.
func (u *Unpacker) NullFloat() *float64 { return unpackNull(u, u.Float) }

// NullBool reads a bool or nil.
func (u *Unpacker) NullBool() *bool { return unpackNull(u, u.Bool) }

// NullString reads a text or nil.
func (u *Unpacker) NullString() *string { return unpackNull(u, u.String) }

// NullDecimal reads a decimal or nil.
func (u *Unpacker) NullDecimal() *Decimal { return unpackNull(u, u.Decimal) }

// NullTime reads a time or nil.
func (u *Unpacker) NullTime() *time.Time { return unpackNull(u, u.Time) }
