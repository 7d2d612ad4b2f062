package codegentest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// CopyProject copies the project at root into a folder of the test, but for what skip names (paths
// from root, with slashes) and for what no project needs to be generated and built. Nothing in the
// copy can reach the network.
func CopyProject(t testing.TB, root string, skip func(path string) bool) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case rel == ".":
			return nil
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || skip(rel)):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case !d.Type().IsRegular() || skip(rel):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// CopyFiles copies files into a folder and drops a ".txt" at the end of their names, which keeps Go
// from compiling them where they lie.
func CopyFiles(t testing.TB, to string, files ...string) {
	t.Helper()
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		WriteFile(t, filepath.Join(to, strings.TrimSuffix(filepath.Base(path), ".txt")), text)
	}
}

// WriteFile writes a file and makes its folder.
func WriteFile(t testing.TB, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Go runs the go command in a folder, with extra variables of the environment, and gives its output.
func Go(t testing.TB, dir string, env []string, args ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", args...)
	c.Dir = dir
	c.Env = append(append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local"), env...)
	out, err := c.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), err
}

// MustGo runs the go command and ends the test if it fails.
func MustGo(t testing.TB, dir string, env []string, args ...string) {
	t.Helper()
	if _, err := Go(t, dir, env, args...); err != nil {
		t.Fatal(err)
	}
}

// Snapshot gives the text of every file below dir.
func Snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// SameFiles reports files that were added, removed or changed.
func SameFiles(t testing.TB, what string, before, after map[string]string) {
	t.Helper()
	for path, text := range after {
		if old, ok := before[path]; !ok {
			t.Errorf("%s: %s is new", what, path)
		} else if old != text {
			t.Errorf("%s: %s has changed", what, path)
		}
	}
	for path := range before {
		if _, ok := after[path]; !ok {
			t.Errorf("%s: %s is gone", what, path)
		}
	}
}
