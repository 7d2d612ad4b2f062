package breadth

import (
	"math"
	"sync"
)

// Prefix stands before the data in a Buffer, so that a transport can send an answer without errors
// in one piece.
const Prefix = `{"data":`

// Buffers that one huge answer has grown beyond this many bytes are not kept.
const maxPooled = 1 << 20

// Buffer holds a response from the pool. A transport puts one into the context of an operation
// (Transport); if Response.Data lies in it, B is Prefix and the data, and may be sent as it is
// with `}` after it. Response.Data must not be used after Release.
type Buffer struct {
	B []byte
	// Max is how many bytes of data the transport takes; 0: any number. Writing stops soon after:
	// data longer than Max are not complete, and of no use.
	Max int
	// Plan is the one that was executed; nil for what gqlgen's executor runs.
	Plan *Plan
}

//nolint:gochecknoglobals // a pool is of use only when everybody shares it
var buffers = sync.Pool{New: func() any { return &Buffer{B: make([]byte, 0, 16<<10)} }}

// GetBuffer takes an empty buffer from the pool.
func GetBuffer() *Buffer { return buffers.Get().(*Buffer) }

// most is the length of B with Max bytes of data.
func (b *Buffer) most() int {
	if b.Max <= 0 || b.Max > math.MaxInt-len(Prefix) {
		return math.MaxInt
	}
	return len(Prefix) + b.Max
}

// Release gives the buffer back.
func (b *Buffer) Release() {
	if cap(b.B) > maxPooled {
		return
	}
	b.B, b.Max, b.Plan = b.B[:0], 0, nil
	buffers.Put(b)
}
