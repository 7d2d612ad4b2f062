package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"backline/graph/codegen/codegentest"
)

const (
	root    = "../.."
	library = "testdata/library"
)

// TestLibrary puts a schema that has nothing to do with music into a copy of the project without its
// music: it generates, compiles, and answers queries on real shards.
func TestLibrary(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a whole project")
	}
	dir := newLibrary(t)
	codegentest.MustGo(t, dir, nil, "generate", "./...")
	for _, name := range []string{"branch", "connections_gen", "copy", "language", "order", "query", "shelf", "title"} {
		text, err := os.ReadFile(filepath.Join(dir, "resolvers", name+".resolvers.go"))
		if err != nil {
			t.Fatal(err)
		}
		codegentest.Golden(t, filepath.Join("resolvers/testdata", name+".resolvers.go.golden"), text)
	}
	codegentest.MustGo(t, dir, nil, "vet", "./...")
	env := []string{}
	if *codegentest.Update {
		here, err := filepath.Abs(library)
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, "UPDATE_GOLDENS="+here)
	}
	codegentest.MustGo(t, dir, env, "test", "./store", "./answers")

	t.Run("generating again changes nothing", func(t *testing.T) {
		before := codegentest.Snapshot(t, dir)
		codegentest.MustGo(t, dir, nil, "generate", "./...")
		codegentest.SameFiles(t, "second run", before, codegentest.Snapshot(t, dir))
	})
	t.Run("a type that is removed leaves nothing behind", func(t *testing.T) { removeOrder(t, dir) })
}

// newLibrary is a project with the library's schema that has never been generated.
func newLibrary(t *testing.T) string {
	t.Helper()
	dir := codegentest.CopyProject(t, root, isMusic)
	for to, pattern := range map[string]string{
		"schema": "schema/*", "store/migrations": "migrations/*", "resolvers": "resolvers/*",
		"answers": "answers/*", "store": "store/*",
	} {
		files, err := filepath.Glob(filepath.Join(library, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("find %s: %v", pattern, err)
		}
		codegentest.CopyFiles(t, filepath.Join(dir, to), files...)
	}
	return dir
}

// isMusic names all that is about music: the schema, what is written for it by hand, and what was
// generated from it.
func isMusic(file string) bool {
	dir, name := path.Split(file)
	switch {
	case dir == "": // the server with its settings
		return strings.HasSuffix(name, ".go") || name == "docs" || name == "deploy" || name == "cmd"
	case dir == "test/":
		return name != "generated"
	case dir == "schema/":
		return name != "directives.graphqls" && name != "query.graphqls"
	case strings.HasSuffix(name, "_gen.go"), strings.HasSuffix(name, ".resolvers.go"), dir == "graph/" && name != "doc.go" && strings.HasSuffix(name, ".go"):
		return true
	case strings.HasSuffix(name, "_test.go"), strings.HasSuffix(name, ".sql"):
		return true
	default:
		return name == "testdata" || file == "graph/model" || file == "graph/breadth/breadthtest" || file == "gateway/playground" || file == "gateway/gatewaytest" ||
			file == "store/seed" || file == "store/search.go" || file == "loaders/search.go" || file == "graph/codegen/codegentest"
	}
}

// removeOrder removes a type that others refer to.
func removeOrder(t *testing.T, dir string) {
	t.Helper()
	for file, cut := range map[string][2]string{
		"schema/branch.graphqls": {`  "The orders to be fetched here`, "}\n\n\"Whatever"},
		"schema/title.graphqls":  {" | Order", "\n\n\"What can be found"},
	} {
		file = filepath.Join(dir, file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(string(text), cut[0])
		at := strings.Index(rest, cut[1])
		if !found || at < 0 {
			t.Fatalf("%s is not as this test expects", file)
		}
		codegentest.WriteFile(t, file, []byte(before+rest[at:]))
	}
	if err := os.Remove(filepath.Join(dir, "schema/order.graphqls")); err != nil {
		t.Fatal(err)
	}
	codegentest.MustGo(t, dir, nil, "generate", "./...")
	for file, text := range codegentest.Snapshot(t, dir) {
		isGenerated := strings.HasSuffix(file, "_gen.go") || strings.HasSuffix(file, ".generated.go") || strings.HasSuffix(file, ".resolvers.go")
		if isGenerated && (strings.Contains(text, "OrderRow") || strings.Contains(text, "OrderConnection") || strings.Contains(file, "order")) {
			t.Errorf("%s still knows orders", file)
		}
		if strings.HasSuffix(file, ".resolvers.go") && strings.Contains(text, "/*") {
			t.Errorf("%s keeps what is gone:\n%s", file, text)
		}
	}
	codegentest.MustGo(t, dir, nil, "build", "./...")
}
