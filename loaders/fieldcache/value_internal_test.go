package fieldcache

import (
	"strings"
	"testing"
)

func textSpace(t testing.TB) *Space {
	s, err := newSpace(SpaceConfig{Name: "Text", Policy: Policy{TTL: 1e9}, Codec: CodecOf(
		func(b []byte, v *string) []byte { return append(append(b, byte(len(*v))), *v...) },
		func(b []byte, v *string) ([]byte, error) {
			if len(b) == 0 || len(b) < 1+int(b[0]) {
				return nil, errKind
			}
			*v = string(b[1 : 1+b[0]])
			return b[1+b[0]:], nil
		})}, "p:", 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestValuesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	s, text := textSpace(t), "Let There Be Rock"
	for _, value := range []any{&text, nil} {
		e := &entry{value: value, soft: 1_763_914_800_000, delta: 1234, sum: 1<<63 + 1, token: newToken()}
		b := string(appendValue(nil, s, "key", e))
		got, err := readValue(s, "key", b)
		if err != nil {
			t.Fatal(err)
		}
		if got.soft != e.soft || got.delta != e.delta || got.sum != e.sum || got.token != e.token || (got.value == nil) != (value == nil) {
			t.Errorf("wrote %+v, read %+v", e, got)
		}
		if value != nil && *got.value.(*string) != text {
			t.Errorf("read %q", *got.value.(*string))
		}
		if isLease(b) {
			t.Error("a value looks like a lease")
		}
		// A claim may change under the reader, and nothing else may.
		claimed := b[:claimAt] + "1763914800001" + b[checksumAt:]
		if got, err = readValue(s, "key", claimed); err != nil || got.claim != 1_763_914_800_001 {
			t.Errorf("claimed: %+v, %v", got, err)
		}
		if _, err := readValue(s, "kez", b); err == nil {
			t.Error("read under another key")
		}
		for i := range b {
			if i >= claimAt && i < checksumAt {
				continue
			}
			if _, err := readValue(s, "key", b[:i]+string(b[i]^1)+b[i+1:]); err == nil {
				t.Errorf("read with byte %d damaged", i)
			}
			if _, err := readValue(s, "key", b[:i]); err == nil {
				t.Errorf("read when cut off at %d", i)
			}
		}
	}
}

func FuzzReadValue(f *testing.F) {
	s, text := textSpace(f), "x"
	f.Add(string(appendValue(nil, s, "key", &entry{value: &text})))
	f.Add("L" + strings.Repeat("t", 8))
	f.Add("")
	f.Fuzz(func(t *testing.T, b string) {
		e, err := readValue(s, "key", b)
		if err == nil && e.value != nil && !strings.HasSuffix(b, *e.value.(*string)) {
			t.Errorf("read %q from %q", *e.value.(*string), b)
		}
	})
}

func FuzzHeardRefs(f *testing.F) {
	f.Add("Album 1z\nQuery.artists\n*\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, ref := range heardRefs(text) {
			if ref.Space == "" && ref.ID != 0 {
				t.Errorf("%q: %+v", text, ref)
			}
		}
	})
	all := []Ref{{"Album", 1}, {"Album", -5}, {"Query.artists", 0}, {}}
	for i, ref := range heardRefs(sayRefs(all)) {
		if ref != all[i] {
			f.Errorf("said %+v, heard %+v", all[i], ref)
		}
	}
}
