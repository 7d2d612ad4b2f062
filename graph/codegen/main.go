// Command codegen writes all that follows from schema/. Run it from the project's folder, as
// `go generate ./...` does:
//
//	schema/connections_gen.graphqls   Relay's connection types
//	store/*_gen.go                    rows, tables, relations, orders, filters
//	loaders/loaders_gen.go            typed loaders
//	graph/model/connections_gen.go    connections and edges
//	graph/, resolvers/                gqlgen's part, with the bodies that follow from directives
//
// A mistake in the schema is reported with its file and line, and with what to write instead;
// nothing is written then.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	gqlast "github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/mod/modfile"

	"backline/graph/codegen/connections"
	"backline/graph/codegen/declared"
	"backline/graph/codegen/entity"
	"backline/graph/codegen/loaders"
	"backline/graph/codegen/output"
	"backline/graph/codegen/rows"
)

const schemaDir = "schema"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, entity.Explain(err))
		os.Exit(1)
	}
}

func run() error {
	module, err := moduleName()
	if err != nil {
		return err
	}
	m, err := readSchema()
	if err != nil {
		return err
	}
	if err := writeStore(m, module); err != nil {
		return err
	}
	return runGqlgen(m, module)
}

func moduleName() (string, error) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		return "", fmt.Errorf("read go.mod (run this from the project's folder): %w", err)
	}
	return modfile.ModulePath(text), nil
}

// readSchema reads schema/, with the connection types that it lacks.
func readSchema() (*entity.Model, error) {
	sources, err := entity.Sources(schemaDir)
	if err != nil {
		return nil, err
	}
	names, err := entity.MissingConnections(sources)
	if err != nil {
		return nil, err
	}
	sdl, err := connections.SDL(names)
	if err != nil {
		return nil, err
	}
	taken, err := declared.Names(".")
	if err != nil {
		return nil, err
	}
	path := filepath.ToSlash(filepath.Join(schemaDir, sdl.Name))
	m, err := entity.Load(append(sources, &gqlast.Source{Name: path, Input: string(sdl.Text)}), taken)
	if err != nil {
		return nil, err
	}
	return m, output.Write(schemaDir, "*_gen.graphqls", []output.File{sdl})
}

func writeStore(m *entity.Model, module string) error {
	files, err := rows.Files(m)
	if err != nil {
		return err
	}
	if err := output.Write("store", "*_gen.go", files); err != nil {
		return err
	}
	if files, err = loaders.Files(m, module); err != nil {
		return err
	}
	if err := output.Write("loaders", "*_gen.go", files); err != nil {
		return err
	}
	if files, err = connections.Files(m, module); err != nil {
		return err
	}
	return output.Write(filepath.Join("graph", "model"), "connections_gen.go", files)
}
