package entity_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/codegen/connections"
	"backline/graph/codegen/entity"
)

var update = flag.Bool("update", false, "write the goldens")

// words are the directives and what every schema has, as the product has them.
var words = []string{"../../../schema/directives.graphqls", "../../../schema/query.graphqls"}

// TestRefusals shows for each schema of testdata/refuse what the generator says about it: the place,
// what is wrong there, and what to write instead.
func TestRefusals(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/refuse/*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".graphqls"), func(t *testing.T) {
			t.Parallel()
			_, err := load(t, append(words, path)...)
			if err == nil {
				t.Fatal("the schema was taken")
			}
			got := entity.Explain(err) + "\n"
			golden := strings.TrimSuffix(path, ".graphqls") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for line := range strings.Lines(got) {
				if !strings.HasPrefix(line, filepath.Base(path)+":") {
					t.Errorf("no place in %q", line)
				}
			}
		})
	}
}

// load reads schema files as the generator does. In messages they have their base names.
func load(t *testing.T, paths ...string) (*entity.Model, error) {
	t.Helper()
	var sources []*ast.Source
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: filepath.Base(path), Input: string(text)})
	}
	names, err := entity.MissingConnections(sources)
	if err != nil {
		return nil, err
	}
	sdl, err := connections.SDL(names)
	if err != nil {
		t.Fatal(err)
	}
	sources = append(sources, &ast.Source{Name: sdl.Name, Input: string(sdl.Text)})
	return entity.Load(sources, func(name string) bool { return name == "Order" || name == "Page" })
}
