package object_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"backline/gateway/object"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                      `[]`,
		` { "b" : 1, "a":[{}] } `: `[{b 1} {a [{}]}]`,
		`{"A":1,"a":2}`:           `[{A 1} {a 2}]`,
		`{"a":1,"\u0061":2}`:      `has the name "a" twice`,
		`{"a":1,"b":2,"c":3}`:     `has more than 2 members`,
		`{"a":{"x":1,"x":2}}`:     `[{a {"x":1,"x":2}}]`, // the value is the caller's
		``:                        `is not a JSON object`,
		`[]`:                      `is not a JSON object`,
		`{"a":1`:                  `is not a JSON object`,
		`{"a":1,}`:                `is not a JSON object`,
		`{"a"}`:                   `is not a JSON object`,
		`{1:2}`:                   `is not a JSON object`,
		`{} {}`:                   `is not a JSON object`,
		`{}]`:                     `is not a JSON object`,
		"{\"a\":\"\xff\"}":        `is not a JSON object`,
	} {
		members, err := object.Members([]byte(text), 2)
		got := "["
		for i, m := range members {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprintf("{%s %s}", m.Name, m.Value)
		}
		got += "]"
		switch {
		case errors.Is(err, object.ErrNotObject):
			got = object.ErrNotObject.Error()
		case err != nil:
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// FuzzMembers: what is read is what encoding/json reads, or it is refused.
func FuzzMembers(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":[null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		members, err := object.Members(text, 100)
		var all map[string]json.RawMessage
		plain := json.Unmarshal(text, &all)
		if err != nil {
			return
		}
		if plain != nil || len(all) != len(members) {
			t.Fatalf("%q is read as %v, and by encoding/json as %v, %v", text, members, all, plain)
		}
		for _, m := range members {
			if string(all[m.Name]) != string(m.Value) {
				t.Errorf("%q: %s is %s and %s", text, m.Name, m.Value, all[m.Name])
			}
		}
	})
}
