package breadth

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
)

// The committed tables of the test schema are what the plugin makes of it today.
func TestGeneratedTablesAreUpToDate(t *testing.T) {
	t.Chdir("../../breadth/breadthtest")
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.LoadSchema(); err != nil {
		t.Fatal(err)
	}
	if err := cfg.Init(); err != nil {
		t.Fatal(err)
	}
	data, err := codegen.BuildData(cfg)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(cfg.Exec.Dir(), "breadth.generated.go"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Exec.DirName = t.TempDir()
	if err := (Plugin{}).GenerateCode(data); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(cfg.Exec.DirName, "breadth.generated.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("graph/breadth/breadthtest/exec is out of date: run go generate ./graph/breadth/breadthtest")
	}
}

// Projects that are set up in other ways: what the plugin makes for them compiles, and their own
// tests hold.
func TestOtherProjects(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the compiler")
	}
	for _, project := range []string{"singlefile", "functions"} {
		t.Run(project, func(t *testing.T) {
			t.Chdir(filepath.Join("testdata", project))
			if err := os.MkdirAll("exec", 0o755); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := os.RemoveAll("exec"); err != nil {
					t.Error(err)
				}
			})
			cfg, err := config.LoadConfigFromDefaultLocations()
			if err != nil {
				t.Fatal(err)
			}
			if err := api.Generate(cfg, api.AddPlugin(Plugin{})); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("go", "test", "./...").CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
