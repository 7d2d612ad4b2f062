package feed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// wire writes messages as Postgres does.
type wire struct{ bytes.Buffer }

func (w *wire) put(values ...any) *wire {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			w.WriteString(v)
			w.WriteByte(0)
		case byte, uint16, uint32, uint64, int64:
			_ = binary.Write(&w.Buffer, binary.BigEndian, v)
		default:
			panic(fmt.Sprintf("%T", v))
		}
	}
	return w
}

func begin() []byte {
	return new(wire).put(byte('B'), uint64(100), int64(1_000_000), uint32(7)).Bytes()
}

func commit(end LSN) []byte {
	return new(wire).put(byte('C'), byte(0), uint64(end-1), uint64(end), int64(1_000_000)).Bytes()
}

// childRelation is table 9: id (in the identity), name, parent_id, size.
func childRelation(flag byte) []byte {
	return new(wire).put(byte('R'), uint32(9), "public", "child", byte('d'), uint16(4),
		byte(1), "id", uint32(int8OID), uint32(0), byte(0), "name", uint32(25), uint32(0),
		flag, "parent_id", uint32(int4OID), uint32(0), byte(0), "size", uint32(int2OID), uint32(0)).Bytes()
}

// tuple of columns: "" is NULL, "?" unchanged.
func (w *wire) tuple(part byte, columns ...string) *wire {
	w.put(part, uint16(len(columns)))
	for _, c := range columns {
		switch c {
		case "":
			w.put(byte('n'))
		case "?":
			w.put(byte('u'))
		default:
			w.put(byte('t'), uint32(len(c)))
			w.WriteString(c)
		}
	}
	return w
}

func rowMessage(kind byte) *wire { return new(wire).put(kind, uint32(9)) }

func newTestDecoder() *decoder { return newDecoder(tables, map[uint32]int{9: children}) }

func TestDecode(t *testing.T) {
	t.Parallel()
	d, b := newTestDecoder(), &buffer{}
	for i, m := range [][]byte{
		begin(),
		childRelation(0), // parent_id is outside the identity
		rowMessage('I').tuple('N', "1", "a", "5", "").Bytes(),
		rowMessage('U').tuple('N', "1", "?", "6", "1").Bytes(),
		rowMessage('U').tuple('K', "1", "", "", "").tuple('N', "2", "?", "6", "1").Bytes(),
		rowMessage('D').tuple('K', "2", "", "", "").Bytes(),
		childRelation(1),
		rowMessage('D').tuple('K', "3", "", "5", "").Bytes(),
		new(wire).put(byte('T'), uint32(2), byte(1), uint32(8), uint32(9)).Bytes(),
		new(wire).put(byte('Y'), uint32(5), "public", "mood").Bytes(),
		commit(200),
	} {
		if err := d.decode(m, b); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	var got []string
	for _, c := range b.changes {
		got = append(got, show(c))
	}
	want := []string{"child insert 1 5", "child update 1 ? → 1 6", "child update 1 ? → 2 6", "child delete 2 ?", "child delete 3 5", "child truncate"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	batch := b.batch()
	if at := time.Date(2000, 1, 1, 0, 0, 1, 0, time.UTC); batch.LSN != 200 || !batch.Oldest.Equal(at) || !batch.Newest.Equal(at) {
		t.Errorf("got %v at %v", batch.LSN, batch.Oldest)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before [][]byte
		m      []byte
		err    error // nil: any
	}{
		"nothing":               {m: nil},
		"unknown":               {m: []byte("Z")},
		"two begin":             {[][]byte{begin()}, begin(), errOpen},
		"commit outside":        {m: commit(1), err: errOutside},
		"row outside":           {[][]byte{childRelation(1)}, rowMessage('I').tuple('N', "1", "", "1", "").Bytes(), errOutside},
		"row of no table":       {[][]byte{begin()}, rowMessage('I').tuple('N', "1", "", "1", "").Bytes(), errNoTable},
		"too few columns":       {[][]byte{begin(), childRelation(1)}, rowMessage('I').tuple('N', "1").Bytes(), nil},
		"no integer":            {[][]byte{begin(), childRelation(1)}, rowMessage('I').tuple('N', "x", "", "1", "").Bytes(), nil},
		"insert without a row":  {[][]byte{begin(), childRelation(1)}, rowMessage('I').tuple('K', "1", "", "1", "").Bytes(), nil},
		"delete of a new row":   {[][]byte{begin(), childRelation(1)}, rowMessage('D').tuple('N', "1", "", "1", "").Bytes(), nil},
		"trailing":              {[][]byte{begin(), childRelation(1)}, append(rowMessage('I').tuple('N', "1", "", "1", "").Bytes(), 0), errTrailing},
		"truncated":             {[][]byte{begin(), childRelation(1)}, rowMessage('I').tuple('N', "1", "", "1", "").Bytes()[:20], errTruncated},
		"relation lacks column": {m: new(wire).put(byte('R'), uint32(9), "public", "child", byte('d'), uint16(1), byte(1), "id", uint32(20), uint32(0)).Bytes()},
		"negative length":       {[][]byte{begin(), childRelation(1)}, rowMessage('I').put(byte('N'), uint16(4), byte('t'), uint32(1<<31)).Bytes(), errTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, b := newTestDecoder(), &buffer{}
			for _, m := range test.before {
				if err := d.decode(m, b); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.decode(test.m, b); err == nil || test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			if len(b.changes) > 0 {
				t.Errorf("it gave %v", b.changes)
			}
		})
	}
}

// FuzzDecode gives bytes to the decoder, as one message after a relation: it must neither panic nor
// give a row of another length than asked for.
func FuzzDecode(f *testing.F) {
	for _, m := range [][]byte{
		begin(), commit(5), childRelation(1), rowMessage('I').tuple('N', "1", "a", "5", "").Bytes(),
		rowMessage('U').tuple('K', "1", "", "", "").tuple('N', "2", "?", "6", "1").Bytes(),
		rowMessage('U').tuple('O', "1", "a", "1", "1").tuple('N', "2", "?", "6", "1").Bytes(),
		rowMessage('D').tuple('O', "2", "", "", "").Bytes(), new(wire).put(byte('T'), uint32(1), byte(0), uint32(9)).Bytes(),
		[]byte("T00000\x00\x00\x00\t"), // names one table of many, and ends
	} {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, m []byte) {
		d, b := newTestDecoder(), &buffer{}
		for _, m := range [][]byte{begin(), childRelation(1)} {
			if err := d.decode(m, b); err != nil {
				t.Fatal(err)
			}
		}
		err := d.decode(m, b)
		for _, c := range b.changes {
			wantOld, wantNew := c.Op == Update || c.Op == Delete, c.Op == Insert || c.Op == Update
			if (c.Old != nil) != wantOld || (c.New != nil) != wantNew || c.Old != nil && len(c.Old) != 2 || c.New != nil && len(c.New) != 2 {
				t.Errorf("%q gave %v", m, c)
			}
		}
		if err != nil && len(b.changes) > 0 {
			t.Errorf("%q gave %v and %v", m, b.changes, err)
		}
		b.reset()
	})
}

func TestLSN(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF"} {
		if l, err := ParseLSN(text); err != nil || l.String() != text {
			t.Errorf("%s became %v, %v", text, l, err)
		}
	}
	for _, text := range []string{"", "/", "1", "1/", "/1", "1/2/3", "1/123456789", "-1/2", "x/1"} {
		if l, err := ParseLSN(text); err == nil {
			t.Errorf("%q became %v", text, l)
		}
	}
}
