package breadth_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"backline/graph/breadth"
	"backline/graph/breadth/breadthtest"
)

// FuzzOperations holds the two executors against each other. A seed makes an operation; then edits
// change it to what the generator of operations would not have thought of, and what is not valid any
// more is left alone. With counted the loaders must be told of every resolver.
func FuzzOperations(f *testing.F) {
	var l *loader
	plain := breadthtest.Exotic(nil)
	counted := breadthtest.Exotic(func(context.Context) breadth.Dispatcher { l = &loader{}; return l })
	for n := range uint64(10) {
		f.Add(n, uint64(0), n%2 == 0)
		f.Add(n, n+1, n%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed, edits uint64, count bool) {
		pair := plain
		if count {
			pair, l = counted, nil
		}
		op := pair.Random(seed)
		if edits > 0 {
			op.Query = edited(op.Query, rand.New(rand.NewPCG(edits, 2)))
			if !isValid(pair, op.Query) {
				return
			}
		}
		if err := pair.Check(t.Context(), op); err != nil {
			t.Error(err)
		}
		if count && l != nil && (l.running != 0 || l.negative) {
			t.Errorf("%s\n%d resolvers still run", op, l.running)
		}
	})
}

// edited changes the selections of an operation in one to three places: one is left out, said twice,
// moved to another set, put into a fragment without a type, or trades its place.
func edited(text string, r *rand.Rand) string {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return ""
	}
	for range 1 + r.IntN(3) {
		var sets []*ast.SelectionSet
		for _, op := range doc.Operations {
			collect(&op.SelectionSet, &sets)
		}
		for _, f := range doc.Fragments {
			collect(&f.SelectionSet, &sets)
		}
		from, to := sets[r.IntN(len(sets))], sets[r.IntN(len(sets))]
		if r.IntN(2) == 0 {
			to = from
		}
		at := r.IntN(len(*from))
		one := (*from)[at]
		switch r.IntN(5) {
		case 0:
			if len(*from) > 1 {
				*from = slices.Delete(slices.Clone(*from), at, at+1)
			}
		case 1:
			*to = slices.Insert(slices.Clone(*to), r.IntN(len(*to)+1), copied(ast.SelectionSet{one})[0])
		case 2:
			(*from)[at] = &ast.InlineFragment{SelectionSet: ast.SelectionSet{one}}
		case 3:
			other := r.IntN(len(*from))
			(*from)[at], (*from)[other] = (*from)[other], one
		case 4:
			if f, ok := one.(*ast.Field); ok {
				again := *f
				again.Alias = string(rune('a' + r.IntN(4)))
				*from = append(slices.Clone(*from), &again)
			}
		}
	}
	var b strings.Builder
	formatter.NewFormatter(&b).FormatQueryDocument(doc)
	return b.String()
}

// copied is a copy down to the last selection, so that an edit of one place stays there.
func copied(set ast.SelectionSet) ast.SelectionSet {
	out := slices.Clone(set)
	for i, s := range out {
		switch s := s.(type) {
		case *ast.Field:
			f := *s
			f.SelectionSet, out[i] = copied(s.SelectionSet), &f
		case *ast.InlineFragment:
			f := *s
			f.SelectionSet, out[i] = copied(s.SelectionSet), &f
		}
	}
	return out
}

// collect gathers the selection sets below and including one.
func collect(set *ast.SelectionSet, into *[]*ast.SelectionSet) {
	if len(*set) == 0 || len(*into) > 1000 {
		return
	}
	*into = append(*into, set)
	for _, s := range *set {
		switch s := s.(type) {
		case *ast.Field:
			collect(&s.SelectionSet, into)
		case *ast.InlineFragment:
			collect(&s.SelectionSet, into)
		}
	}
}

// isValid says whether a text is one operation that both executors must treat alike.
func isValid(p *breadthtest.Pair, text string) bool {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil || len(doc.Operations) != 1 {
		return false
	}
	schema := p.Generator.Schema
	if errs := validator.ValidateWithRules(schema, doc, rules.NewDefaultRules()); len(errs) > 0 {
		return false
	}
	for _, op := range doc.Operations {
		if selectsAny(op.SelectionSet, p.Generator.Avoid) || op.Operation == ast.Subscription && len(op.SelectionSet) != 1 {
			return false
		}
	}
	return !slices.ContainsFunc(doc.Fragments, func(f *ast.FragmentDefinition) bool {
		return selectsAny(f.SelectionSet, p.Generator.Avoid)
	})
}

func selectsAny(set ast.SelectionSet, avoid func(coordinate string) bool) bool {
	return slices.ContainsFunc(set, func(s ast.Selection) bool {
		switch s := s.(type) {
		case *ast.Field:
			return s.ObjectDefinition != nil && avoid(s.ObjectDefinition.Name+"."+s.Name) || selectsAny(s.SelectionSet, avoid)
		case *ast.InlineFragment:
			return selectsAny(s.SelectionSet, avoid)
		}
		return false
	})
}
