package feed

import (
	"encoding/binary"
	"errors"
	"time"
)

// What follows reads the messages of pgoutput, protocol version 1, as described under "Logical
// Replication Message Formats" in Postgres' manual. They lie in the buffer of the connection, and
// of a row only the columns are touched that somebody asked for.

// errTruncated says that a message ends within a field, errTrailing that it goes on after its last.
var (
	errTruncated = errors.New("the message ends too early")
	errTrailing  = errors.New("the message is too long")
)

// message is what remains to be read of one message. After an error all reads give zero values.
type message struct {
	rest []byte
	err  error
}

func (m *message) take(n int) []byte {
	if m.err != nil || n < 0 || n > len(m.rest) {
		m.fail(errTruncated)
		return nil
	}
	b := m.rest[:n:n]
	m.rest = m.rest[n:]
	return b
}

func (m *message) fail(err error) {
	if m.err == nil {
		m.err, m.rest = err, nil
	}
}

func (m *message) byte() byte {
	if b := m.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (m *message) uint16() int {
	if b := m.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (m *message) uint32() uint32 {
	if b := m.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (m *message) uint64() uint64 {
	if b := m.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (m *message) lsn() LSN { return LSN(m.uint64()) }

// postgresEpoch is 2000-01-01 in Unix time.
const postgresEpoch = 946684800

// time is sent as microseconds since 2000.
func (m *message) time() time.Time {
	return time.UnixMicro(int64(m.uint64())).Add(postgresEpoch * time.Second) //nolint:gosec // it is signed
}

// text reads up to a zero byte.
func (m *message) text() string {
	for i, b := range m.rest {
		if b == 0 {
			return string(m.take(i + 1)[:i])
		}
	}
	m.fail(errTruncated)
	return ""
}

// end says what was wrong with the message.
func (m *message) end() error {
	if m.err == nil && len(m.rest) > 0 {
		m.err = errTrailing
	}
	return m.err
}

// column is one value of a tuple: its sort ('n' NULL, 'u' unchanged and not sent, 't' text) and,
// for text, its bytes.
func (m *message) column() (sort byte, value []byte) {
	sort = m.byte()
	switch sort {
	case 'n', 'u':
	case 't':
		value = m.take(int(int32(m.uint32()))) //nolint:gosec // it is signed
	default:
		m.fail(errSort)
	}
	return sort, value
}

var errSort = errors.New("a column is neither NULL, unchanged nor text")
