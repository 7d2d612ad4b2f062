package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The committed document is what the settings say.
func TestUpToDate(t *testing.T) {
	t.Parallel()
	const root = "../../.."
	areas, err := read(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, output))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, render(areas)) {
		t.Errorf("%s is not what the settings say: go generate .", output)
	}
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := "package main\n" +
		"type Config struct {\n" +
		"\tNear `group:\"Near\"`\n" +
		"\tFar Far `embed:\"\" prefix:\"far-\" group:\"Far\"`\n" +
		"}\n" +
		"type Near struct {\n\tA string `name:\"a\" placeholder:\"x|y\" default:\"x\" help:\"This | that.\"`\n}\n" +
		"type Far struct {\n\tB bool `name:\"b-c\" env:\"-\" help:\"Whether.\"`\n}\n"
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(output, "")
	write("config.go", source)
	write("config_test.go", "no Go at all")
	if err := generate(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, output))
	if err != nil {
		t.Fatal(err)
	}
	const row = "|---|---|---|---|\n"
	for _, want := range []string{
		"## Near\n\n| Flag | Variable | Default | Meaning |\n" + row + "| `--a=x\\|y` | `BACKLINE_A` | `x` | This \\| that. |\n",
		"## Far\n\n| Flag | Variable | Default | Meaning |\n" + row + "| `--far-b-c` |  | `false` | Whether. |\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, wrong := range []string{
		"package main\n",
		"package main\ntype Config struct {\n\tA string `name:\"a\"`\n}\n",
		"package main\ntype Config struct {\n",
	} {
		write("config.go", wrong)
		if err := generate(dir); err == nil {
			t.Errorf("passed: %s", wrong)
		}
	}
}
