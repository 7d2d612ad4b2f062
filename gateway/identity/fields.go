package identity

import (
	"encoding/json"
	"errors"

	"backline/gateway/object"
)

// fields reads a JSON object: one of the first two parts of a token. Its names are as they stand there.
func fields(part []byte) (map[string]json.RawMessage, error) {
	members, err := object.Members(part, len(part)) // as many as there is room for
	if _, twice := errors.AsType[*object.TwiceError](err); twice {
		return nil, errRepeated
	}
	if err != nil {
		return nil, errMalformed
	}
	all := make(map[string]json.RawMessage, len(members))
	for _, m := range members {
		all[m.Name] = m.Value
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
