// Package loaders writes the typed loaders: one for each table, list and relation.
package loaders

import (
	_ "embed"
	"fmt"

	"backline/graph/codegen/entity"
	"backline/graph/codegen/output"
)

//go:embed loaders.gotpl
var template string

// Files renders the generated file of the loaders.
func Files(m *entity.Model, module string) ([]output.File, error) {
	f, err := output.Go("loaders_gen.go", template, map[string]any{
		"module": func() string { return module }, "dependents": dependents, "policy": policy,
	}, m)
	return []output.File{f}, err
}

// policy is one as a literal of Go.
func policy(c *entity.Cached) string {
	private := ""
	if c.Private {
		private = ", Private: true"
	}
	return fmt.Sprintf("store.CachePolicy{TTL: %d, StaleWhileRevalidate: %d, StaleIfError: %d%s}", c.TTL, c.StaleWhileRevalidate, c.StaleIfError, private)
}
