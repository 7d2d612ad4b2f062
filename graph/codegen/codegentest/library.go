// Package codegentest gives the tests of the generator a schema that has nothing to do with the
// product's (a library with its branches, shelves and titles), and goldens. Only tests import it.
package codegentest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/codegen/connections"
	"backline/graph/codegen/declared"
	"backline/graph/codegen/entity"
	"backline/graph/codegen/output"
)

// Update says that goldens are to be written.
var Update = flag.Bool("update", false, "write the goldens")

// Library is the model of the library's schema. root is the way to the project's folder.
func Library(t testing.TB, root string) *entity.Model {
	t.Helper()
	sources, err := entity.Sources(filepath.Join(root, "graph/codegen/testdata/library/schema"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"directives.graphqls", "query.graphqls"} {
		text, err := os.ReadFile(filepath.Join(root, "schema", name))
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	names, err := entity.MissingConnections(sources)
	if err != nil {
		t.Fatal(err)
	}
	sdl, err := connections.SDL(names)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := declared.Names(root)
	if err != nil {
		t.Fatal(err)
	}
	m, err := entity.Load(append(sources, &ast.Source{Name: sdl.Name, Input: string(sdl.Text)}), taken)
	if err != nil {
		t.Fatal(entity.Explain(err))
	}
	return m
}

// Goldens compares files with testdata/<name>.golden.
func Goldens(t testing.TB, files []output.File) {
	t.Helper()
	for _, f := range files {
		Golden(t, filepath.Join("testdata", f.Name+".golden"), f.Text)
	}
}

// Golden compares a text with a file; with -update it writes the file.
func Golden(t testing.TB, path string, got []byte) {
	t.Helper()
	if *Update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; look at the difference with -update and git diff", path)
	}
}
