package store

import (
	"io"
	"math/bits"
	"strconv"
	"strings"

	"backline/store/shard"
)

// ID is the primary key of a row; 0 stands for null.
type ID = shard.ID

// Kind says which table an id belongs to. The kinds are generated from @table, in the order of
// their prefixes; the zero Kind is none of them.
type Kind uint8

// String is the name of the kind's GraphQL type.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k].name
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// KindOf is the kind of a GraphQL type, 0 if the type has no table.
func KindOf(typeName string) Kind {
	for k := range kinds {
		if k > 0 && kinds[k].name == typeName {
			return Kind(k)
		}
	}
	return 0
}

// NodeID is an id as clients see it (the GraphQL scalar ID): opaque, typed, short, and unique over
// all types, so that node(id:) needs no lookup. Its text is the kind's prefix, an underscore, the
// number in Crockford's base 32 (lower case, no leading zero) and two check characters:
// trk_fk00028.
type NodeID struct {
	Kind Kind
	ID   ID
}

// Node is a row of any type with a table.
type Node interface{ NodeID() NodeID }

// base32 is Crockford's alphabet: no i, l, o, u.
const base32 = "0123456789abcdefghjkmnpqrstvwxyz"

// checkModulus is the largest prime that two characters can hold. A prime finds every wrong
// character and every two neighbours that changed places, because no such change is a multiple.
const checkModulus = 1021

// check covers the prefix and not the kind, whose number changes with every type that a schema gets:
// an ID stays what it is as long as its type keeps the prefix.
func (n NodeID) check() uint64 {
	prefix := uint64(0)
	for _, c := range []byte(kinds[n.Kind].prefix) {
		prefix = prefix*26 + uint64(c-'a')
	}
	return (uint64(n.ID)%checkModulus + prefix*31 + 7) % checkModulus
}

// AppendText appends the text form.
func (n NodeID) AppendText(b []byte) []byte {
	const room = "_0123456789abcxx" // of 13 digits and two check characters, or of what is needed of them
	digits := max(1, (bits.Len64(uint64(n.ID))+4)/5)
	b = append(b, kinds[n.Kind].prefix...)
	b = append(b, room[:1+digits+2]...)
	c, text := n.check(), b[len(b)-digits-2:]
	text[digits], text[digits+1] = base32[c>>5], base32[c&31]
	for i, v := digits-1, uint64(n.ID); i >= 0; i, v = i-1, v>>5 {
		text[i] = base32[v&31]
	}
	return b
}

// AppendJSON appends the text form as a JSON string.
func (n NodeID) AppendJSON(b []byte) []byte {
	b = append(b, '"')
	b = n.AppendText(b)
	return append(b, '"')
}

func (n NodeID) String() string { return string(n.AppendText(nil)) }

// ParseNodeID reads the text form. Exactly one text stands for an id; every other one is an error
// that a client may read.
func ParseNodeID(s string) (NodeID, error) {
	if s == "" {
		return NodeID{}, BadInput("an ID must not be empty")
	}
	prefix, digits, ok := strings.Cut(s, "_")
	if !ok || len(s) > 32 {
		return NodeID{}, BadInput("%s is not an ID: IDs look like %s", quote(s), NodeID{Kind: 1, ID: 1 << 22})
	}
	kind := Kind(0)
	for k := range kinds {
		if k > 0 && kinds[k].prefix == prefix {
			kind = Kind(k)
		}
	}
	if kind == 0 {
		return NodeID{}, BadInput("%s is not an ID: no type has the prefix %s", quote(s), quote(prefix))
	}
	if len(digits) < 3 || digits[0] == '0' {
		return NodeID{}, mistyped(s)
	}
	var v uint64
	body := digits[:len(digits)-2]
	for i := range len(body) {
		d := strings.IndexByte(base32, body[i])
		if d < 0 || v >= 1<<58 { // the next five bits would not fit in 63
			return NodeID{}, mistyped(s)
		}
		v = v<<5 | uint64(d)
	}
	n := NodeID{kind, ID(v)}
	c1, c2 := strings.IndexByte(base32, digits[len(body)]), strings.IndexByte(base32, digits[len(body)+1])
	if c1 < 0 || c2 < 0 || uint64(c1<<5|c2) != n.check() {
		return NodeID{}, mistyped(s)
	}
	return n, nil
}

func mistyped(s string) error {
	return BadInput("%s is not an ID: its check characters do not fit, so it was mistyped or cut", quote(s))
}

// As checks that the id belongs to kind and gives its number.
func (n NodeID) As(kind Kind) (ID, error) {
	if n.Kind != kind {
		return 0, BadInput("%s is the ID of type %s; type %s is asked for, whose IDs begin with %s_", n, n.Kind, kind, kinds[kind].prefix)
	}
	return n.ID, nil
}

// MarshalGQL writes the text form as a JSON string.
func (n NodeID) MarshalGQL(w io.Writer) { w.Write(n.AppendJSON(nil)) } //nolint:errcheck // gqlgen's signature

// UnmarshalGQL reads the text form.
func (n *NodeID) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return BadInput("an ID must be a string, not %T", v)
	}
	p, err := ParseNodeID(s)
	if err != nil {
		return err
	}
	*n = p
	return nil
}

// quote shows a client its own input: printable, and never much of it.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.QuoteToASCII(s[:most]) + "…"
	}
	return strconv.QuoteToASCII(s)
}

// kind is an entry of the generated table kinds.
type kind struct{ prefix, name string }
