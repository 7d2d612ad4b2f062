// Package resolvers tells gqlgen which Go types the schema's types are, and writes the bodies of
// the resolvers that follow from directives. All other bodies are written by hand and kept.
package resolvers

import (
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/99designs/gqlgen/plugin"

	"backline/graph/codegen/entity"
)

// Plugin is the gqlgen plugin. It must come before gqlgen's own, so that modelgen leaves the types
// alone that it binds.
type Plugin struct {
	Model  *entity.Model
	Module string
}

var (
	_ plugin.ConfigMutator       = (*Plugin)(nil)
	_ plugin.ResolverImplementer = (*Plugin)(nil)
)

// Name is the plugin's name.
func (*Plugin) Name() string { return "backline/resolvers" }

// directives have done their work when the code is generated.
var directives = []string{
	"table", "column", "computed", "belongsTo", "hasMany", "belongsToMany", "get", "list", "node",
	"order", "filter", "cost", "listSize", "public", "owner", "cached", "cacheControl",
}

// template is gqlgen's own, but it keeps the comments of batch resolvers.
const template = "graph/codegen/resolvers/resolver.gotpl"

// MutateConfig binds types and marks the fields that have resolvers.
func (p *Plugin) MutateConfig(cfg *config.Config) error {
	cfg.Resolver.ResolverTemplate, cfg.OmitGQLGenFileNotice = template, true
	for _, name := range directives {
		cfg.Directives[name] = config.DirectiveConfig{SkipRuntime: true}
	}
	p.gate(cfg)
	for _, e := range p.Model.Entities {
		p.bind(cfg, e.Name, "store", e.GoName)
		field(cfg, e.Name, "id", config.TypeMapField{FieldName: "NodeID"})
		for _, b := range e.BelongsTo {
			field(cfg, e.Name, b.Field, config.TypeMapField{Resolver: true})
		}
		for _, l := range append(append([]*entity.List{}, e.HasMany...), e.ManyToMany...) {
			field(cfg, e.Name, l.Field, config.TypeMapField{Resolver: true})
		}
	}
	for _, def := range p.Model.Schema.Types {
		for _, f := range def.Fields {
			if f.Directives.ForName("computed") != nil {
				field(cfg, def.Name, f.Name, config.TypeMapField{Resolver: true})
			}
		}
	}
	for _, c := range p.Model.Connections {
		p.bind(cfg, c.Name, "graph/model", c.Name)
		p.bind(cfg, c.Edge, "graph/model", c.Edge)
		field(cfg, c.Name, "totalCount", config.TypeMapField{Resolver: true})
	}
	for _, o := range p.Model.Orders {
		p.bind(cfg, o.Name, "store", o.GoName)
	}
	for _, f := range p.Model.Filters {
		p.bind(cfg, f.Name, "store", f.GoName)
	}
	for _, e := range p.Model.Enums {
		p.bind(cfg, e.Name, "store", e.GoName)
	}
	for _, a := range p.Model.Abstracts {
		p.bind(cfg, a.Name, "store", a.GoName)
	}
	if p.Model.Schema.Types["PageInfo"] != nil {
		p.bind(cfg, "PageInfo", "store", "PageInfo")
	}
	return nil
}

func (p *Plugin) bind(cfg *config.Config, typ, pkg, name string) {
	m := cfg.Models[typ]
	m.Model = config.StringList{p.Module + "/" + pkg + "." + name}
	cfg.Models[typ] = m
}

func field(cfg *config.Config, typ, name string, f config.TypeMapField) {
	m := cfg.Models[typ]
	if m.Fields == nil {
		m.Fields = map[string]config.TypeMapField{}
	}
	m.Fields[name] = f
	cfg.Models[typ] = m
}

// Implement writes the body of a resolver. A body that somebody wrote stays as it is, unless a
// directive says what the body is.
func (p *Plugin) Implement(prev string, f *codegen.Field) string {
	directive, body := p.body(f)
	if body != "" {
		return marker + directive + ". For a body of your own say @computed.\n" + body
	}
	if prev != "" {
		return prev
	}
	return fmt.Sprintf("panic(%q)", "write the resolver of "+f.Object.Name+"."+f.Name)
}

