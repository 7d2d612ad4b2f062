// Package connections writes Relay's connection and edge types: their SDL before the schema is
// read, and their Go types after.
package connections

import (
	_ "embed"

	"backline/graph/codegen/entity"
	"backline/graph/codegen/output"
)

var (
	//go:embed connections.sdl.gotpl
	sdl string
	//go:embed connections.gotpl
	model string
)

// SDL renders the connection types of the named types.
func SDL(names []string) (output.File, error) {
	return output.SDL(entity.ConnectionsFile, sdl, nil, names)
}

// Files renders the Go types.
func Files(m *entity.Model, module string) ([]output.File, error) {
	f, err := output.Go("connections_gen.go", model, map[string]any{"module": func() string { return module }}, m)
	return []output.File{f}, err
}
