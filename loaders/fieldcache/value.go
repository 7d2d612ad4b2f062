package fieldcache

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strconv"
	"unsafe"
)

// What lies at a key of Redis is a value or a lease. Scripts look at the token of either, and at the
// claim of a value, so these stand at fixed places:
//
//	lease  'L' token(8) [token of a second loader(8)]
//	value  version(1) token(8) claim(13 digits) checksum(4) soft(8) filled(8) delta(4) sum(8) kind(1) payload
//
// token    names this value: a refresh replaces it only while it is the one that was seen
// claim    until when somebody is loading it anew, Unix milliseconds
// checksum CRC-32C over the key and all that follows the claim: a value that was damaged, cut off, or
// put under another key is not read
// soft     when it stops being fresh, Unix milliseconds
// filled   when its load began, Unix milliseconds
// delta    how long its load took, microseconds
// sum      of the generations that it was filled under.
const (
	version    = 2
	leaseKind  = 'L'
	leaseSize  = 1 + tokenSize
	tokenSize  = 8
	claimAt    = 1 + tokenSize
	claimSize  = 13
	checksumAt = claimAt + claimSize
	softAt     = checksumAt + 4
	filledAt   = softAt + 8
	deltaAt    = filledAt + 8
	sumAt      = deltaAt + 4
	kindAt     = sumAt + 8
	headerSize = kindAt + 1
)

const (
	kindValue    = 'v'
	kindNegative = 'n'
)

const noClaim = "0000000000000"

// entry is a value with what is known about it.
type entry struct {
	value any // nil: there is no such row
	soft  int64
	// filled is when its load began: it holds what was written before.
	filled int64
	delta  uint32
	sum    uint64
	token  token
	claim  int64
	mark   uint64 // L1: of its key, from before it was read
	primed bool   // L1: it may not be in Redis, so nobody can load it anew before it is asked for
	size   uint32 // of its encoding
}

type token [tokenSize]byte

func (t token) isZero() bool { return t == token{} }

var (
	errForeignVersion = errors.New("another version of the format")
	errChecksum       = errors.New("the checksum does not fit")
	errKind           = errors.New("neither a value nor the absence of one")
)

//nolint:gochecknoglobals // a table of the standard library
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(key string, b []byte) uint32 {
	sum := crc32.Update(0, castagnoli, unsafe.Slice(unsafe.StringData(key), len(key)))
	sum = crc32.Update(sum, castagnoli, b[:claimAt])
	return crc32.Update(sum, castagnoli, b[softAt:])
}

// appendValue writes e for a key.
func appendValue(b []byte, s *Space, key string, e *entry) []byte {
	start := len(b)
	b = append(b, version)
	b = append(b, e.token[:]...)
	b = append(b, noClaim+"\x00\x00\x00\x00"...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.soft))
	b = binary.BigEndian.AppendUint64(b, uint64(e.filled))
	b = binary.BigEndian.AppendUint32(b, e.delta)
	b = binary.BigEndian.AppendUint64(b, e.sum)
	if e.value == nil {
		b = append(b, kindNegative)
	} else {
		b = append(b, kindValue)
		b = s.codec.Append(b, e.value)
	}
	binary.BigEndian.PutUint32(b[start+checksumAt:], checksum(key, b[start:]))
	e.size = uint32(len(b) - start)
	return b
}

// readValue reads what appendValue wrote for the same key.
func readValue(s *Space, key, text string) (*entry, error) {
	if len(text) < headerSize || text[0] != version {
		return nil, errForeignVersion
	}
	b := unsafe.Slice(unsafe.StringData(text), len(text)) // codecs do not write
	if binary.BigEndian.Uint32(b[checksumAt:]) != checksum(key, b) {
		return nil, errChecksum
	}
	e := &entry{
		soft:   int64(binary.BigEndian.Uint64(b[softAt:])),
		filled: int64(binary.BigEndian.Uint64(b[filledAt:])),
		delta:  binary.BigEndian.Uint32(b[deltaAt:]),
		sum:    binary.BigEndian.Uint64(b[sumAt:]),
		token:  token(b[1:claimAt]),
		size:   uint32(len(text)),
	}
	e.claim, _ = strconv.ParseInt(text[claimAt:checksumAt], 10, 64) // digits by the script that writes it
	switch {
	case b[kindAt] == kindNegative && len(b) == headerSize:
		return e, nil
	case b[kindAt] != kindValue:
		return nil, errKind
	}
	var err error
	e.value, err = s.codec.Read(b[headerSize:])
	return e, err
}

// isLease says that somebody else is loading the value.
func isLease(text string) bool {
	return len(text) > 0 && text[0] == leaseKind && (len(text) == leaseSize || len(text) == leaseSize+tokenSize)
}
