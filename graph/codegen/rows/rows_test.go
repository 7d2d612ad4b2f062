package rows_test

import (
	"testing"

	"backline/graph/codegen/codegentest"
	"backline/graph/codegen/rows"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	files, err := rows.Files(codegentest.Library(t, "../../.."))
	if err != nil {
		t.Fatal(err)
	}
	codegentest.Goldens(t, files)
}
