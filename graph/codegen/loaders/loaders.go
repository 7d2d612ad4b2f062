// Package loaders writes the typed loaders: one for each table, list and relation.
package loaders

import (
	_ "embed"

	"backline/graph/codegen/entity"
	"backline/graph/codegen/output"
)

//go:embed loaders.gotpl
var template string

// Files renders the generated file of the loaders.
func Files(m *entity.Model, module string) ([]output.File, error) {
	f, err := output.Go("loaders_gen.go", template, map[string]any{"module": func() string { return module }}, m)
	return []output.File{f}, err
}
