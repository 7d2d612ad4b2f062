package resolvers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"backline/graph/codegen/codegentest"
	"backline/graph/codegen/resolvers"
)

const half = `package resolvers

import (
	"backline/graph"
	"context"
)

func (r *bookResolver) Author(ctx context.Context, objs []*Book) ([]*Author, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return nil, nil
}

// Blurb is written by hand.
func (r *bookResolver) Blurb(ctx context.Context, objs []*Book) ([]string, error) {
	return nil, nil
}

func (r *Resolver) Book() graph.BookResolver { return &bookResolver{r} }

// twice belongs in another file.
func twice(n int) int { return 2 * n }

type (
	authorResolver struct{ *Resolver }
	bookResolver   struct{ *Resolver }
)
`

const generated = `package resolvers

import "context"

// Any comment goes too.
func (r *bookResolver) Author(ctx context.Context, objs []*Book) ([]*Author, error) {
	// Generated from @belongsTo. For a body of your own say @computed.
	return nil, nil
}

type bookResolver struct{ *Resolver }
`

func TestStrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "book.resolvers.go")
	codegentest.WriteFile(t, path, []byte(half))
	restore, err := resolvers.Strip(dir)
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, path)
	for _, want := range []string{"// Blurb is written by hand.\nfunc (r *bookResolver) Blurb", "// twice belongs", "func twice"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is gone from\n%s", want, text)
		}
	}
	for _, unwanted := range []string{"Author", "BookResolver", "bookResolver struct"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("%q is left in\n%s", unwanted, text)
		}
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	if read(t, path) != half {
		t.Errorf("after restore the file holds\n%s", read(t, path))
	}
}

func TestStripRefusesWhatIsNoGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	codegentest.WriteFile(t, filepath.Join(dir, "book.resolvers.go"), []byte("package resolvers\nfunc ("))
	if _, err := resolvers.Strip(dir); err == nil || !strings.Contains(err.Error(), "book.resolvers.go:2") {
		t.Errorf("the error does not say where: %v", err)
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	dir, schema := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"empty.resolvers.go": generated, "lost.resolvers.go": half, "book.resolvers.go": half, "mine.go": "package resolvers\n",
	} {
		codegentest.WriteFile(t, filepath.Join(dir, name), []byte(text))
	}
	codegentest.WriteFile(t, filepath.Join(schema, "book.graphqls"), nil)
	if _, err := resolvers.Strip(dir); err != nil {
		t.Fatal(err)
	}
	orphans, err := resolvers.Prune(dir, schema)
	if err != nil {
		t.Fatal(err)
	}
	if len(orphans) != 1 || filepath.Base(orphans[0]) != "lost.resolvers.go" {
		t.Errorf("orphans: %v", orphans)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 3 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
