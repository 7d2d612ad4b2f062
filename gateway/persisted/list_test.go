package persisted_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/gateway/persisted"
)

func TestReadManifest(t *testing.T) {
	t.Parallel()
	const apollo = `{"format":"apollo-persisted-query-manifest","version":1,"operations":`
	for _, tt := range []struct {
		name, content string
		want          string // ID=text, joined by commas, or what the error has
		bad           bool
	}{
		{"plain", `{"a":"{ a }","b":"{ b }"}`, "a={ a },b={ b }", false},
		{"nothing", `{}`, "", false},
		{"hash", `{"` + hash("{ a }") + `":"{ a }"}`, hash("{ a }") + "={ a }", false},
		{"prefixed", `{"sha256:` + hash("{ a }") + `":"{ a }"}`, "sha256:" + hash("{ a }") + "={ a }", false},
		{"Apollo", apollo + `[{"id":"a","name":"A","type":"query","body":"{ a }"},{"body":"{ b }","id":"b","more":[]}]}`, "a={ a },b={ b }", false},
		{"plain with Apollo's words", `{"format":"{ a }"}`, "format={ a }", false},
		{"no object", `[]`, "is not a JSON object", true},
		{"nothing at all", ``, "is not a JSON object", true},
		{"cut off", `{"a":"{ a }"`, "is not a JSON object", true},
		{"more", `{} {}`, "goes on", true},
		{"twice", `{"a":"{ a }","a":"{ b }"}`, `has the name "a" twice`, true},
		{"two forms of one id", `{"sha256:` + hash("{ a }") + `":"{ a }","` + hash("{ a }") + `":"{ a }"}`, "twice", true},
		{"wrong hash", `{"` + hash("{ a }") + `":"{ b }"}`, "for a text whose SHA-256 is " + hash("{ b }"), true},
		{"bad id", `{"a b":"{ a }"}`, `the id "a b", which must be`, true},
		{"empty id", `{"":"{ a }"}`, `the id "", which must be`, true},
		{"no text", `{"a":""}`, "no text for a", true},
		{"number", `{"a":1}`, "it is not a string", true},
		{"not UTF-8", "{\"a\":\"\xff\"}", "not UTF-8", true},
		{"Apollo, another version", `{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}`, "version is not 1", true},
		{"Apollo, no version", `{"format":"apollo-persisted-query-manifest","operations":[]}`, "version is not 1", true},
		{"Apollo, another format", `{"format":"x","version":1,"operations":[]}`, "format is not", true},
		{"Apollo, no list", apollo + `{}}`, "are not a list", true},
		{"Apollo, no body", apollo + `[{"id":"a"}]}`, "operation 1 of the manifest has no body", true},
		{"Apollo, no id", apollo + `[{"body":"{ a }"}]}`, "operation 1 of the manifest has no id", true},
		{"Apollo, an id twice", apollo + `[{"id":"a","body":"{ a }"},{"id":"a","body":"{ a }"}]}`, `the id "a" twice`, true},
		{"Apollo, a member twice", apollo + `[{"id":"a","id":"b","body":"{ a }"}]}`, `the name "id" twice`, true},
		{"Apollo, no object", apollo + `[1]}`, "operation 1 of the manifest is not a JSON object", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			entries, err := persisted.ReadManifest([]byte(tt.content))
			if tt.bad {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				return
			}
			var got []string
			for _, e := range entries {
				got = append(got, e.ID+"="+e.Text)
			}
			if err != nil || strings.Join(got, ",") != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestManifestIsBounded(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range persisted.MaxManifestDocuments + 1 {
		fmt.Fprintf(&many, `,"%d":"{ a }"`, i)
	}
	if _, err := persisted.ReadManifest([]byte("{" + many.String()[1:] + "}")); err == nil || !strings.Contains(err.Error(), "more than 20000") {
		t.Errorf("many: %v", err)
	}
	path := filepath.Join(t.TempDir(), "large.json")
	rewrite(t, path, "{}")
	if err := os.Truncate(path, persisted.MaxManifestBytes+1); err != nil {
		t.Fatal(err)
	}
	if _, err := persisted.New(persisted.Config{File: path}, new(preparer).prepare, func(string) {}); err == nil || !strings.Contains(err.Error(), "more than 67108864 bytes") {
		t.Errorf("large: %v", err)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	invalid := manifest(t, `{"one":"{ a }","two":"{ bad }"}`)
	for _, tt := range []struct {
		name   string
		config persisted.Config
		want   []string // of the error
	}{
		{"no manifest", persisted.Config{Mode: persisted.Only}, []string{`"only"`, "needs a manifest"}},
		{"no file", persisted.Config{File: filepath.Join(t.TempDir(), "none.json")}, []string{"read the manifest", "none.json"}},
		{"an invalid document", persisted.Config{File: invalid}, []string{"1 of the 2 documents", "manifest.json", "document two: that is bad"}},
	} {
		_, err := persisted.New(tt.config, new(preparer).prepare, func(string) {})
		for _, want := range tt.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", tt.name, err, want)
			}
		}
	}
	var log logged
	d := open(t, persisted.Config{File: invalid, AllowInvalid: true, Log: log.logger()})
	if d.Size() != 1 || !strings.Contains(log.String(), "document two: that is bad") {
		t.Errorf("%d documents, logged %s", d.Size(), log.String())
	}
	if _, err := d.Find(t.Context(), persisted.Request{ID: "two"}); code(t, err) != persisted.CodeNotFound {
		t.Errorf("the invalid one: %v", err)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	path := manifest(t, `{"one":"{ a }"}`)
	var p preparer
	var log logged
	var forgotten []string // written by the watcher between two ticks
	forget := func(prepared string) { forgotten = append(forgotten, prepared) }
	d, err := persisted.New(persisted.Config{File: path, Mode: persisted.Only, Log: log.logger()}, p.prepare, forget)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ticks := make(chan time.Time)
	var watching sync.WaitGroup
	watching.Go(func() { d.Watch(ctx, ticks) })
	defer func() { cancel(); watching.Wait() }()
	look := func() { // the second tick is taken when the first one is done with
		ticks <- time.Time{}
		ticks <- time.Time{}
	}
	finds := func(id, want string) {
		t.Helper()
		f, err := d.Find(t.Context(), persisted.Request{ID: id})
		if code(t, err) != want || err == nil && f.Prepared != strings.ToUpper(f.Text) {
			t.Errorf("%s: got %+v, %v", id, f, err)
		}
	}

	look()
	if n := p.calls.Load(); n != 1 {
		t.Errorf("an unchanged manifest was prepared %d times", n)
	}
	rewrite(t, path, `{"uno":"{ a }","two":"{ b }"}`)
	look()
	finds("one", persisted.CodeNotFound)
	finds("uno", "")
	finds("two", "")
	if n := p.calls.Load(); n != 2 {
		t.Errorf("%d texts were prepared, though one of them was known", n)
	}
	if len(forgotten) != 0 {
		t.Errorf("%q are forgotten, whose texts are still there", forgotten)
	}
	for _, broken := range []string{`{"uno":"{ a }","two":`, `{"uno":"{ a }","three":"{ bad bad }"}`} {
		rewrite(t, path, broken)
		look()
		look()
		finds("two", "")
	}
	if n := strings.Count(log.String(), "the one before stays"); n != 2 {
		t.Errorf("two errors, reported %d times: %s", n, log.String())
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	look()
	finds("two", "")
	rewrite(t, path, `{"four":"{ d }"}`)
	look()
	finds("four", "")
	finds("two", persisted.CodeNotFound)
	if slices.Sort(forgotten); !slices.Equal(forgotten, []string{"{ A }", "{ B }"}) {
		t.Errorf("%q are forgotten", forgotten)
	}
}

// Whatever a manifest has, what is read of it can be told apart and named.
func FuzzReadManifest(f *testing.F) {
	for _, seed := range []string{
		`{"a":"{ a }"}`, `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","name":"A","body":"{ a }"}]}`,
		`{"` + hash("{ a }") + `":"{ a }"}`, `{"sha256:` + hash("{ a }") + `":"{ a }"}`, `{"x-a:b":"\ud800"}`, `[`, `{"a":[[[[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := persisted.ReadManifest(data)
		if err != nil {
			if len(entries) > 0 {
				t.Fatalf("%d entries and %v", len(entries), err)
			}
			return
		}
		seen := map[string]bool{}
		for _, e := range entries {
			if persisted.CheckID(e.ID) != nil || e.Text == "" || seen[e.ID] {
				t.Fatalf("%q", e)
			}
			seen[e.ID] = true
			if h, ok := strings.CutPrefix(e.ID, "sha256:"); ok && h != hash(e.Text) {
				t.Fatalf("%q has another hash", e)
			}
		}
	})
}
