package playground

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// The examples are read in the order of their names. Adding one takes no build
// of the page: NAME.graphql begins with two comment lines, its title and what
// it shows, and NAME.json holds its variables, if it has any. A variable
// {"$from": SELECTION} stands for the first scalar that the server answers to
// the selection.
//
//go:embed examples
var exampleFS embed.FS

// example is what the page's Examples pane lists.
type example struct {
	Title     string          `json:"title"`
	About     string          `json:"about"`
	Query     string          `json:"query"`
	Variables json.RawMessage `json:"variables,omitempty"`
}

func readExamples(files fs.FS) ([]example, error) {
	names, err := fs.Glob(files, "examples/*.graphql")
	if err != nil {
		return nil, fmt.Errorf("list examples: %w", err)
	}
	examples := make([]example, 0, len(names))
	for _, name := range names {
		e, err := readExample(files, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		examples = append(examples, e)
	}
	return examples, nil
}

func readExample(files fs.FS, name string) (example, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return example{}, err
	}
	lines := strings.SplitN(string(text), "\n", 3)
	if len(lines) < 3 || !strings.HasPrefix(lines[0], "# ") || !strings.HasPrefix(lines[1], "# ") {
		return example{}, errors.New("two comment lines, its title and what it shows, must come first")
	}
	e := example{Title: lines[0][2:], About: lines[1][2:], Query: lines[2]}
	variables, err := fs.ReadFile(files, strings.TrimSuffix(name, ".graphql")+".json")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return e, nil
	case err != nil:
		return example{}, err
	case !json.Valid(variables):
		return example{}, errors.New("its variables are not JSON")
	}
	e.Variables = variables
	return e, nil
}

func exampleFile() (*file, error) {
	examples, err := readExamples(exampleFS)
	if err != nil {
		return nil, err
	}
	content, err := json.Marshal(examples)
	if err != nil {
		return nil, fmt.Errorf("encode examples: %w", err)
	}
	return newFile("examples.json", content, false)
}
