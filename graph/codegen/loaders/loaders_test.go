package loaders_test

import (
	"testing"

	"backline/graph/codegen/codegentest"
	"backline/graph/codegen/loaders"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	files, err := loaders.Files(codegentest.Library(t, "../../.."), "example.org/library")
	if err != nil {
		t.Fatal(err)
	}
	codegentest.Goldens(t, files)
}
