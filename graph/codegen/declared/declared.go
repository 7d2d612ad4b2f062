// Package declared tells which Go names are taken, so that a schema may have a type with the name of
// something that the store has already.
package declared

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// Names tells which names the handwritten files of root/store declare, and which the set of loaders
// has as methods: what is generated must not take one of them.
func Names(root string) (func(string) bool, error) {
	names := map[string]bool{"Totals": true} // a loader beside the generated ones
	err := eachDeclaration(filepath.Join(root, "store"), func(d ast.Decl) {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names[d.Name.Name] = names[d.Name.Name] || d.Recv == nil
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
	})
	if err != nil {
		return nil, err
	}
	err = eachDeclaration(filepath.Join(root, "loaders"), func(d ast.Decl) {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && receiver(f) == "Set" {
			names[f.Name.Name] = true
		}
	})
	return func(name string) bool { return names[name] }, err
}

func receiver(f *ast.FuncDecl) string {
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if name, ok := t.(*ast.Ident); ok {
		return name.Name
	}
	return "" // generic
}

// eachDeclaration visits what the handwritten files of a package declare.
func eachDeclaration(dir string, visit func(ast.Decl)) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return fmt.Errorf("find the files of %s: %w", dir, err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_gen.go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		for _, d := range file.Decls {
			visit(d)
		}
	}
	return nil
}
