package store_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"backline/store"
)

// kindCount is the number of kinds that the schema has.
func kindCount() int {
	n := 1
	for !strings.HasPrefix(store.Kind(n).String(), "Kind(") {
		n++
	}
	return n - 1
}

func drawNodeID(rt *rapid.T) store.NodeID {
	return store.NodeID{
		Kind: store.Kind(rapid.IntRange(1, kindCount()).Draw(rt, "kind")),
		ID:   store.ID(rapid.Int64Min(1).Draw(rt, "id")),
	}
}

func TestNodeIDRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := drawNodeID(rt)
		p, err := store.ParseNodeID(n.String())
		if err != nil || p != n {
			rt.Fatalf("%v reads as %v, %v", n, p, err)
		}
		if json := string(n.AppendJSON([]byte("x"))); json != `x"`+n.String()+`"` {
			rt.Fatalf("JSON %s", json)
		}
		if len(n.String()) > len("trk_")+13+2 {
			rt.Fatalf("%s is long", n)
		}
	})
	for _, id := range []store.ID{1, 31, 32, 1 << 22, 1<<63 - 1} {
		n := store.NodeID{Kind: 1, ID: id}
		if p, err := store.ParseNodeID(n.String()); err != nil || p != n {
			t.Errorf("%d: %v, %v", id, p, err)
		}
	}
}

// TestNodeIDFindsMistakes tries every change of one character, every loss and repetition of one,
// and every two neighbours in the wrong order.
func TestNodeIDFindsMistakes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := drawNodeID(rt).String()
		wrong := func(s, what string) {
			if p, err := store.ParseNodeID(s); err == nil {
				rt.Fatalf("%s of %s: %q is accepted as %v", what, text, s, p)
			} else {
				wantCode(t, err, store.CodeBadUserInput)
			}
		}
		for i := range len(text) {
			for c := range 256 {
				if byte(c) != text[i] {
					wrong(text[:i]+string([]byte{byte(c)})+text[i+1:], "change")
				}
			}
			if i > 0 && text[i] != text[i-1] {
				wrong(text[:i-1]+string([]byte{text[i], text[i-1]})+text[i+1:], "swap")
			}
		}
		prefix, digits, _ := strings.Cut(text, "_")
		for k := 1; k <= kindCount(); k++ {
			other, _, _ := strings.Cut(store.NodeID{Kind: store.Kind(k), ID: 1}.String(), "_")
			if other != prefix {
				wrong(other+"_"+digits, "another prefix")
			}
		}
		wrong(strings.ToUpper(text), "upper case")
		wrong(text+" ", "space")
		wrong(strings.Replace(text, "_", "_0", 1), "leading zero")
	})
}

func TestNodeIDMessages(t *testing.T) {
	t.Parallel()
	good := store.NodeID{Kind: 1, ID: 1 << 22}.String()
	for in, want := range map[string]string{
		"":                              "must not be empty",
		"1":                             `"1" is not an ID: IDs look like ` + good,
		strings.Repeat("x_", 40):        "… is not an ID",
		"zzz_12345":                     `no type has the prefix "zzz"`,
		"QXJ0aXN0OjE=":                  "IDs look like",
		good[:4]:                        "check characters do not fit",
		good[:5]:                        "check characters do not fit",
		good[:4] + "zzzzzzzzzzzzzzzz00": "check characters do not fit",
		good[:4] + "\x00\xff":           "check characters do not fit",
		"_":                             `no type has the prefix ""`,
	} {
		_, err := store.ParseNodeID(in)
		wantCode(t, err, store.CodeBadUserInput, want)
		if err != nil && len(err.Error()) > 250 {
			t.Errorf("a message of %d bytes", len(err.Error()))
		}
	}
}

func TestNodeIDOfAnotherType(t *testing.T) {
	t.Parallel()
	n := store.NodeID{Kind: 1, ID: 7}
	if id, err := n.As(1); id != 7 || err != nil {
		t.Errorf("%v, %v", id, err)
	}
	_, err := n.As(2)
	wantCode(t, err, store.CodeBadUserInput, n.String(), store.Kind(1).String(), store.Kind(2).String(), "begin with")
	if k := store.KindOf(store.Kind(2).String()); k != 2 {
		t.Errorf("KindOf gives %v", k)
	}
	if k := store.KindOf("NoSuchType"); k != 0 {
		t.Errorf("KindOf gives %v", k)
	}
	if k := store.KindOf(""); k != 0 {
		t.Errorf("KindOf(\"\") gives %v", k)
	}
}

func TestNodeIDFromGraphQL(t *testing.T) {
	t.Parallel()
	want := store.NodeID{Kind: 2, ID: 99}
	var got store.NodeID
	if err := got.UnmarshalGQL(want.String()); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	for _, v := range []any{7, nil, true, []string{want.String()}, "x"} {
		wantCode(t, got.UnmarshalGQL(v), store.CodeBadUserInput)
	}
	b := strings.Builder{}
	want.MarshalGQL(&b)
	if b.String() != `"`+want.String()+`"` {
		t.Errorf("written as %s", b.String())
	}
}

func FuzzParseNodeID(f *testing.F) {
	for _, id := range []store.ID{1, 1 << 22, 1<<63 - 1} {
		f.Add(store.NodeID{Kind: 1, ID: id}.String())
	}
	f.Add("")
	f.Add("_")
	f.Add("art_")
	f.Add("art_zzzzzzzzzzzzz00")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := store.ParseNodeID(s)
		if err != nil {
			wantCode(t, err, store.CodeBadUserInput)
			return
		}
		if n.String() != s {
			t.Errorf("%q reads as %v", s, n)
		}
		if n.ID <= 0 || n.Kind == 0 {
			t.Errorf("%q gives the number %d of kind %v", s, n.ID, n.Kind)
		}
	})
}
