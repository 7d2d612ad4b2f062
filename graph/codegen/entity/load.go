package entity

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
)

// ConnectionsFile is the part of the schema that is generated from the rest.
const ConnectionsFile = "connections_gen.graphqls"

// Sources reads the schema files of a folder, but for the generated one.
func Sources(dir string) ([]*ast.Source, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.graphqls"))
	if err != nil {
		return nil, fmt.Errorf("find schema files: %w", err)
	}
	sort.Strings(files)
	var out []*ast.Source
	for _, f := range files {
		if filepath.Base(f) == ConnectionsFile {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		out = append(out, &ast.Source{Name: filepath.ToSlash(f), Input: string(text)})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("read the schema: no *.graphqls file in %s", dir)
	}
	return out, nil
}

// MissingConnections lists, in order, the types X for which a field has the type XConnection that
// no file defines. Their connections are generated.
func MissingConnections(sources []*ast.Source) ([]string, error) {
	doc, err := parse(sources)
	if err != nil {
		return nil, err
	}
	defined := map[string]bool{}
	for _, d := range doc.Definitions {
		defined[d.Name] = true
	}
	var out []string
	for _, d := range append(slices.Clone(doc.Definitions), doc.Extensions...) {
		for _, f := range d.Fields {
			node, ok := strings.CutSuffix(f.Type.Name(), "Connection")
			if ok && defined[node] && !defined[f.Type.Name()] && !slices.Contains(out, node) {
				out = append(out, node)
			}
		}
	}
	sort.Strings(out)
	return out, nil
}

// Load validates the whole schema and reads the model from it. The error is a gqlerror.List with
// the place of every mistake.
func Load(sources []*ast.Source, taken func(goName string) bool) (*Model, error) {
	doc, err := parse(append([]*ast.Source{validator.Prelude}, sources...))
	if err != nil {
		return nil, err
	}
	if errs := checkDocument(doc); len(errs) > 0 {
		return nil, inOrder(errs)
	}
	schema, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		return nil, err
	}
	r := &reader{schema: schema, taken: taken, byName: map[string]*Entity{}, model: &Model{Schema: schema}}
	r.read()
	if len(r.errs) > 0 {
		return nil, inOrder(r.errs)
	}
	return r.model, nil
}

// inOrder sorts mistakes by their place. One that was met on several ways is told once.
func inOrder(errs gqlerror.List) gqlerror.List {
	slices.SortStableFunc(errs, func(a, b *gqlerror.Error) int {
		fileA, fileB := fmt.Sprint(a.Extensions["file"]), fmt.Sprint(b.Extensions["file"])
		at, bt := a.Locations[0], b.Locations[0]
		return cmp.Or(strings.Compare(fileA, fileB), at.Line-bt.Line, at.Column-bt.Column, strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(errs, func(a, b *gqlerror.Error) bool {
		return a.Error() == b.Error()
	})
}
