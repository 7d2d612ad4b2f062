package gateway_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/gateway"
	"backline/gateway/gatewaytest"
	"backline/gateway/persisted"
)

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// manifest writes one.
func manifest(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// named serves documents that requests may name.
func named(t *testing.T, d gateway.Documents) *bundle {
	t.Helper()
	return setup(t, func(c *gateway.Config) { c.Documents = d })
}

// body sends a body as clients do that read the newer media type.
func (b *bundle) body(body string) answer {
	b.t.Helper()
	return b.send("POST", "/graphql", body, "Content-Type: application/json", "Accept: application/graphql-response+json")
}

// get sends a query of a URL.
func (b *bundle) get(values url.Values) answer {
	b.t.Helper()
	return b.send("GET", "/graphql?"+values.Encode(), "", "Graphql-Require-Preflight: 1", "Accept: application/graphql-response+json")
}

func apollo(hash string) string {
	return fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":%q}}`, hash)
}

// Apollo's protocol: the hash, then hash and text, then the hash alone, by GET as well.
func TestAutomaticPersistedQueries(t *testing.T) {
	t.Parallel()
	const text, data = "query($n: String) { hello(name: $n) }", `{"data":{"hello":"hello Ada"}}`
	var w watcher
	b := setup(t, func(c *gateway.Config) { c.Documents.Automatic = true; c.Observer = &w })
	short := `{"extensions":` + apollo(sha(text)) + `,"variables":{"n":"Ada"}}`
	full := `{"query":"` + text + `",` + short[1:]
	if got := b.body(short); got.status != 400 || got.code(t) != persisted.CodeNotFound || !strings.Contains(got.body, `"PersistedQueryNotFound"`) {
		t.Errorf("unknown: %d %s", got.status, got.body)
	}
	legacy := b.send("POST", "/graphql", short, "Content-Type: application/json", "Accept: application/json")
	if legacy.status != 200 || legacy.code(t) != persisted.CodeNotFound {
		t.Errorf("unknown, application/json: %d %s", legacy.status, legacy.body)
	}
	w.take()
	for _, body := range []string{full, short} {
		if got := b.body(body); got.status != 200 || got.body != data {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	got := b.get(url.Values{"extensions": {apollo(sha(text))}, "variables": {`{"n":"Ada"}`}})
	if got.status != 200 || got.body != data || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("GET: %d %s %v", got.status, got.body, got.header)
	}
	if got := b.body(`{"documentId":"sha256:` + sha(text) + `","variables":{"n":"Ada"}}`); got.body != data {
		t.Errorf("documentId: %d %s", got.status, got.body)
	}
	told := slices.DeleteFunc(w.take(), func(s string) bool { return s != gateway.DocumentText && s != gateway.DocumentKept })
	if !slices.Equal(told, []string{"text", "kept", "kept", "kept"}) {
		t.Errorf("told %q", told)
	}
}

// Only what was found good is kept.
func TestNothingBadIsKept(t *testing.T) {
	t.Parallel()
	b := named(t, gateway.Documents{Config: persisted.Config{Automatic: true}})
	for _, c := range []struct{ name, text, code string }{
		{"not GraphQL", "{ hello", gateway.CodeParseFailed},
		{"another schema", "{ nonsense }", gateway.CodeValidationFailed},
		{"too deep", strings.Repeat("{ a ", 13) + strings.Repeat("}", 13), "DEPTH_LIMIT"},
		{"several operations", "query A { hello } query B { hello }", gateway.CodeOperation},
	} {
		if got := b.body(`{"query":"` + c.text + `","extensions":` + apollo(sha(c.text)) + `}`); got.code(t) != c.code {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
		if got := b.body(`{"extensions":` + apollo(sha(c.text)) + `}`); got.code(t) != persisted.CodeNotFound {
			t.Errorf("%s is kept: %d %s", c.name, got.status, got.body)
		}
	}
}

func TestMutationByID(t *testing.T) {
	t.Parallel()
	b := named(t, gateway.Documents{Config: persisted.Config{File: manifest(t, `{"bump":"mutation { bump }"}`), Mode: persisted.Only}})
	if got := b.get(url.Values{"documentId": {"bump"}}); got.status != 405 || got.header.Get("Allow") != "POST" {
		t.Errorf("GET: %d %s", got.status, got.body)
	}
	if got := b.body(`{"documentId":"bump"}`); got.status != 200 || !strings.HasPrefix(got.body, `{"data":{"bump":`) {
		t.Errorf("POST: %d %s", got.status, got.body)
	}
}

func TestDocumentModes(t *testing.T) {
	t.Parallel()
	file := manifest(t, `{"one":"query One { hello }","`+sha("{ items(count: 1) { index } }")+`":"{ items(count: 1) { index } }"}`)
	var w watcher
	prefer := setup(t, func(c *gateway.Config) {
		c.Documents.File, c.Documents.Mode, c.Observer = file, persisted.Prefer, &w
	})
	only := named(t, gateway.Documents{Config: persisted.Config{File: file, Mode: persisted.Only}})
	for _, c := range []struct{ name, body, prefer, only string }{
		{"an id", `{"documentId":"one"}`, "", ""},
		{"as Relay's documentation calls it", `{"doc_id":"one"}`, "", ""},
		{"in Apollo's extension", `{"extensions":` + apollo("one") + `}`, "", ""},
		{"by its hash", `{"documentId":"sha256:` + sha("query One { hello }") + `"}`, "", ""},
		{"id and text", `{"documentId":"one","query":"query One { hello }"}`, "", ""},
		{"id, text and name", `{"documentId":"one","query":"query One { hello }","operationName":"One"}`, "", ""},
		{"its text", `{"query":"query One { hello }"}`, "", persisted.CodeIDRequired},
		{"another text", `{"query":"query Two { hello }"}`, "", persisted.CodeNotInList},
		{"another text that is not even GraphQL", `{"query":"{"}`, gateway.CodeParseFailed, persisted.CodeNotInList},
		{"id and another text", `{"documentId":"one","query":"{ hello }"}`, persisted.CodeHashMismatch, persisted.CodeHashMismatch},
		{"an unknown id", `{"documentId":"three"}`, persisted.CodeNotFound, persisted.CodeNotFound},
		{"a bad id", `{"documentId":"a b"}`, gateway.CodeBadRequest, gateway.CodeBadRequest},
		{"another name", `{"documentId":"one","operationName":"Two"}`, gateway.CodeOperation, gateway.CodeOperation},
	} {
		for mode, b := range map[string]*bundle{c.prefer: prefer, c.only + " ": only} {
			want, got := strings.TrimSpace(mode), b.body(c.body)
			switch {
			case want == "" && (got.status != 200 || got.body != `{"data":{"hello":"hello world"}}`):
				t.Errorf("%s: got %d %s", c.name, got.status, got.body)
			case want != "" && (got.status != 400 || got.code(t) != want):
				t.Errorf("%s: got %d %s, want %s", c.name, got.status, got.body, want)
			}
		}
	}
	if log := prefer.log.String(); !strings.Contains(log, "not in the manifest") || !strings.Contains(log, sha("query Two { hello }")) || !strings.Contains(log, "operation=Two") {
		t.Errorf("logged %s", log)
	}
	told := w.take()
	for _, want := range []string{gateway.DocumentListed, gateway.DocumentUnlisted} {
		if !slices.Contains(told, want) {
			t.Errorf("nobody was told %s: %q", want, told)
		}
	}
}

// What is wrong with a manifest is known before a request comes.
func TestManifestIsChecked(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("{ ...on Query ", 40) + "{ hello }" + strings.Repeat(" }", 40)
	long := "{ hello } #" + strings.Repeat("x", 15_000)
	start := func(content string, exceed bool) error {
		_, err := gateway.New(gateway.Config{
			Schema:    gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: &gatewaytest.Resolver{}}),
			Documents: gateway.Documents{Config: persisted.Config{File: manifest(t, content)}, ExceedLimits: exceed},
		})
		return err
	}
	for _, c := range []struct {
		name, content string
		exceed        bool
		want          string
	}{
		{"good", `{"a":"{ hello }"}`, false, ""},
		{"long", `{"a":"` + long + `"}`, false, "document a: the document has 15011 bytes"},
		{"long, and may be", `{"a":"` + long + `"}`, true, ""},
		{"deep, and may be", `{"a":"` + deep + `"}`, true, ""},
		{"not GraphQL", `{"a":"{"}`, false, "document a: Expected Name, found <EOF> (line 1, column 2)"},
		{"another schema", `{"a":"{ helo }"}`, true, `document a: Cannot query field "helo" on type "Query". Did you mean "hello"? (line 1, column 3)`},
		{"a large page", `{"a":"{ hello }","b":"{ items(count: 1, first: 1000) { index } }"}`, true, "document b: "},
	} {
		err := start(c.content, c.exceed)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// A new manifest takes effect without a start.
func TestManifestReload(t *testing.T) {
	t.Parallel()
	file := manifest(t, `{"one":"{ hello }"}`)
	book := &doorBook{}
	b := setup(t, func(c *gateway.Config) {
		c.Documents, c.Door = gateway.Documents{Config: persisted.Config{File: file, Mode: persisted.Only}}, book
	})
	if got := b.body(`{"documentId":"one"}`); got.status != 200 {
		t.Errorf("one: %s", got.body)
	}
	if err := os.WriteFile(file+".new", []byte(`{"two":"{ hello(name: \"two\") }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ticks := make(chan time.Time)
	var watching sync.WaitGroup
	watching.Go(func() { b.gateway.WatchDocuments(ctx, ticks) })
	for range 2 { // the second one is taken when the first one is done with
		ticks <- time.Time{}
	}
	cancel()
	watching.Wait()
	if got := b.body(`{"documentId":"two"}`); got.body != `{"data":{"hello":"hello two"}}` {
		t.Errorf("two: %s", got.body)
	}
	if got := b.body(`{"documentId":"one"}`); got.code(t) != persisted.CodeNotFound {
		t.Errorf("one: %s", got.body)
	}
	book.mu.Lock()
	defer book.mu.Unlock()
	if !slices.Contains(book.lines, "drop [Query.hello]") {
		t.Errorf("the uses of what is gone are counted on: %q", book.lines)
	}
}

// The members are read as strictly as all others.
func TestDocumentMembers(t *testing.T) {
	t.Parallel()
	b := named(t, gateway.Documents{Config: persisted.Config{File: manifest(t, `{"one":"{ hello }"}`)}})
	for _, c := range []struct{ body, message string }{
		{`{"documentId":"one","documentId":"one"}`, "the body has a name twice"},
		{`{"DocumentId":"one"}`, `the body has \"documentId\" in other capitals`},
		{`{"documentid":"one","query":"{ hello }"}`, `the body has \"documentId\" in other capitals`},
		{`{"documentId":"one","doc_id":"one"}`, "are the same: send one of them"},
		{`{"documentId":1}`, `\"documentId\" must be a string`},
		{`{"documentId":["one"]}`, `\"documentId\" must be a string`},
		{`{"documentId":""}`, `the body has no \"query\"`},
		{`{"documentId":null}`, `the body has no \"query\"`},
		{`{"extensions":{"persistedQuery":null}}`, `the body has no \"query\"`},
		{`{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"x"}}}`, "version must be 1"},
		{`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":5}}}`, "sha256Hash must be a string"},
		{`{"documentId":"one","extensions":` + apollo("one") + `}`, "name the document once"},
	} {
		if got := b.body(c.body); got.status != 400 || got.code(t) != gateway.CodeBadRequest || !strings.Contains(got.body, c.message) {
			t.Errorf("%s: got %d %s", c.body, got.status, got.body)
		}
	}
	for _, c := range []struct{ query, message string }{
		{"documentId=one&documentId=one", `more than one \"documentId\"`},
		{"documentId=one&doc_id=one", "are the same"},
		{"DOCUMENTID=one", "in other capitals"},
		{"documentId=", `the URL has no \"query\"`},
		{"extensions=" + url.QueryEscape(`{"persistedQuery":[]}`), "must be an object"},
	} {
		got := b.send("GET", "/graphql?"+c.query, "", "Graphql-Require-Preflight: 1")
		if got.status != 400 || got.code(t) != gateway.CodeBadRequest || !strings.Contains(got.body, c.message) {
			t.Errorf("%s: got %d %s", c.query, got.status, got.body)
		}
	}
	if got := b.get(url.Values{"documentId": {"one"}}); got.body != `{"data":{"hello":"hello world"}}` {
		t.Errorf("GET: %d %s", got.status, got.body)
	}
	if got := b.send("GET", "/graphql?documentId=one", ""); got.code(t) != gateway.CodeCSRF {
		t.Errorf("GET without a header: %d %s", got.status, got.body)
	}
}

// Nothing is kept and nothing can be named unless somebody asks for it.
func TestDocumentsAreOff(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	text := "{ hello }"
	if got := b.body(`{"query":"` + text + `","extensions":` + apollo(sha(text)) + `}`); got.status != 200 {
		t.Errorf("hash and text: %d %s", got.status, got.body)
	}
	if got := b.body(`{"extensions":` + apollo(sha(text)) + `}`); got.code(t) != persisted.CodeNotSupported || !strings.Contains(got.body, `"PersistedQueryNotSupported"`) {
		t.Errorf("the hash: %d %s", got.status, got.body)
	}
}
