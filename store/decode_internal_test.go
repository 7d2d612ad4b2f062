package store

import (
	"encoding/binary"
	"testing"
)

// BenchmarkRows reads a page of 100 tracks with four columns, as they come from Postgres.
func BenchmarkRows(b *testing.B) {
	l, places := Tracks, []uint16{0, 1, 3, 5}
	values := [][]byte{
		binary.BigEndian.AppendUint64(nil, 4711<<22), []byte("Let There Be Rock"),
		binary.BigEndian.AppendUint32(nil, 361_000), []byte("0.99"),
	}
	l.size.set(101)
	b.ReportAllocs()
	for b.Loop() {
		a := answer[Track]{rows: make([]*Track, 0, l.size.get()), ends: make([]int32, 1)}
		row := l.reader(&a, []ID{Root}, places)
		for range 101 {
			row(values)
		}
	}
}

// BenchmarkNodeID writes an ID as clients see it.
func BenchmarkNodeID(b *testing.B) {
	buf := make([]byte, 0, 64)
	for b.Loop() {
		buf = NodeID{KindTrack, 4711<<22 | 33<<12}.AppendJSON(buf[:0])
	}
}
