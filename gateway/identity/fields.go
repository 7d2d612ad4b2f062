package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

var errNotObject = errors.New("it is not a JSON object")

// fields reads a JSON object and its names as they stand, without the folding of case that
// encoding/json does for structs. A name that comes twice is an error: another reader could take the
// other one.
func fields(text []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(text) { // encoding/json would replace what is not
		return nil, errNotObject
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errNotObject
	}
	all := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errNotObject
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, errNotObject
		}
		text := name.(string) // what stands where names do is one, or an error
		if _, twice := all[text]; twice {
			return nil, errors.New("a name comes twice")
		}
		all[text] = value
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, errNotObject
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotObject
	}
	return all, nil
}

// text reads a field that is a string. A field that is not there is "".
func text(all map[string]json.RawMessage, name string) (string, bool) {
	raw, there := all[name]
	if !there {
		return "", true
	}
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// texts reads a field that is a string or a list of strings. A field that is not there is none.
func texts(all map[string]json.RawMessage, name string) ([]string, bool) {
	raw, there := all[name]
	if !there {
		return nil, true
	}
	if one, ok := text(all, name); ok {
		return []string{one}, true
	}
	var list []*string
	if json.Unmarshal(raw, &list) != nil || list == nil {
		return nil, false
	}
	all2 := make([]string, len(list))
	for i, s := range list {
		if s == nil {
			return nil, false
		}
		all2[i] = *s
	}
	return all2, true
}
