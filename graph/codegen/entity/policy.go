package entity

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Policy is who may see a type or a field.
type Policy struct {
	Public        bool
	Authenticated bool       // only those who are signed in
	Scopes        [][]string // only those with all scopes of one of the lists; nil: no matter
	Owners        []*Owner   // a row is seen by those whom one of them describes; nil: no matter
}

// Gated says that the policy looks at the viewer alone, before any row is known.
func (p *Policy) Gated() bool { return p.Authenticated || p.Scopes != nil }

// Owner describes those whom a row belongs to.
type Owner struct {
	Field  string  // as the schema has it: "customer.supportRep"
	Target *Entity // whose id the column holds; nil: every row is theirs
	Column string
	Up     int        // rows that this one lies with between it and the column
	Scopes [][]string // what they need besides; nil: nothing
}

// everyRow is the field of those who own every row.
const everyRow = "*"

// policyWords are the directives that say who may see something.
var policyWords = []string{"public", "authenticated", "requiresScopes", "owner"}

// howTo tells what to write where a policy is missing.
const howTo = `@public (everybody), @authenticated, @requiresScopes(scopes: [["admin"]])`

// Public says whether everybody sees every row of the entity, so that one viewer's rows are good for
// all others.
func (e *Entity) Public() bool { return e.Policy.Public }

// policies reads who may see what, and refuses what nobody has decided. It comes when all else is
// right: a schema under way should not be asked about rights first.
func (r *reader) policies() {
	r.model.Policies = map[string]*Policy{}
	for _, def := range r.definitions(ast.Object) {
		if p := r.policy(def.Name, def.Directives); p != nil {
			r.model.Policies[def.Name] = p
			r.owners(def, p)
		}
	}
	for _, e := range r.model.Entities {
		if e.Policy = r.model.Policies[e.Name]; e.Policy == nil {
			e.Policy = &Policy{}
		}
	}
	for _, def := range r.definitions(ast.Object) {
		if !isGenerated(def) {
			r.decided(def)
		}
	}
	r.concrete()
	r.scopesOfCached()
}

// policy reads the words of one place; nil if there are none.
func (r *reader) policy(path string, list ast.DirectiveList) *Policy {
	var said []*ast.Directive
	p := &Policy{}
	for _, d := range list {
		if !slices.Contains(policyWords, d.Name) {
			continue
		}
		said = append(said, d)
		switch d.Name {
		case "public":
			p.Public = true
		case "authenticated":
			p.Authenticated = true
		case "requiresScopes":
			p.Scopes = r.scopes(path, d)
		}
	}
	if len(said) == 0 {
		return nil
	}
	if p.Public && len(said) > 1 {
		other := said[slices.IndexFunc(said, func(d *ast.Directive) bool { return d.Name != "public" })]
		r.fail(other.Position, "%s: @public and @%s contradict each other; remove one", path, other.Name)
	}
	return p
}

func saysPolicy(list ast.DirectiveList) bool {
	return slices.ContainsFunc(list, func(d *ast.Directive) bool { return slices.Contains(policyWords, d.Name) })
}

// scopes reads the argument scopes; nil if there is none.
func (r *reader) scopes(path string, d *ast.Directive) [][]string {
	a := d.Arguments.ForName("scopes")
	if a == nil || a.Value.Kind == ast.NullValue {
		return nil
	}
	var out [][]string
	for _, way := range listOf(a.Value) {
		var all []string
		for _, scope := range listOf(way) {
			all = append(all, scope.Raw)
		}
		if len(all) == 0 || slices.ContainsFunc(all, func(s string) bool { return s == "" || strings.ContainsAny(s, " \t\n") }) {
			r.fail(d.Position, "%s: each list of scopes must name one at least, without spaces, such as [[\"staff\"], [\"admin\"]]", path)
			return [][]string{}
		}
		out = append(out, all)
	}
	if len(out) == 0 {
		r.fail(d.Position, "%s: name the scopes, such as [[\"staff\"], [\"admin\"]]", path)
		return [][]string{}
	}
	return out
}

// listOf are the elements of a list; a single value stands for a list of one.
func listOf(v *ast.Value) []*ast.Value {
	if v.Kind != ast.ListValue {
		return []*ast.Value{v}
	}
	var out []*ast.Value
	for _, c := range v.Children {
		out = append(out, c.Value)
	}
	return out
}

// owners reads the @owner of a type.
func (r *reader) owners(def *ast.Definition, p *Policy) {
	for _, d := range def.Directives {
		if d.Name != "owner" {
			continue
		}
		e := r.byName[def.Name]
		if e == nil {
			r.fail(d.Position, "%s: @owner is about rows, and %s has no @table; say @authenticated or @requiresScopes", def.Name, def.Name)
			return
		}
		if o := r.owner(e, d); o != nil {
			p.Owners = append(p.Owners, o)
		}
	}
}

