package breadthtest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/breadth/breadthtest"
)

// Random operations reach every field, argument and kind of fragment of the schema, and the same seed
// makes the same operation.
func TestOperationsCoverTheSchema(t *testing.T) {
	t.Parallel()
	pair := breadthtest.Exotic(nil)
	schema := pair.Generator.Schema
	seen := map[string]bool{}
	for seed := range uint64(6000) {
		op := pair.Random(seed)
		if seed < 100 && pair.Random(seed).String() != op.String() {
			t.Fatalf("seed %d makes two operations", seed)
		}
		doc, errs := gqlparser.LoadQueryWithRules(schema, op.Query, nil)
		if errs != nil {
			t.Fatalf("%v\n%s", errs, op)
		}
		for _, o := range doc.Operations {
			note(seen, o.SelectionSet)
		}
		for _, f := range doc.Fragments {
			note(seen, f.SelectionSet)
		}
	}
	var missing []string
	for name, def := range schema.Types {
		if strings.HasPrefix(name, "__") || def.Kind != ast.Object && def.Kind != ast.Interface {
			continue
		}
		for _, f := range def.Fields {
			coordinate := name + "." + f.Name
			if !seen[coordinate] && !strings.HasPrefix(f.Name, "__") && !pair.Generator.Avoid(coordinate) {
				missing = append(missing, coordinate)
			}
			for _, a := range f.Arguments {
				if !seen[coordinate+"."+a.Name] && !pair.Generator.Avoid(coordinate) {
					missing = append(missing, coordinate+"."+a.Name)
				}
			}
		}
	}
	for _, kind := range []string{"spread", "inline", "@skip", "@include", "variable"} {
		if !seen[kind] {
			missing = append(missing, kind)
		}
	}
	slices.Sort(missing)
	missing = slices.DeleteFunc(missing, func(c string) bool { return strings.HasPrefix(c, "Query.__") })
	if len(missing) > 0 {
		t.Errorf("never made: %s", strings.Join(missing, ", "))
	}
}

func note(seen map[string]bool, set ast.SelectionSet) {
	directives := func(list ast.DirectiveList) {
		for _, d := range list {
			seen["@"+d.Name] = true
		}
	}
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			directives(s.Directives)
			seen[s.ObjectDefinition.Name+"."+s.Name] = true
			for _, a := range s.Arguments {
				seen[s.ObjectDefinition.Name+"."+s.Name+"."+a.Name] = true
				seen["variable"] = seen["variable"] || a.Value.Kind == ast.Variable
			}
			note(seen, s.SelectionSet)
		case *ast.InlineFragment:
			seen["inline"] = true
			directives(s.Directives)
			note(seen, s.SelectionSet)
		case *ast.FragmentSpread:
			seen["spread"] = true
			directives(s.Directives)
		}
	}
}

// Differences meet in one operation: here an event of a subscription, whose paths differ, with a null
// in a list of scalars, which is told once for the list or once for each element.
func TestDifferencesCombine(t *testing.T) {
	t.Parallel()
	pair := breadthtest.Exotic(nil)
	for _, query := range []string{
		`{ people(first: 20) { best { times } } }`,
		`subscription { people(count: 4) { friends(first: 20) { best { times } } } }`,
		`subscription { mustPeople(count: 4) { rivals(fail: PANIC) { id } friends(first: 20) { must(fail: SHORT) { id } } } }`,
	} {
		if err := pair.Check(t.Context(), breadthtest.Operation{Query: query}); err != nil {
			t.Error(err)
		}
	}
}
