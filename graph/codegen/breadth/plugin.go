// Package breadth is the gqlgen plugin that emits the field tables of graph/breadth: for every
// field of every object how it is read, called and written, in the Go types that gqlgen bound it to.
//
//	plugin.go   what gqlgen calls
//	fields.go   how each field is resolved
//	leaf.go     how each leaf type is written
//	breadth.gotpl  the generated file, breadth.generated.go in gqlgen's exec package
//
// The tables stand in the exec package because the functions that coerce arguments are not exported.
package breadth

import (
	_ "embed"
	"fmt"
	"go/types"
	"path/filepath"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/templates"
)

//go:embed breadth.gotpl
var template string

// Plugin implements gqlgen's plugin.CodeGenerator.
type Plugin struct{}

// Name is the plugin's name.
func (Plugin) Name() string { return "breadth" }

// GenerateCode writes breadth.generated.go beside gqlgen's own files.
func (Plugin) GenerateCode(data *codegen.Data) error {
	err := templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Filename:        filepath.Join(data.Config.Exec.Dir(), "breadth.generated.go"),
		Template:        template,
		Data:            newTables(data, lookup),
		GeneratedHeader: true,
		Packages:        data.Config.Packages,
		PruneOptions:    data.Config.GetPruneOptions(),
	})
	if err != nil {
		return fmt.Errorf("generate breadth-first field tables: %w", err)
	}
	return nil
}

// lookup names a type in the file being rendered, and imports its package.
func lookup(t types.Type) string { return templates.CurrentImports.LookupType(t) }
