package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"backline/graph"
)

type schemaCommand struct {
	Print schemaPrint `cmd:"" help:"Print the schema as one text, for clients' tools."`
}

// schemaPrint is `backlinectl schema print`.
type schemaPrint struct {
	Schema schemaFlag `embed:""`
}

// Help is what `--help` adds.
func (*schemaPrint) Help() string {
	return `Examples:

  backlinectl schema print > schema.graphql
  backlinectl schema print --schema schema`
}

// Run prints it.
func (s *schemaPrint) Run(c *console) error {
	schema, err := s.Schema.load()
	if err != nil {
		return err
	}
	formatter.NewFormatter(c.out).FormatSchema(schema)
	return nil
}

// schemaFlag is which schema a command looks at.
type schemaFlag struct {
	Dir string `name:"schema" placeholder:"DIR" help:"The folder with the schema's *.graphqls files. Without it: the schema that this program was built with."`
}

func (f schemaFlag) load() (*ast.Schema, error) {
	if f.Dir == "" {
		return graph.NewExecutableSchema(graph.Config{}).Schema(), nil
	}
	files, err := filepath.Glob(filepath.Join(f.Dir, "*.graphqls"))
	if err != nil {
		return nil, fmt.Errorf("look for the schema in %s: %w", f.Dir, err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no *.graphqls files in %s", f.Dir)
	}
	slices.Sort(files)
	sources := make([]*ast.Source, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		sources[i] = &ast.Source{Name: file, Input: string(text)}
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	return schema, nil
}
