package main

import (
	"encoding/binary"
	"strconv"
	"time"

	"backline/store"
)

func bigint(v []byte) int64 { return int64(binary.BigEndian.Uint64(v)) }

// id appends an ID as Backline writes it.
func id(b []byte, kind store.Kind, v []byte) []byte {
	return store.NodeID{Kind: kind, ID: store.ID(bigint(v))}.AppendJSON(b)
}

func int4(b, v []byte) []byte {
	return strconv.AppendInt(b, int64(int32(binary.BigEndian.Uint32(v))), 10)
}

// quoted appends text that needs no escape.
func quoted(b, v []byte) []byte {
	b = append(b, '"')
	b = append(b, v...)
	return append(b, '"')
}

const hex = "0123456789ABCDEF"

func str(b, v []byte) []byte {
	b = append(b, '"')
	start := 0
	for i, c := range v {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, v[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		start = i + 1
	}
	b = append(b, v[start:]...)
	return append(b, '"')
}

// timestamp appends a timestamptz: microseconds since 2000.
func timestamp(b, v []byte) []byte {
	b = append(b, '"')
	b = time.UnixMicro(bigint(v)+946_684_800_000_000).UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}
