package overlap

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// Name is what gqlparser calls the rule that this one stands for.
const Name = "OverlappingFieldsCanBeMerged"

const (
	// maxExpanded bounds the fields that are brought together, beyond those that the document has: what
	// fragments add by being spread more than once.
	maxExpanded = 10_000
	// maxPairs bounds the ways that are compared where groups disagree.
	maxPairs = 300_000
	// maxConflicts bounds the conflicts that are told.
	maxConflicts = 5
)

// Rule checks each operation, and each fragment that none of them spreads. It leaves a document
// whose fragments spread themselves to the rule NoFragmentCycles.
func Rule() core.Rule {
	return core.Rule{Name: Name, RuleFunc: func(observers *core.Events, addError core.AddErrFunc) {
		var c *checker
		start := func(w *core.Walker) {
			if c == nil {
				c = newChecker(w.Schema, w.Document, addError)
			}
		}
		observers.OnOperation(func(w *core.Walker, op *ast.OperationDefinition) {
			start(w)
			c.root(op.SelectionSet)
		})
		observers.OnFragment(func(w *core.Walker, f *ast.FragmentDefinition) {
			start(w)
			if !c.reached[f.Name] {
				c.root(f.SelectionSet)
			}
		})
	}}
}