func (r *reader) owner(e *Entity, d *ast.Directive) *Owner {
	o := &Owner{Field: argument(d, "field"), Scopes: r.scopes(e.Name, d)}
	if o.Field == everyRow {
		if o.Scopes == nil {
			r.fail(d.Position, "%s: everybody would own every row; add scopes, such as @owner(field: \"*\", scopes: [[\"admin\"]]), or say @public", e.Name)
		}
		return o
	}
	at := e
	steps := strings.Split(o.Field, ".")
	for i, step := range steps {
		last := i == len(steps)-1
		if last && step == "id" {
			o.Target, o.Column = at, "id"
			return o
		}
		var found *BelongsTo
		var names []string
		for _, b := range at.BelongsTo {
			names = append(names, b.Field)
			if b.Field == step {
				found = b
			}
		}
		switch {
		case found == nil:
			r.fail(d.Position, "%s: @owner(field: %q): %s of %s is neither id nor a @belongsTo; write one of %s", e.Name, o.Field, step, at.Name, strings.Join(append([]string{"id"}, names...), ", "))
			return nil
		case last:
			o.Target, o.Column = found.Target, found.Column.Name
		case found != at.ColocatedBy:
			r.fail(d.Position, "%s: @owner(field: %q): a row is asked for together with its owner, so %s must lie with its %s: the way leads through colocatedBy only", e.Name, o.Field, at.Name, step)
			return nil
		default:
			at, o.Up = found.Target, o.Up+1
		}
	}
	return o
}

// decided refuses the fields of a type that nobody has decided about.
func (r *reader) decided(def *ast.Definition) {
	typ := r.model.Policies[def.Name]
	var open []*ast.FieldDefinition
	fields := 0
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		fields++
		path := def.Name + "." + f.Name
		own := r.policy(path, f.Directives)
		switch {
		case own != nil && own.Public && typ != nil && !typ.Public:
			r.fail(f.Directives.ForName("public").Position, "%s: a field adds to the policy of its type, so @public has no effect here; remove it, or give %s a policy that everybody meets", path, def.Name)
		case own != nil || typ != nil:
		case r.isRoot(def) && (r.hasPolicy(r.schema.Types[f.Type.Name()]) || r.isUndecided(r.schema.Types[f.Type.Name()])):
		default:
			open = append(open, f)
		}
	}
	switch {
	case len(open) == 0:
	case r.isRoot(def):
		for _, f := range open {
			where := "on the field"
			if !r.schema.Types[f.Type.Name()].IsLeafType() {
				where += ", or on the type " + f.Type.Name() + " that it returns,"
			}
			r.fail(f.Position, "%s.%s has no policy: say %s who may see it: %s", def.Name, f.Name, where, howTo)
		}
	case len(open) == fields: // once, where one line mends it
		r.fail(def.Position, "%s has no policy, and neither have its fields (%s): say on the type who may see it: %s%s", def.Name, fieldNames(open), howTo, r.ownerHint(def))
	default:
		for _, f := range open {
			r.fail(f.Position, "%s.%s has no policy: say on the field or on the type %s who may see it: %s%s", def.Name, f.Name, def.Name, howTo, r.ownerHint(def))
		}
	}
}

// ownerHint offers @owner where it can stand.
func (r *reader) ownerHint(def *ast.Definition) string {
	if r.byName[def.Name] == nil {
		return ""
	}
	return `, or for rows on the type @owner(field: "id")`
}

func fieldNames(fields []*ast.FieldDefinition) string {
	const most = 3
	var names []string
	for _, f := range fields[:min(most, len(fields))] {
		names = append(names, f.Name)
	}
	if len(fields) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// hasPolicy says whether a type brings a policy to the root fields that return it. A connection
// brings that of its rows, an abstract type that of each of its members.
func (r *reader) hasPolicy(def *ast.Definition) bool {
	switch def.Kind {
	case ast.Object:
		return r.model.Policies[r.connected(def)] != nil
	case ast.Interface, ast.Union:
		members := r.schema.GetPossibleTypes(def)
		return len(members) > 0 && !slices.ContainsFunc(members, func(m *ast.Definition) bool {
			return m.Kind == ast.Object && r.model.Policies[m.Name] == nil
		})
	default:
		return false
	}
}

// isUndecided says whether a type, or a member of it, has no policy at all, which is told there.
func (r *reader) isUndecided(def *ast.Definition) bool {
	return slices.ContainsFunc(r.schema.GetPossibleTypes(def), func(m *ast.Definition) bool {
		m = r.schema.Types[r.connected(m)]
		return m.Kind == ast.Object && r.model.Policies[m.Name] == nil &&
			!slices.ContainsFunc(m.Fields, func(f *ast.FieldDefinition) bool { return saysPolicy(f.Directives) })
	})
}

// connected is the type whose policy counts for def: that of the rows for a generated connection.
func (r *reader) connected(def *ast.Definition) string {
	if isGenerated(def) {
		return strings.TrimSuffix(strings.TrimSuffix(def.Name, "Connection"), "Edge")
	}
	return def.Name
}

// concrete refuses policies that could not be kept.
func (r *reader) concrete() {
	for _, def := range r.definitions(ast.Interface, ast.Union) {
		for _, m := range r.schema.GetPossibleTypes(def) {
			if p := r.model.Policies[m.Name]; p != nil && p.Gated() && r.byName[m.Name] == nil {
				r.fail(m.Position, "%s is a member of %s, where its type shows only when it is there; give it a @table, so that its rows are asked for by rights, or put its policy on its fields", m.Name, def.Name)
			}
		}
	}
	for _, e := range r.model.Entities {
		for _, l := range e.ManyToMany {
			if l.Target.Policy.Owners != nil {
				r.fail(e.def.Fields.ForName(l.Field).Position, "%s: links lie elsewhere than their %s rows, so its pages cannot leave out those that the viewer does not own; say @computed, or @hasMany", l.Path(), l.Target.Name)
			}
		}
	}
}
