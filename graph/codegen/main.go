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
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
	gqlast "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/mod/modfile"

	"backline/graph/codegen/breadth"
	"backline/graph/codegen/connections"
	"backline/graph/codegen/entity"
	"backline/graph/codegen/loaders"
	"backline/graph/codegen/output"
	"backline/graph/codegen/resolvers"
	"backline/graph/codegen/rows"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, explain(err))
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
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return fmt.Errorf("read gqlgen.yml: %w", err)
	}
	if err := api.Generate(cfg,
		api.PrependPlugin(&resolvers.Plugin{Model: m, Module: module}),
		api.AddPlugin(breadth.Plugin{}),
	); err != nil {
		return fmt.Errorf("run gqlgen: %w", err)
	}
	return nil
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
	const dir = "schema"
	sources, err := entity.Sources(dir)
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
	taken, err := declared("store")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, sdl.Name)
	m, err := entity.Load(append(sources, &gqlast.Source{Name: path, Input: string(sdl.Text)}), taken)
	if err != nil {
		return nil, err
	}
	return m, output.Write(dir, "*_gen.graphqls", []output.File{sdl})
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

// declared tells which names the handwritten files of a package declare: a row type must not take
// one of them.
func declared(dir string) (func(string) bool, error) {
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("find the files of %s: %w", dir, err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_gen.go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return func(name string) bool { return names[name] }, nil
}

// explain gives every mistake in the schema a line of its own: file:line: what, and what instead.
func explain(err error) string {
	var list gqlerror.List
	if !errors.As(err, &list) {
		var one *gqlerror.Error
		if !errors.As(err, &one) {
			return "codegen: " + err.Error()
		}
		list = gqlerror.List{one}
	}
	var lines []string
	for _, e := range list {
		at := ""
		if file, ok := e.Extensions["file"].(string); ok {
			at = file + ":"
			if len(e.Locations) > 0 {
				at += fmt.Sprintf("%d:", e.Locations[0].Line)
			}
			at += " "
		}
		lines = append(lines, at+e.Message)
	}
	return strings.Join(lines, "\n")
}
