package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// area is a group of settings, as --help shows them.
type area struct {
	name     string
	settings []setting
}

// setting is a flag.
type setting struct {
	flag, placeholder, initial, help string
	isSwitch                         bool
	hasVariable                      bool
}

// read finds Config and the structs in it, in the files of a directory.
func read(dir string) ([]area, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	r := reader{structs: map[string]*ast.StructType{}}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", name, err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					r.structs[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	if r.structs["Config"] == nil {
		return nil, fmt.Errorf("there is no struct Config in %s", dir)
	}
	if err := r.config("Config", "", ""); err != nil {
		return nil, err
	}
	return r.areas, nil
}

// reader follows structs inside structs as kong does.
type reader struct {
	structs map[string]*ast.StructType
	areas   []area
}

func (r *reader) config(name, prefix, group string) error {
	for _, f := range r.structs[name].Fields.List {
		tag, err := tagOf(f)
		if err != nil {
			return err
		}
		in := group
		if g := tag.Get("group"); g != "" {
			in = g
		}
		typ, _ := f.Type.(*ast.Ident)
		if typ != nil && r.structs[typ.Name] != nil {
			if err := r.config(typ.Name, prefix+tag.Get("prefix"), in); err != nil {
				return err
			}
			continue
		}
		flag := tag.Get("name")
		if flag == "" || tag.Get("help") == "" {
			return fmt.Errorf("%s has a setting without name or help: %s", name, f.Tag.Value)
		}
		r.add(in, setting{
			flag:        prefix + flag,
			placeholder: tag.Get("placeholder"),
			initial:     tag.Get("default"),
			help:        tag.Get("help"),
			isSwitch:    typ != nil && typ.Name == "bool",
			hasVariable: tag.Get("env") != "-",
		})
	}
	return nil
}

func (r *reader) add(group string, s setting) {
	for i := range r.areas {
		if r.areas[i].name == group {
			r.areas[i].settings = append(r.areas[i].settings, s)
			return
		}
	}
	r.areas = append(r.areas, area{group, []setting{s}})
}

func tagOf(f *ast.Field) (reflect.StructTag, error) {
	if f.Tag == nil {
		return "", nil
	}
	text, err := strconv.Unquote(f.Tag.Value)
	return reflect.StructTag(text), err
}
