package gateway

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// read reads a whole text.
func read(text string) (any, error) {
	r := &jsonReader{in: []byte(text)}
	v, err := r.value(0)
	if err == nil {
		err = r.end()
	}
	return v, err
}

// reference reads it with encoding/json.
func reference(text string) (v any, ok bool) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil, false
	}
	return v, len(strings.Trim(text[dec.InputOffset():], " \t\r\n")) == 0
}

// What both read is the same; what only encoding/json reads is what it should not.
func TestJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `[]`, `""`, `0`, `-0`, `-0.5e+10`, `1E-7`, `true`, `false`, `null`, ` [ 1 , {"a" : [ ] } ] `,
		`"\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00 é😀"`, `"\u0000"`, `{"a":{"a":1},"b":[{"a":1}]}`, "\r\n\t1", `{"":1}`,
		strings.Repeat("[", 100) + strings.Repeat("]", 100),
	} {
		got, err := read(text)
		want, ok := reference(text)
		if err != nil || !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v, want %#v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		``: "ends early, at byte 0", ` `: "ends early, at byte 1", `{`: "ends early, at byte 1", `{"a"`: "ends early", `{"a":`: "ends early",
		`{"a":1`: "ends early", `[1`: "ends early", `"a`: "ends early", `"\`: "ends early", `"\u12`: "ends early", `tru`: "ends early", `1.`: "ends early",
		`-`: "ends early", `1e`: "ends early", `1e+`: "ends early",
		`{a:1}`: "is not JSON, from byte 2", `{"a" 1}`: "byte 6", `{"a":1,}`: "byte 8", `{,}`: "byte 2", `[1,]`: "byte 4", `[1 2]`: "byte 4", `01`: "goes on after its value, from byte 2",
		`+1`: "byte 1", `.5`: "byte 1", `1.e5`: "byte 3", `0x1`: "byte 2", `NaN`: "byte 1", `Infinity`: "byte 1", `nul0`: "byte 4", `'a'`: "byte 1",
		"\"\n\"": "byte 2", "\"a\\n\t\"": "byte 5", `"\x41"`: "byte 3", `"\u00g0"`: "byte 6", "\v1": "byte 1", "\u00a01": "byte 1", "\ufeff1": "byte 1",
		`1 1`: "goes on after its value, from byte 3", `{}{}`: "goes on", `// a`: "byte 1", `{"a":1/*b*/}`: "byte 7",
		`{"a":1,"b":2,"a":3}`: "has a name twice in one object, from byte 14", `{"a":1,"\u0061":2}`: "has a name twice in one object, from byte 8",
		`[{"b":{"a":1,"a":1}}]`: "has a name twice in one object, from byte 14",
		`"\ud800"`:              "half of a surrogate pair, from byte 2", `"\udc00"`: "half of a surrogate pair", `"\ud800\ud800"`: "half", `"\ud800x"`: "half", `"\ud800\n"`: "half", `"\udc00\ud800"`: "half",
		strings.Repeat("[", 101): "nests more than 100 lists and objects, from byte 101", strings.Repeat(`{"a":`, 101): "nests more than 100", strings.Repeat("[", 1_000_000): "nests more than 100",
	} {
		if v, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %#v, %v, want %s", text, v, err, want)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"\ud83d\ude00",null,true]}`, `{"a":1,"a":2}`, `"\ud800"`, `[[[]]]`, "\"\xff\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		got, err := read(text)
		want, ok := reference(text)
		if err == nil && (!ok || !reflect.DeepEqual(got, want)) {
			t.Fatalf("%q: got %#v, encoding/json %#v, %v", text, got, want, ok)
		}
		if err != nil && ok && !strict(err) {
			t.Fatalf("%q: %v, and encoding/json reads %#v", text, err, want)
		}
	})
}

// strict reports whether an error is one of those that encoding/json does not have.
func strict(err error) bool {
	for _, s := range []string{"has a name twice", "half of a surrogate pair", "nests more than 100"} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}
