package breadth

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// The functions here append leaf values as gqlgen's scalars write them (CoerceResult). Those that
// can fail, or can give a null, take a Sink as well.

const hex = "0123456789ABCDEF"

// String appends a JSON string. Like gqlgen's it escapes nothing but quotes, backslashes and
// control characters, and leaves invalid UTF-8 as it is.
func String(b []byte, s string) []byte {
	b = append(b, '"')
	at := len(b)
	b = append(b, s...)
	if needsEscape(b, at) {
		b = escape(b[:at], s)
	}
	return append(b, '"')
}

// needsEscape says whether b has a byte from at on that a JSON string cannot hold as it is. It looks at
// eight bytes at once; most strings have none.
func needsEscape(b []byte, at int) bool {
	for ; len(b)-at >= 8; at += 8 {
		if special(binary.LittleEndian.Uint64(b[at:])) {
			return true
		}
	}
	switch {
	case at == len(b):
		return false
	case len(b) >= 8: // the last eight bytes, without those in front of the string
		front := uint64(1)<<(8*(8-len(b)+at)) - 1
		return special(binary.LittleEndian.Uint64(b[len(b)-8:]) | front)
	}
	for _, c := range b[at:] {
		if c < 0x20 || c == '"' || c == '\\' {
			return true
		}
	}
	return false
}

// special says whether one of eight bytes is below 0x20, a quote or a backslash. A byte minus n has its
// top bit set and had it not before if it is less than n, and what that borrows from the byte above
// matters only where the answer is yes already (Bit Twiddling Hacks, "Determine if a word has a byte
// less than n").
func special(v uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote, backslash := v^('"'*ones), v^('\\'*ones)
	return ((v-0x20*ones)&^v|(quote-ones)&^quote|(backslash-ones)&^backslash)&tops != 0
}

func escape(b []byte, s string) []byte {
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		case '\n':
			b = append(b, '\\', 'n')
		case '"', '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		start = i + 1
	}
	return append(b, s[start:]...)
}

// Int appends a signed integer.
func Int[T ~int | ~int8 | ~int16 | ~int32 | ~int64](b []byte, v T) []byte {
	return strconv.AppendInt(b, int64(v), 10)
}

// Uint appends an unsigned integer.
func Uint[T ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](b []byte, v T) []byte {
	return strconv.AppendUint(b, uint64(v), 10)
}

// IntID appends an integer as an ID, which is a string.
func IntID[T ~int | ~int64](b []byte, v T) []byte {
	return append(strconv.AppendInt(append(b, '"'), int64(v), 10), '"')
}

// Boolean appends true or false.
func Boolean(b []byte, v bool) []byte { return strconv.AppendBool(b, v) }

var errNotFinite = errors.New("cannot marshal infinite no NaN float values")

// Float appends the shortest form that reads back as v, as %g does. Values that are not finite have
// no form in JSON: an error, in gqlgen's words.
func Float(b []byte, v float64, s *Sink) []byte {
	// Prices and the like: n/100 has no more than 15 digits, so it is the shortest decimal.
	if v >= 0.01 && v < 10_000 {
		n := int64(v*100 + 0.5)
		if float64(n)/100 == v {
			b = strconv.AppendInt(b, n/100, 10)
			switch c := n % 100; {
			case c == 0:
			case c%10 == 0:
				b = append(b, '.', '0'+byte(c/10))
			default:
				b = append(b, '.', '0'+byte(c/10), '0'+byte(c%10))
			}
			return b
		}
	}
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return s.Fail(b, errNotFinite)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// Time appends a time in RFC 3339 with nanoseconds; the zero time is null.
func Time(b []byte, v time.Time) []byte {
	if v.IsZero() {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = v.AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

// Enum appends an enum value's name, if it is one.
func Enum[T interface {
	~string
	IsValid() bool
}](b []byte, v T, s *Sink) []byte {
	if !v.IsValid() {
		return s.Fail(b, fmt.Errorf("%q is not a valid %T", string(v), v))
	}
	b = append(b, '"')
	b = append(b, v...)
	return append(b, '"')
}

// Marshal appends what a gqlgen marshaler writes.
func Marshal(b []byte, m graphql.Marshaler) []byte {
	w := bytes.NewBuffer(b)
	m.MarshalGQL(w)
	return w.Bytes()
}

// MarshalContext does the same for a marshaler that takes a context and may fail.
func MarshalContext(b []byte, m graphql.ContextMarshaler, s *Sink) []byte {
	at := len(b)
	w := bytes.NewBuffer(b)
	if err := m.MarshalGQLContext(s.Context(), w); err != nil {
		return s.Fail(w.Bytes()[:at], err)
	}
	return w.Bytes()
}

// Ptr appends null or what p points at.
func Ptr[T any](b []byte, p *T, app func([]byte, T) []byte) []byte {
	if p == nil {
		return append(b, "null"...)
	}
	return app(b, *p)
}

// PtrOf is Ptr for values that can fail.
func PtrOf[T any](b []byte, p *T, s *Sink, app func([]byte, T, *Sink) []byte) []byte {
	if p == nil {
		return append(b, "null"...)
	}
	return app(b, *p, s)
}

// Required appends what p points at, for a non-null type.
func Required[T any](b []byte, p *T, s *Sink, app func([]byte, T) []byte) []byte {
	if p == nil {
		return s.Null(b)
	}
	return app(b, *p)
}

// RequiredOf is Required for values that can fail.
func RequiredOf[T any](b []byte, p *T, s *Sink, app func([]byte, T, *Sink) []byte) []byte {
	if p == nil {
		return s.Null(b)
	}
	return app(b, *p, s)
}

// List appends a list of values that cannot fail; a nil one is null if the type lets it be.
func List[T any](b []byte, v []T, nullable bool, app func([]byte, T) []byte) []byte {
	if v == nil && nullable {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = app(b, v[i])
	}
	return append(b, ']')
}

// ListOf is List for values that can fail. A null in place of a non-null element takes the whole
// list with it.
func ListOf[T any](b []byte, v []T, nullable, required bool, s *Sink, app func([]byte, T, *Sink) []byte) []byte {
	if v == nil && nullable {
		return append(b, "null"...)
	}
	start, whole := len(b), true
	b = append(b, '[')
	for i := range v {
		if i > 0 {
			b = append(b, ',')
		}
		at := len(b)
		s.index = append(s.index, i)
		b = app(b, v[i], s)
		s.index = s.index[:len(s.index)-1]
		whole = whole && !(required && isNull(b, at))
	}
	if !whole {
		return append(b[:start], "null"...)
	}
	return append(b, ']')
}

// Nilable appends a value whose own type has a nil.
func Nilable[T any](b []byte, v T, s *Sink, required bool, isNil func(T) bool, app func([]byte, T, *Sink) []byte) []byte {
	switch {
	case !isNil(v):
		return app(b, v, s)
	case required:
		return s.Null(b)
	}
	return append(b, "null"...)
}

// EnumName appends the name of an enum value, which is empty if it is none.
func EnumName(b []byte, name string, s *Sink) []byte {
	if name == "" {
		return s.Fail(b, errors.New("not a value of the enum"))
	}
	return String(b, name)
}
