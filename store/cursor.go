package store

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// A cursor is the place of a row in one list and order: opaque to clients, and bound to both, so
// that a cursor of another list is an error and not a wrong page. Its bytes, in base64url:
//
//	version | list and order (CRC-32, 4 bytes) | id (uvarint) | sort value | CRC-32 of the rest
//
// The checks find accidents. A forged cursor can only name another place in the same list.
const cursorVersion = 1

// maxCursor bounds the text of a cursor, in bytes. A sort value may be as long as its column, and an
// index holds texts of some 8 kB; they compress, so that a text of repeats may be longer.
const maxCursor = 1 << 16

type cursor struct {
	id    ID
	value string
}

func boundTo(list, order string) uint32 {
	return crc32.ChecksumIEEE([]byte(list + "\x00" + order))
}

func (c cursor) encode(bound uint32) string {
	b := make([]byte, 0, 24+len(c.value))
	b = append(b, cursorVersion)
	b = binary.BigEndian.AppendUint32(b, bound)
	b = binary.AppendUvarint(b, uint64(c.id)) //nolint:gosec // ids are positive
	b = append(b, c.value...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.RawURLEncoding.EncodeToString(b)
}

// decodeCursor reads the cursor given as argument name.
func decodeCursor(name, s string, bound uint32, valid func(string) bool) (cursor, error) {
	if len(s) > maxCursor || strings.ContainsAny(s, "\r\n") { // which base64 would skip
		return cursor{}, damaged(name, s)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < 10 {
		return cursor{}, damaged(name, s)
	}
	body, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return cursor{}, damaged(name, s)
	}
	if body[0] != cursorVersion {
		return cursor{}, BadInput("%s: this cursor was made by another version of the server; begin again without it", name)
	}
	if binary.BigEndian.Uint32(body[1:5]) != bound {
		return cursor{}, BadInput("%s: this cursor belongs to another list or another order", name)
	}
	id, n := binary.Uvarint(body[5:])
	if n <= 0 || id > 1<<63-1 {
		return cursor{}, damaged(name, s)
	}
	c := cursor{ID(id), string(body[5+n:])}
	if !valid(c.value) {
		return cursor{}, damaged(name, s)
	}
	return c, nil
}

// damaged is the error of an argument that no list has returned as a cursor.
func damaged(argument, s string) error {
	return BadInput("%s: %s is not a cursor; use a cursor or endCursor that this list has returned", argument, quote(s))
}
