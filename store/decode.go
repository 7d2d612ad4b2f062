package store

import (
	"encoding/binary"
	"math"
	"strings"
	"time"
	"unsafe"
)

// A Decoder turns the raw values of one shard's rows into Go values. Strings and the targets of
// pointers are cut from chunks, so that a batch costs a few allocations and not some per row; a
// chunk lives as long as the last value cut from it. A Decoder serves one goroutine.
//
// All columns arrive in Postgres' binary format except numeric, which arrives as text (see
// [Table]). A nil value is NULL: the plain methods give the zero value, the Null ones nil.
type Decoder struct {
	text     strings.Builder
	expected int // bytes of text, likely
	strings  chunk[string]
	ints     chunk[int32]
	floats   chunk[float64]
	bools    chunk[bool]
	times    chunk[time.Time]
	numbers  chunk[Decimal]
}

// slab hands out rows from slices of some 8 KiB, which the allocator serves at once. expected says how
// many rows are likely to come: a few more than a slice holds get one of their own size.
type slab[T any] struct {
	free     []T
	expected int
}

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		var row T
		n := max(8, 8<<10/max(1, int(unsafe.Sizeof(row))))
		if s.expected > 0 && s.expected < 2*n {
			n = s.expected
		}
		s.expected -= n
		s.free = make([]T, n)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	return p
}

// chunk hands out pointers into slices that grow from 8 to 512 elements.
type chunk[T any] struct {
	free []T
	size int
}

func (c *chunk[T]) next(v T) *T {
	if len(c.free) == 0 {
		c.size = min(max(c.size*4, 8), 512)
		c.free = make([]T, c.size)
	}
	p := &c.free[0]
	c.free = c.free[1:]
	*p = v
	return p
}

// ID reads a bigint.
func (d *Decoder) ID(v []byte) ID {
	if v == nil {
		return 0
	}
	return ID(binary.BigEndian.Uint64(v)) //nolint:gosec // a bigint is signed
}

// Int reads an integer.
func (d *Decoder) Int(v []byte) int32 {
	if v == nil {
		return 0
	}
	return int32(binary.BigEndian.Uint32(v)) //nolint:gosec // an integer is signed
}

// NullInt reads an integer that may be NULL.
func (d *Decoder) NullInt(v []byte) *int32 {
	if v == nil {
		return nil
	}
	return d.ints.next(d.Int(v))
}

// Float reads a double precision.
func (d *Decoder) Float(v []byte) float64 {
	if v == nil {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(v))
}

// NullFloat reads a double precision that may be NULL.
func (d *Decoder) NullFloat(v []byte) *float64 {
	if v == nil {
		return nil
	}
	return d.floats.next(d.Float(v))
}

// Bool reads a boolean.
func (d *Decoder) Bool(v []byte) bool { return len(v) == 1 && v[0] == 1 }

// NullBool reads a boolean that may be NULL.
func (d *Decoder) NullBool(v []byte) *bool {
	if v == nil {
		return nil
	}
	return d.bools.next(d.Bool(v))
}

// String reads text.
func (d *Decoder) String(v []byte) string {
	if len(v) == 0 {
		return ""
	}
	if d.text.Cap()-d.text.Len() < len(v) {
		size := max(min(max(d.text.Cap()*4, d.expected, 256), 8<<10), len(v))
		d.text = strings.Builder{}
		d.text.Grow(size)
	}
	at := d.text.Len()
	d.text.Write(v)
	return d.text.String()[at:]
}

// NullString reads text that may be NULL.
func (d *Decoder) NullString(v []byte) *string {
	if v == nil {
		return nil
	}
	return d.strings.next(d.String(v))
}

// Decimal reads a numeric in text format.
func (d *Decoder) Decimal(v []byte) Decimal { return Decimal(d.String(v)) }

// NullDecimal reads a numeric in text format that may be NULL.
func (d *Decoder) NullDecimal(v []byte) *Decimal {
	if v == nil {
		return nil
	}
	return d.numbers.next(d.Decimal(v))
}

// postgresEpoch is 2000-01-01 in microseconds since 1970: what a timestamptz counts from.
const postgresEpoch = 946_684_800_000_000

// Time reads a timestamptz, in UTC and to the microsecond.
func (d *Decoder) Time(v []byte) time.Time {
	if v == nil {
		return time.Time{}
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(v)) + postgresEpoch).UTC() //nolint:gosec // it is signed
}

// NullTime reads a timestamptz that may be NULL.
func (d *Decoder) NullTime(v []byte) *time.Time {
	if v == nil {
		return nil
	}
	return d.times.next(d.Time(v))
}

// idArray encodes ids as a binary bigint[].
func idArray(ids []ID) []byte {
	const int8OID = 20
	b := make([]byte, 0, 20+12*len(ids))
	b = binary.BigEndian.AppendUint32(b, 1) // dimensions
	b = binary.BigEndian.AppendUint32(b, 0) // no NULL inside
	b = binary.BigEndian.AppendUint32(b, int8OID)
	b = binary.BigEndian.AppendUint32(b, uint32(len(ids))) //nolint:gosec // bounded by the batch
	b = binary.BigEndian.AppendUint32(b, 1)                // lower bound
	for _, id := range ids {
		b = binary.BigEndian.AppendUint32(b, 8)
		b = binary.BigEndian.AppendUint64(b, uint64(id)) //nolint:gosec // two's complement on the wire
	}
	return b
}
