package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"

	"backline/graph/codegen/breadth"
	"backline/graph/codegen/entity"
	"backline/graph/codegen/resolvers"
)

// runGqlgen writes graph/ and resolvers/.
func runGqlgen(m *entity.Model, module string) error {
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return fmt.Errorf("read gqlgen.yml: %w", err)
	}
	if err := removeStale(cfg.Exec.DirName); err != nil {
		return err
	}
	dir := cfg.Resolver.DirName
	restore, err := resolvers.Strip(dir)
	if err != nil {
		return errors.Join(err, restore())
	}
	if err := api.Generate(cfg,
		api.PrependPlugin(&resolvers.Plugin{Model: m, Module: module}),
		api.AddPlugin(breadth.Plugin{}),
	); err != nil {
		return errors.Join(fmt.Errorf("run gqlgen: %w", err), restore())
	}
	orphans, err := resolvers.Prune(dir, schemaDir)
	for _, path := range orphans {
		slog.Warn("its schema file is gone, but it holds something written by hand; move what you need and remove it", "file", path)
	}
	return err
}

// removeStale removes what gqlgen wrote for schema files that are gone; it does not do so itself.
func removeStale(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.generated.go"))
	if err != nil {
		return fmt.Errorf("find generated files: %w", err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".generated.go")
		if name == "root_" || name == "prelude" || name == "breadth" {
			continue
		}
		if _, err := os.Stat(filepath.Join(schemaDir, name+".graphqls")); !os.IsNotExist(err) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove what is no longer generated: %w", err)
		}
	}
	return nil
}
