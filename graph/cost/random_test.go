package cost_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"backline/graph/breadth/breadthtest"
)

// operations is how many random operations to price, for each schema; 0: as many as two seconds allow.
var operations = flag.Uint64("operations", 0, "random operations for each schema")

// An estimate is never less than what an execution costs, and no more than one costs that has
// everything that it may have.
func TestEstimateBoundsActualCost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		pricing
	}{{"store", store(t)}, {"shop", shop(t)}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBound(test.pricing)
			workers, seed := runtime.GOMAXPROCS(0), atomic.Uint64{}
			end := time.Now().Add(2 * time.Second)
			var group sync.WaitGroup
			for range workers {
				group.Go(func() {
					for !t.Failed() {
						n := seed.Add(1)
						if *operations > 0 && n > *operations || *operations == 0 && time.Now().After(end) {
							return
						}
						if err := b.check(n); err != nil {
							t.Errorf("seed %d: %v", n, err)
						}
					}
				})
			}
			group.Wait()
			t.Logf("%d operations; the estimate of %d was reached", seed.Load()-uint64(workers), b.exact.Load())
		})
	}
}

func FuzzRandomOperations(f *testing.F) {
	bounds := []*bound{newBound(store(f)), newBound(shop(f))}
	for n := range uint64(10) {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		if err := bounds[seed%2].check(seed); err != nil {
			t.Error(err)
		}
	})
}

// bound holds estimates against executions.
type bound struct {
	pricing
	generator breadthtest.Generator
	exact     atomic.Int64
}

func newBound(p pricing) *bound {
	return &bound{pricing: p, generator: breadthtest.Generator{Schema: p.Schema, Value: value}}
}

// value makes sizes that tell something: small ones mostly, and those that break things.
func value(r *rand.Rand, coordinate string, def *ast.Definition) (any, bool) {
	if def.Name != "Int" || r.IntN(10) == 0 {
		return nil, false
	}
	return []int64{0, 1, 1, 2, 2, 3, 4, 7, -1, 100}[r.IntN(10)], true
}

func (b *bound) check(seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 2))
	kind := ast.Query
	if b.Mutation != nil && r.IntN(8) == 0 {
		kind = ast.Mutation
	}
	random := b.generator.Operation(r, kind)
	doc, err := parser.ParseQuery(&ast.Source{Input: random.Query})
	if err != nil {
		return err
	}
	if errs := validator.ValidateWithRules(b.Schema, doc, rules.NewDefaultRules()); errs != nil {
		return errs
	}
	op := doc.Operations[0]
	vars, err := validator.VariableValues(b.Schema, op, random.Variables)
	if err != nil {
		return nil //nolint:nilerr // a server refuses it, too
	}
	price, err := b.Compile(doc, op)
	if err != nil {
		return fmt.Errorf("%v: %w", random, err)
	}
	e := price.Estimate(vars)
	if e.Err != nil {
		return nil //nolint:nilerr // so is this
	}
	if _, share := e.MostExpensive(); share < 0 || share > e.Total {
		return fmt.Errorf("%v\nthe most expensive field costs %v of %v", random, share, e.Total)
	}
	for range 3 {
		in := &interpreter{schema: b.Schema, doc: doc, vars: vars, rand: r, meter: price.Meter(vars)}
		in.run(op)
		if actual := in.meter.Total(); actual > e.Total {
			return fmt.Errorf("%v\nestimate %v, actual cost %v", random, e.Total, actual)
		}
	}
	in := &interpreter{schema: b.Schema, doc: doc, vars: vars, rand: r, full: true, meter: price.Meter(vars)}
	in.run(op)
	switch actual := in.meter.Total(); {
	case actual == e.Total:
		b.exact.Add(1)
	case actual > e.Total, !in.cut && isConcrete(b.Schema, doc, op):
		return fmt.Errorf("%v\nestimate %v, full execution %v", random, e.Total, actual)
	}
	return nil
}

// isConcrete reports whether there is one full execution: no abstract types, no introspection (whose
// lists the interpreter makes up), no leaves in lists that cost something.
func isConcrete(schema *ast.Schema, doc *ast.QueryDocument, op *ast.OperationDefinition) bool {
	concrete := true
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				def := schema.Types[s.Definition.Type.Name()]
				if def.IsAbstractType() || strings.HasPrefix(def.Name, "__") || def.Name == "Stamp" && s.Definition.Type.Elem != nil {
					concrete = false
				}
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			}
		}
	}
	walk(op.SelectionSet)
	for _, f := range doc.Fragments {
		walk(f.SelectionSet)
	}
	return concrete
}
