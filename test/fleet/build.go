package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Edit is a change to one file of the source, for one build only.
type Edit struct {
	// File is its path in the module, with slashes.
	File string
	// Old stands in it exactly once, else the build fails: the edit has lost its meaning.
	Old, New string
}

// Patient makes a server whose field cache waits for Redis for as long as a busy machine needs, so that
// what it keeps does not depend on that. Who measures builds without it.
func Patient() []Edit {
	const file = "loaders/fieldcache/cache.go"
	return []Edit{
		{File: file, Old: "orDefault(c.Timing, usualTiming())", New: "PatientTiming()"},
		{File: file, Old: "orDefault(c.Budget, 15*time.Millisecond)", New: "time.Minute"},
		{File: file, Old: "orDefault(c.LeaseWait, 5*time.Millisecond)", New: "time.Minute"},
	}
}

// Build builds the server into a folder, with edits, and gives the path of the binary. It runs
// anywhere inside a module that knows this one.
func Build(ctx context.Context, dir string, edits ...Edit) (string, error) {
	binary := filepath.Join(dir, "backline")
	args := []string{"build", "-o", binary}
	if len(edits) > 0 {
		overlay, err := overlayOf(ctx, dir, edits)
		if err != nil {
			return "", fmt.Errorf("edit the server: %w", err)
		}
		args = append(args, "-overlay", overlay)
	}
	if out, err := exec.CommandContext(ctx, "go", append(args, "backline")...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the server: %w\n%s", err, out)
	}
	return binary, nil
}

// overlayOf writes the edited files, and the list of them that the go command reads.
func overlayOf(ctx context.Context, dir string, edits []Edit) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "backline").Output()
	if err != nil {
		return "", fmt.Errorf("find the source: %w", err)
	}
	root, replaced := strings.TrimSpace(string(out)), map[string]string{}
	for i, e := range edits {
		path := filepath.Join(root, filepath.FromSlash(e.File))
		from, to := path, replaced[path]
		if to == "" {
			to = filepath.Join(dir, fmt.Sprintf("edited%d.go", i))
		} else {
			from = to
		}
		text, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if n := strings.Count(string(text), e.Old); n != 1 {
			return "", fmt.Errorf("%s has %d times, and not once: %s", e.File, n, e.Old)
		}
		if err := os.WriteFile(to, []byte(strings.Replace(string(text), e.Old, e.New, 1)), 0o600); err != nil {
			return "", err
		}
		replaced[path] = to
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
