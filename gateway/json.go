package gateway

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting bounds the lists and objects inside each other in JSON that is read. What variables may
// nest is a limit of its own, and lower.
const maxNesting = 100

// jsonReader reads JSON as RFC 8259 says and no otherwise: what two readers could take for two
// different things is an error. So no name comes twice in an object, no surrogate is alone, and
// nothing follows the value. The bytes must be UTF-8.
//
// Its values are those of encoding/json with UseNumber.
type jsonReader struct {
	in []byte
	at int
}

// jsonError says what is wrong, and nothing of what was read.
type jsonError struct {
	problem string // "is not JSON"
	at      int    // bytes before it
	early   bool   // the text ends before the value does
}

func (e *jsonError) Error() string {
	if e.early {
		return "is not JSON: it ends early, at byte " + strconv.Itoa(e.at)
	}
	return e.problem + ", from byte " + strconv.Itoa(e.at+1)
}

func (r *jsonReader) fail(problem string) error {
	return &jsonError{problem: problem, at: r.at, early: r.at >= len(r.in)}
}

func (r *jsonReader) unexpected() error { return r.fail("is not JSON") }

// space goes to the next byte that is none, and returns it; 0 at the end.
func (r *jsonReader) space() byte {
	for ; r.at < len(r.in); r.at++ {
		switch c := r.in[r.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// end is an error if there is anything but space left.
func (r *jsonReader) end() error {
	if r.space(); r.at < len(r.in) {
		return r.fail("goes on after its value")
	}
	return nil
}

func (r *jsonReader) value(depth int) (any, error) {
	switch c := r.space(); {
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.list(depth)
	case c == '"':
		return r.text()
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	case c == 't':
		return true, r.word("true")
	case c == 'f':
		return false, r.word("false")
	case c == 'n':
		return nil, r.word("null")
	default:
		return nil, r.unexpected()
	}
}

func (r *jsonReader) word(w string) error {
	for i := range len(w) {
		if r.at >= len(r.in) || r.in[r.at] != w[i] {
			return r.unexpected()
		}
		r.at++
	}
	return nil
}

func (r *jsonReader) object(depth int) (map[string]any, error) {
	m := map[string]any{}
	return m, r.members(depth, func(name []byte, start int) error {
		v, err := r.value(depth + 1)
		had := len(m)
		if m[string(name)] = v; len(m) == had && err == nil {
			r.at = start
			return r.fail("has a name twice in one object")
		}
		return err
	})
}

// members reads an object, whose members each reads: it stands before the value, and start is where
// the name was.
func (r *jsonReader) members(depth int, each func(name []byte, start int) error) error {
	if depth >= maxNesting {
		return r.fail("nests more than " + strconv.Itoa(maxNesting) + " lists and objects")
	}
	r.at++ // {
	if r.space() == '}' {
		r.at++
		return nil
	}
	for {
		if r.space() != '"' {
			return r.unexpected()
		}
		start := r.at
		name, err := r.name()
		if err != nil {
			return err
		}
		if r.space() != ':' {
			return r.unexpected()
		}
		r.at++
		if err := each(name, start); err != nil {
			return err
		}
		switch r.space() {
		case ',':
			r.at++
		case '}':
			r.at++
			return nil
		default:
			return r.unexpected()
		}
	}
}

func (r *jsonReader) list(depth int) ([]any, error) {
	if depth >= maxNesting {
		return nil, r.fail("nests more than " + strconv.Itoa(maxNesting) + " lists and objects")
	}
	r.at++ // [
	list := []any{}
	if r.space() == ']' {
		r.at++
		return list, nil
	}
	for {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		switch r.space() {
		case ',':
			r.at++
		case ']':
			r.at++
			return list, nil
		default:
			return nil, r.unexpected()
		}
	}
}

func (r *jsonReader) number() (json.Number, error) {
	start := r.at
	r.skip('-')
	switch {
	case r.skip('0'):
	case !r.digits():
		return "", r.unexpected()
	}
	if r.skip('.') && !r.digits() {
		return "", r.unexpected()
	}
	if r.skip('e') || r.skip('E') {
		if !r.skip('+') {
			r.skip('-')
		}
		if !r.digits() {
			return "", r.unexpected()
		}
	}
	return json.Number(r.in[start:r.at]), nil
}

func (r *jsonReader) skip(c byte) bool {
	if r.at < len(r.in) && r.in[r.at] == c {
		r.at++
		return true
	}
	return false
}

func (r *jsonReader) digits() bool {
	start := r.at
	for r.at < len(r.in) && '0' <= r.in[r.at] && r.in[r.at] <= '9' {
		r.at++
	}
	return r.at > start
}

// text reads a string. Most have no escape, and are copied in one piece.
func (r *jsonReader) text() (string, error) {
	start, isPlain := r.begin()
	if !isPlain {
		return r.escaped(start)
	}
	return string(start), nil
}

// name reads a string for a moment: most lie in what is read as they are.
func (r *jsonReader) name() ([]byte, error) {
	start, isPlain := r.begin()
	if !isPlain {
		name, err := r.escaped(start)
		return []byte(name), err
	}
	return start, nil
}

// begin reads a string up to its first escape, or whatever else keeps it from being plain.
func (r *jsonReader) begin() (start []byte, isPlain bool) {
	r.at++ // "
	from := r.at
	r.at += r.plain()
	start = r.in[from:r.at]
	if isPlain = r.at < len(r.in) && r.in[r.at] == '"'; isPlain {
		r.at++
	}
	return start, isPlain
}

// escaped goes on with a string from its first escape.
func (r *jsonReader) escaped(text []byte) (string, error) {
	var own [512]byte // enough for most documents
	b := append(own[:0], text...)
	for r.at < len(r.in) {
		switch r.in[r.at] {
		case '"':
			r.at++
			return string(b), nil
		case '\\':
			char, err := r.escape()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, char)
			n := r.plain()
			b = append(b, r.in[r.at:r.at+n]...)
			r.at += n
		default:
			return "", r.unexpected()
		}
	}
	return "", r.unexpected()
}

// plain counts the bytes from here on that stand for themselves in a string.
func (r *jsonReader) plain() int {
	for i, c := range r.in[r.at:] {
		if c < ' ' || c == '"' || c == '\\' {
			return i
		}
	}
	return len(r.in) - r.at
}

func (r *jsonReader) escape() (rune, error) {
	start := r.at
	if r.at++; r.at >= len(r.in) {
		return 0, r.unexpected()
	}
	c := r.in[r.at]
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		r.at++
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		return 0, r.unexpected()
	}
	r.at++
	char, err := r.hex()
	if err != nil || !utf16.IsSurrogate(char) {
		return char, err
	}
	if r.skip('\\') && r.skip('u') {
		low, err := r.hex()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(char, low); pair != utf8.RuneError {
			return pair, nil
		}
	}
	r.at = start
	return 0, r.fail("has half of a surrogate pair")
}

// hex reads the four digits of an escape.
func (r *jsonReader) hex() (rune, error) {
	var n rune
	for range 4 {
		if r.at >= len(r.in) {
			return 0, r.unexpected()
		}
		switch c := r.in[r.at]; {
		case '0' <= c && c <= '9':
			n = n<<4 + rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			n = n<<4 + rune(c|0x20-'a'+10)
		default:
			return 0, r.unexpected()
		}
		r.at++
	}
	return n, nil
}
