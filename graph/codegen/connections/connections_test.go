package connections_test

import (
	"testing"

	"backline/graph/codegen/codegentest"
	"backline/graph/codegen/connections"
	"backline/graph/codegen/output"
)

func TestSDL(t *testing.T) {
	t.Parallel()
	f, err := connections.SDL([]string{"Copy", "Shelf"})
	if err != nil {
		t.Fatal(err)
	}
	codegentest.Goldens(t, []output.File{f})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	files, err := connections.Files(codegentest.Library(t, "../../.."), "example.org/library")
	if err != nil {
		t.Fatal(err)
	}
	codegentest.Goldens(t, files)
}