func (p *Plugin) body(f *codegen.Field) (directive, body string) {
	w := writer{p: p, f: f}
	if f.Object.Root {
		return w.root()
	}
	for _, e := range p.Model.Entities {
		if e.Name != f.Object.Name {
			continue
		}
		for _, b := range e.BelongsTo {
			if b.Field == f.Name {
				return "belongsTo", w.belongsTo(b)
			}
		}
		for _, l := range e.HasMany {
			if l.Field == f.Name {
				return "hasMany", w.relation(l)
			}
		}
		for _, l := range e.ManyToMany {
			if l.Field == f.Name {
				return "belongsToMany", w.relation(l)
			}
		}
	}
	for _, c := range p.Model.Connections {
		if c.Name == f.Object.Name && f.Name == "totalCount" {
			return "list", fmt.Sprintf("return %s.For(ctx).Totals.LoadAll(ctx, len(objs), func(i int) %s.Total { return objs[i].Total() })", w.pkg("loaders"), w.pkg("store"))
		}
	}
	return "", ""
}

// writer writes the body of one field.
type writer struct {
	p *Plugin
	f *codegen.Field
}

// pkg is the name under which the file being generated imports a package of the project.
func (w *writer) pkg(path string) string {
	return templates.CurrentImports.Lookup(w.p.Module + "/" + path)
}

func (w *writer) root() (directive, body string) {
	d := w.f.FieldDefinition.Directives
	switch {
	case d.ForName("get") != nil:
		return "get", w.get()
	case d.ForName("node") != nil && w.f.FieldDefinition.Type.Elem != nil:
		return "node", fmt.Sprintf("return %s.For(ctx).LoadNodes(ctx, ids)", w.pkg("loaders"))
	case d.ForName("node") != nil:
		return "node", fmt.Sprintf("return %s.For(ctx).LoadNode(ctx, id)", w.pkg("loaders"))
	case d.ForName("list") != nil:
		for _, l := range w.p.Model.Lists {
			if l.Field == w.f.Name {
				return "list", w.window(l) + fmt.Sprintf("return %s.New%sConnection(%s.For(ctx).%s.Load(ctx, w))",
					w.pkg("graph/model"), l.Target.Name, w.pkg("loaders"), l.GoName)
			}
		}
	}
	return "", ""
}

func (w *writer) get() string {
	e := w.entity(w.f.FieldDefinition.Type.Name())
	store, loaders := w.pkg("store"), w.pkg("loaders")
	key := fmt.Sprintf("key, err := id.As(%s.Kind%s)\nif err != nil {\nreturn nil, err\n}\n", store, e.GoName)
	if !w.f.FieldDefinition.Type.NonNull {
		return key + fmt.Sprintf("return %s.For(ctx).%sByID.LoadOne(ctx, key%s)", loaders, e.GoName, w.ahead(e, "..."))
	}
	return key + fmt.Sprintf("row, err := %s.For(ctx).%sByID.LoadOne(ctx, key%s)\nif err == nil && row == nil {\nerr = %s.NotFound(\"there is no %s with the ID %%s\", id)\n}\nreturn row, err",
		loaders, e.GoName, w.ahead(e, "..."), store, e.Name)
}

// ahead is the argument that tells a loader what is selected below; only rows with a parent that
// they lie with have a use for it.
func (w *writer) ahead(e *entity.Entity, suffix string) string {
	if e.ColocatedBy == nil {
		return ""
	}
	return ", " + w.pkg("graph/breadth") + ".Ahead(ctx)" + suffix
}

func (w *writer) belongsTo(b *entity.BelongsTo) string {
	load := "LoadAll"
	if b.Target.ColocatedBy != nil {
		load = "LoadAhead"
	}
	return fmt.Sprintf("return %s.For(ctx).%sByID.%s(ctx%s, len(objs), func(i int) %s.ID { return objs[i].%s })",
		w.pkg("loaders"), b.Target.GoName, load, w.ahead(b.Target, ""), w.pkg("store"), b.Column.GoName)
}

func (w *writer) relation(l *entity.List) string {
	return w.window(l) + fmt.Sprintf("return %s.%sConnections(%s.For(ctx).%s.LoadAll(ctx, w, len(objs), func(i int) %s.ID { return objs[i].ID }))",
		w.pkg("graph/model"), l.Target.Name, w.pkg("loaders"), l.GoName, w.pkg("store"))
}

// window checks the paging arguments.
func (w *writer) window(l *entity.List) string {
	order, filter := "nil", "nil"
	if l.Orders != nil {
		order = "orderBy.Order()"
	}
	if l.Filter != nil {
		filter = templates.ToGoPrivate(l.FilterArg)
	}
	store := w.pkg("store")
	return fmt.Sprintf("w, err := %s.%s.Window(%s.PageArgs{First: first, After: after, Last: last, Before: before}, %s, %s)\nif err != nil {\nreturn nil, err\n}\n",
		store, l.GoName, store, order, filter)
}

func (w *writer) entity(name string) *entity.Entity {
	for _, e := range w.p.Model.Entities {
		if e.Name == name {
			return e
		}
	}
	panic(strings.Join([]string{"no entity", name}, " ")) // the reader refuses such a schema
}
