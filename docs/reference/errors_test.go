// Package reference_test holds the reference against the code.
package reference_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// Each code of the module is in errors.md, and each code there is one of the module.
func TestCodes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("errors.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_0-9]+)` \\| ([0-9*, ]+) \\| (.+) \\| (.+) \\|$").FindAllStringSubmatch(string(text), -1) {
		if told[row[1]] {
			t.Errorf("%s is there twice", row[1])
		}
		told[row[1]] = true
	}
	if rows := strings.Count(string(text), "\n| `"); rows != len(told) {
		t.Errorf("%d rows, of which %d say code, status, meaning and what to do", rows, len(told))
	}
	codes := codesOf(t)
	for code, place := range codes {
		if !told[code] {
			t.Errorf("%s, from %s, is not in errors.md", code, place)
		}
	}
	for code := range told {
		if codes[code] == "" {
			t.Errorf("%s is in errors.md, and nowhere in the code", code)
		}
	}
	if codes["INTERNAL"] == "" || codes["DEPTH_LIMIT"] == "" || codes["BAD_USER_INPUT"] == "" {
		t.Errorf("found only %v", slices.Sorted(maps.Keys(codes)))
	}
}

// codesOf finds the constants whose names begin with Code or code, with where they stand. A code
// that is written without a constant is an error.
func codesOf(t *testing.T) map[string]string {
	t.Helper()
	codes := map[string]string{}
	isCode := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if path != root && strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || strings.HasSuffix(name, "test") {
				return fs.SkipDir
			}
			return nil
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, id := range n.Names {
					if i < len(n.Values) && (strings.HasPrefix(id.Name, "Code") || strings.HasPrefix(id.Name, "code")) {
						if code := literal(n.Values[i]); isCode.MatchString(code) {
							codes[code] = set.Position(id.Pos()).String()
						}
					}
				}
			case *ast.KeyValueExpr:
				if code := literal(n.Value); literal(n.Key) == "code" && isCode.MatchString(code) {
					t.Errorf("%s: %s needs a constant", set.Position(n.Pos()), code)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		text, _ := strconv.Unquote(l.Value)
		return text
	}
	return ""
}
