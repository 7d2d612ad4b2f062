package generated

import (
	"strings"
	"testing"

	"backline/graph/codegen/codegentest"
)

// TestUpToDate generates into a copy of the project: what is committed must be what comes out.
func TestUpToDate(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the generator and loads a whole project")
	}
	dir := codegentest.CopyProject(t, "../..", func(path string) bool {
		inTest := strings.HasPrefix(path, "test/") && path != "test/generated" && path != "test/generated/generate.go"
		hasItsOwn := path == "gateway/gatewaytest" || path == "graph/breadth/breadthtest"
		return inTest || hasItsOwn || path == "docs/images" || path == "gateway/playground" || strings.HasSuffix(path, "_test.go")
	})
	before := codegentest.Snapshot(t, dir)
	codegentest.MustGo(t, dir, nil, "generate", "./...")
	codegentest.SameFiles(t, "run go generate ./...", before, codegentest.Snapshot(t, dir))
}
