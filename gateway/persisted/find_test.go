package persisted_test

import (
	"encoding/json"
	"strings"
	"testing"

	"backline/gateway/persisted"
)

func TestFind(t *testing.T) {
	t.Parallel()
	const listed, other = "{ listed }", "{ other }"
	file := manifest(t, `{"one":"{ listed }"}`)
	const (
		runs       = ""
		notFound   = persisted.CodeNotFound
		notKept    = persisted.CodeNotSupported
		mismatch   = persisted.CodeHashMismatch
		idRequired = persisted.CodeIDRequired
		notInList  = persisted.CodeNotInList
	)
	for _, tt := range []struct {
		name                            string
		text, id                        string
		none, open, prefer, only, whole string // what comes of it; none has neither manifest nor automatic ones
	}{
		{"a text", other, "", runs, runs, runs, notInList, other},
		{"a text of the manifest", listed, "", runs, runs, runs, idRequired, listed},
		{"an id", "", "one", notFound, runs, runs, runs, listed},
		{"an id and its text", listed, "one", mismatch, runs, runs, runs, listed},
		{"an id and another text", other, "one", mismatch, mismatch, mismatch, mismatch, ""},
		{"an unknown id", "", "two", notFound, notFound, notFound, notFound, ""},
		{"an unknown id and a text", other, "two", mismatch, mismatch, mismatch, notInList, ""},
		{"a hash of the manifest", "", hash(listed), notKept, runs, runs, runs, listed},
		{"a hash with its prefix", "", "sha256:" + hash(listed), notKept, runs, runs, runs, listed},
		{"a hash and its text", other, hash(other), runs, runs, runs, notInList, other},
		{"a hash with its prefix and its text", other, "sha256:" + hash(other), runs, runs, runs, notInList, other},
		{"a hash and another text", other, hash("x"), mismatch, mismatch, mismatch, notInList, ""},
		{"a hash in capitals and its text", other, strings.ToUpper(hash(other)), mismatch, mismatch, mismatch, notInList, ""},
		{"a hash of another text of the manifest", listed, hash(other), mismatch, mismatch, mismatch, notInList, ""},
		{"an unknown hash", "", hash("x"), notKept, notFound, notFound, notFound, ""},
	} {
		for _, m := range []struct {
			name   string
			config persisted.Config
			want   string
		}{
			{"none", persisted.Config{}, tt.none},
			{"open", persisted.Config{File: file, Automatic: true}, tt.open},
			{"prefer", persisted.Config{File: file, Automatic: true, Mode: persisted.Prefer}, tt.prefer},
			{"only", persisted.Config{File: file, Automatic: true, Mode: persisted.Only}, tt.only},
		} {
			t.Run(tt.name+", "+m.name, func(t *testing.T) {
				t.Parallel()
				d := open(t, m.config)
				f, err := d.Find(t.Context(), persisted.Request{Text: tt.text, ID: tt.id})
				if got := code(t, err); got != m.want {
					t.Fatalf("got %q, want %q", got, m.want)
				}
				if err != nil {
					return
				}
				isListed := tt.whole == listed && m.name != "none"
				if f.Text != tt.whole || f.Listed != isListed || f.Unlisted != (m.name == "prefer" && !isListed) {
					t.Errorf("got %+v", f)
				}
				if isListed && f.Prepared != strings.ToUpper(listed) {
					t.Errorf("it is not prepared: %q", f.Prepared)
				}
			})
		}
	}
}

// What Apollo's and urql's clients look at must not change.
func TestMessages(t *testing.T) {
	t.Parallel()
	d := open(t, persisted.Config{Automatic: true})
	if _, err := d.Find(t.Context(), persisted.Request{ID: hash("x")}); err.Error() != "PersistedQueryNotFound" {
		t.Errorf("got %v", err)
	}
	d = open(t, persisted.Config{})
	if _, err := d.Find(t.Context(), persisted.Request{ID: hash("x")}); err.Error() != "PersistedQueryNotSupported" {
		t.Errorf("got %v", err)
	}
}

func TestNewRequest(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 201)
	for _, tt := range []struct {
		name       string
		documentID string
		extensions string
		id, err    string
	}{
		{"nothing", "", `{}`, "", ""},
		{"another extension", "", `{"a":1}`, "", ""},
		{"null", "", `{"persistedQuery":null}`, "", ""},
		{"Apollo's", "", `{"persistedQuery":{"version":1,"sha256Hash":"ab"}}`, "ab", ""},
		{"urql's", "", `{"persistedQuery":{"version":1,"sha256Hash":"ab","miss":true}}`, "ab", ""},
		{"an id", "ab-._~9", `{}`, "ab-._~9", ""},
		{"an id with a hash", "sha256:" + hash("a"), `{}`, "sha256:" + hash("a"), ""},
		{"an id of one's own", "x-us:a", `{}`, "x-us:a", ""},
		{"both", "ab", `{"persistedQuery":{"version":1,"sha256Hash":"ab"}}`, "ab", "name the document once"},
		{"version 2", "", `{"persistedQuery":{"version":2,"sha256Hash":"ab"}}`, "", "version must be 1"},
		{"version 1.0", "", `{"persistedQuery":{"version":1.0,"sha256Hash":"ab"}}`, "", "version must be 1"},
		{"version in words", "", `{"persistedQuery":{"version":"1","sha256Hash":"ab"}}`, "", "version must be 1"},
		{"no version", "", `{"persistedQuery":{"sha256Hash":"ab"}}`, "", "version must be 1"},
		{"no hash", "", `{"persistedQuery":{"version":1}}`, "", "sha256Hash must be a string"},
		{"a number", "", `{"persistedQuery":{"version":1,"sha256Hash":1}}`, "", "sha256Hash must be a string"},
		{"an empty hash", "", `{"persistedQuery":{"version":1,"sha256Hash":""}}`, "", "1 to 200 bytes"},
		{"a long hash", "", `{"persistedQuery":{"version":1,"sha256Hash":"` + long + `"}}`, "", "1 to 200 bytes"},
		{"a list", "", `{"persistedQuery":[]}`, "", "must be an object"},
		{"a long id", long, `{}`, "", "documentId must be 1 to 200"},
		{"a space", "a b", `{}`, "", "documentId must be 1 to 200"},
		{"a short hash", "sha256:ab", `{}`, "", "64 hexadecimal digits in lower case"},
		{"a hash in capitals", "sha256:" + strings.ToUpper(hash("a")), `{}`, "", "64 hexadecimal digits in lower case"},
		{"an unknown prefix", "md5:ab", `{}`, "", "documentId must be"},
		{"no name behind x-", "x-:ab", `{}`, "", "documentId must be"},
		{"nothing behind the prefix", "x-us:", `{}`, "", "documentId must be"},
		{"two prefixes", "x-us:a:b", `{}`, "", "documentId must be"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var extensions map[string]any
			decoder := json.NewDecoder(strings.NewReader(tt.extensions))
			decoder.UseNumber()
			if err := decoder.Decode(&extensions); err != nil {
				t.Fatal(err)
			}
			r, err := persisted.NewRequest("", tt.documentID, extensions)
			switch {
			case tt.err == "" && (err != nil || r.ID != tt.id):
				t.Errorf("got %q, %v", r.ID, err)
			case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
}
