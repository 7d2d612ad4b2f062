package resolvers

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// marker begins the bodies that follow from directives.
const marker = "// Generated from @"

// Strip takes everything generated out of the resolvers in dir, so that gqlgen writes it anew and
// keeps only what was written by hand: otherwise it would keep the bodies of fields that are gone as
// comments. Call restore where gqlgen fails, and [Prune] where it does not.
func Strip(dir string) (restore func() error, err error) {
	before := map[string][]byte{}
	restore = func() error {
		for path, text := range before {
			if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // source code
				return fmt.Errorf("restore the resolvers: %w", err)
			}
		}
		return nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.resolvers.go"))
	if err != nil {
		return restore, fmt.Errorf("find the resolvers: %w", err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return restore, fmt.Errorf("read the resolvers: %w", err)
		}
		rest, err := byHand(path, text)
		if err != nil {
			return restore, err
		}
		if bytes.Equal(rest, text) {
			continue
		}
		before[path] = text
		if err := os.WriteFile(path, rest, 0o644); err != nil { //nolint:gosec // source code
			return restore, fmt.Errorf("strip the resolvers: %w", err)
		}
	}
	return restore, nil
}

// byHand is the text of a file without its generated declarations.
func byHand(path string, text []byte) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("read the resolvers: %w", err)
	}
	offset := func(p token.Pos) int { return fset.Position(p).Offset }
	for _, d := range slices.Backward(file.Decls) {
		from, to := d.Pos(), d.End()
		body := ""
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			body = strings.TrimSpace(string(text[offset(f.Body.Lbrace)+1 : offset(f.Body.Rbrace)]))
			if f.Doc != nil {
				from = f.Doc.Pos()
			}
		}
		if strings.HasPrefix(body, marker) || isPlumbing(d) {
			text = slices.Concat(text[:offset(from)], text[offset(to):])
		}
	}
	return text, nil
}

// isPlumbing says whether d is what gqlgen writes for each type beside its resolvers:
//
//	func (r *Resolver) Album() graph.AlbumResolver { return &albumResolver{r} }
//	type albumResolver struct{ *Resolver }
func isPlumbing(d ast.Decl) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil || len(d.Recv.List) != 1 || typeText(d.Recv.List[0].Type) != "*Resolver" || d.Type.Results == nil {
			return false
		}
		return typeText(d.Type.Results.List[0].Type) == "graph."+d.Name.Name+"Resolver"
	case *ast.GenDecl:
		if d.Tok != token.TYPE {
			return false
		}
		for _, s := range d.Specs {
			if text := typeText(s.(*ast.TypeSpec).Type); strings.Join(strings.Fields(text), "") != "struct{*Resolver}" {
				return false
			}
		}
		return true
	default:
		return false
	}
}

func typeText(e ast.Expr) string {
	var b strings.Builder
	if err := format.Node(&b, token.NewFileSet(), e); err != nil {
		return ""
	}
	return b.String()
}

// Prune removes the files of dir that hold nothing any more, and names those that belong to a
// schema file that is gone but hold something written by hand.
func Prune(dir, schema string) (orphans []string, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.resolvers.go"))
	if err != nil {
		return nil, fmt.Errorf("find the resolvers: %w", err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return orphans, fmt.Errorf("read the resolvers: %w", err)
		}
		imports := func(d ast.Decl) bool { g, ok := d.(*ast.GenDecl); return ok && g.Tok == token.IMPORT }
		if !slices.ContainsFunc(file.Decls, func(d ast.Decl) bool { return !imports(d) }) {
			if err := os.Remove(path); err != nil {
				return orphans, fmt.Errorf("remove resolvers of nothing: %w", err)
			}
			continue
		}
		name := strings.TrimSuffix(filepath.Base(path), ".resolvers.go") + ".graphqls"
		if _, err := os.Stat(filepath.Join(schema, name)); os.IsNotExist(err) {
			orphans = append(orphans, path)
		}
	}
	return orphans, nil
}
