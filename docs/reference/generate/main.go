// Command generate writes docs/reference/configuration.md from the struct tags of Config, in the
// server's main package. It reads the source rather than importing it, so that `go generate ./...`
// works while the rest of the module does not compile yet.
//
//	go run ./docs/reference/generate [DIRECTORY OF THE MODULE]
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := generate(root); err != nil {
		fmt.Fprintln(os.Stderr, "write the configuration reference:", err)
		os.Exit(1)
	}
}

func generate(root string) error {
	areas, err := read(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, output), render(areas), 0o644) //nolint:gosec // a document
}

const output = "docs/reference/configuration.md"
