package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestSchemaPrint(t *testing.T) {
	t.Parallel()
	built := call(t, "schema", "print")
	if built.status != exitGood {
		t.Fatalf("status %d: %s", built.status, built.err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: built.out})
	if err != nil {
		t.Fatalf("what is printed is no schema: %v", err)
	}
	if schema.Types["Artist"].Fields.ForName("albums") == nil {
		t.Error("Artist.albums is missing")
	}
	if read := call(t, "schema", "print", "--schema", "../../schema"); read.out != built.out {
		t.Error("the schema of the folder is another than the one that is built in: is go generate needed?")
	}
}

func TestSchemaThatIsNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "query.graphqls"), []byte("type Query { a: Nothing }"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := call(t, "schema", "print", "--schema", dir)
	if got.status != exitProblem || !strings.Contains(got.err, "query.graphqls:1") || !strings.Contains(got.err, "Nothing") {
		t.Errorf("%d %s", got.status, got.err)
	}
}
