package guide

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"backline/graph/codegen/codegentest"
)

const (
	root  = "../.."
	guide = root + "/docs/guides/change-the-schema.md"
)

// TestGuide does what the guide says, block by block.
func TestGuide(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the project several times and runs it")
	}
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	all, err := steps(string(text))
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t)
	answers := map[int]string{}
	for i, s := range all {
		switch {
		case s.path != "":
			r.write(s)
		case s.lang == "sh":
			refused := ""
			if i+1 < len(all) && all[i+1].lang == "text" {
				refused = all[i+1].text
			}
			r.run(s, refused)
		case s.lang == "graphql":
			answers[i+1] = r.ask(s, all[i+1])
		case s.lang == "json" || s.lang == "text": // belongs to the one before
		default:
			t.Fatalf("line %d: nobody knows what to do with a block of %q", s.line, s.lang)
		}
	}
	if *codegentest.Update {
		for i, s := range slices.Backward(all) {
			if answer, ok := answers[i]; ok {
				text = slices.Concat(text[:s.from], []byte(answer), text[s.to:])
			}
		}
		if err := os.WriteFile(guide, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r.pristine()
}

// reader is somebody who follows the guide.
type reader struct {
	t         *testing.T
	dir, data string
	server    *server
	before    map[string]string // the project as it was cloned
	undo      func()            // takes the last change of a file back
	ids       string            // those that a client may have kept
}

func newReader(t *testing.T) *reader {
	t.Helper()
	dir := codegentest.CopyProject(t, root, func(path string) bool {
		inTest := strings.HasPrefix(path, "test/") && path != "test/generated" && path != "test/generated/generate.go"
		return inTest || path == "docs/images" || path == "graph/breadth/breadthtest" || path == "gateway/gatewaytest" || strings.HasSuffix(path, "_test.go")
	})
	r := &reader{t: t, dir: dir, data: filepath.Join(t.TempDir(), "data"), before: codegentest.Snapshot(t, dir)}
	t.Cleanup(func() {
		if r.server != nil {
			r.server.stop(t)
		}
	})
	return r
}

// write makes or changes a file.
func (r *reader) write(s step) {
	r.t.Helper()
	path := filepath.Join(r.dir, s.path)
	old, err := os.ReadFile(path)
	r.undo = func() {
		if err == nil {
			codegentest.WriteFile(r.t, path, old)
		}
	}
	if err := s.apply(path); err != nil {
		r.t.Fatal(err)
	}
}

// run does the commands of a block. If they are to be refused, the last change is taken back.
func (r *reader) run(s step, refused string) {
	r.t.Helper()
	for line := range strings.Lines(s.text) {
		words := strings.Fields(line)
		switch words[0] {
		case "rm":
			for _, path := range words[1:] {
				if err := os.Remove(filepath.Join(r.dir, path)); err != nil {
					r.t.Fatalf("line %d: %v", s.line, err)
				}
			}
		case "go":
			r.goCommand(s, words[1:], refused)
		default:
			r.t.Fatalf("line %d: nobody knows how to run %q", s.line, line)
		}
	}
}

func (r *reader) goCommand(s step, words []string, refused string) {
	r.t.Helper()
	if strings.Join(words, " ") == "run ." {
		if r.server != nil {
			r.server.stop(r.t)
			r.server = nil
		}
		r.server = goRun(r.t, r.dir, r.data)
		ids := string(r.server.ask(r.t, `{ artists(first: 1) { nodes { id } } playlists(first: 1) { nodes { id } } tracks(first: 1) { nodes { id } } }`))
		if r.ids != "" && ids != r.ids {
			r.t.Errorf("line %d: the schema's change has changed IDs from %s to %s", s.line, r.ids, ids)
		}
		r.ids = ids
		return
	}
	before := codegentest.Snapshot(r.t, r.dir)
	out, err := codegentest.Go(r.t, r.dir, nil, words...)
	switch {
	case refused == "" && err != nil:
		r.t.Fatalf("line %d: %v", s.line, err)
	case refused != "" && err == nil:
		r.t.Fatalf("line %d: go %s was not refused", s.line, strings.Join(words, " "))
	case refused != "":
		if !strings.HasPrefix(out, refused) {
			r.t.Errorf("line %d: it says\n%s\nand not\n%s", s.line, out, refused)
		}
		codegentest.SameFiles(r.t, "what is refused changes nothing", before, codegentest.Snapshot(r.t, r.dir))
		r.undo()
	}
}

// ask sends a query and compares the answer with the block behind it.
func (r *reader) ask(query, answer step) string {
	r.t.Helper()
	if r.server == nil || answer.lang != "json" {
		r.t.Fatalf("line %d: a query needs a server before it and an answer behind it", query.line)
	}
	got := r.server.ask(r.t, query.text)
	var is, want any
	if err := json.Unmarshal(got, &is); err != nil {
		r.t.Fatalf("line %d: %v: %s", query.line, err, got)
	}
	if err := json.Unmarshal([]byte(answer.text), &want); err != nil {
		r.t.Fatalf("line %d: %v", answer.line, err)
	}
	if !*codegentest.Update && !reflect.DeepEqual(is, want) {
		r.t.Errorf("line %d: the answer is\n%s", query.line, got)
	}
	if reflect.DeepEqual(is, want) {
		return answer.text
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", "  "); err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(pretty.String()) + "\n"
}

// pristine demands that the guide has taken everything away again but its migrations.
func (r *reader) pristine() {
	r.t.Helper()
	after := codegentest.Snapshot(r.t, r.dir)
	for path := range after {
		if _, ok := r.before[path]; !ok && strings.HasPrefix(path, "store/migrations/") {
			delete(after, path)
		}
	}
	codegentest.SameFiles(r.t, "at the end of the guide", r.before, after)
}
