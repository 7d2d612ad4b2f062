package reference_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each metric of package telemetry is in metrics.md, and each one there is one of the package.
func TestMetrics(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "telemetry", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("found no sources: %v", err)
	}
	source := ""
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source += string(b)
	}
	named := regexp.MustCompile(`"(backline_[a-z_]+[a-z])"`).FindAllStringSubmatch(source, -1)
	if len(named) < 10 {
		t.Fatalf("found only %v", named)
	}
	for _, m := range named {
		if !strings.Contains(string(text), "`"+m[1]+"`") {
			t.Errorf("%s is not in metrics.md", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`(backline_[a-z_]+)`").FindAllStringSubmatch(string(text), -1) {
		if short, isPool := strings.CutPrefix(m[1], "backline_pool_"); isPool && strings.Contains(source, `"`+short+`"`) {
			continue
		}
		if !strings.Contains(source, `"`+m[1]+`"`) {
			t.Errorf("%s is in metrics.md, and nowhere in the code", m[1])
		}
	}
}
