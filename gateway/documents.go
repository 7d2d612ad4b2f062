package gateway

import (
	"fmt"

	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/gateway/limit"
)

// document is a document that was found good, and what its checks want to know again for each
// request.
type document struct {
	query      *ast.QueryDocument
	operations []*operation // as in query
}

// operation is what is known of one operation of a document.
type operation struct {
	definition *ast.OperationDefinition
	introspect bool // it asks for the schema
	variables  []variable
	pages      []limit.PageSize // what its variables say about pages
	price      lazyPrice
	uses       lazyUses
}

func newDocument(query *ast.QueryDocument) *document {
	d := &document{query: query, operations: make([]*operation, len(query.Operations))}
	for i, op := range query.Operations {
		d.operations[i] = &operation{
			definition: op,
			introspect: asksForSchema(op.SelectionSet, map[*ast.FragmentDefinition]bool{}),
			variables:  variablesOf(op),
			pages:      limit.PageSizes(op),
		}
	}
	return d
}

// forget ends what is counted of a document that is not kept any more.
func (d *document) forget() {
	for _, op := range d.operations {
		op.uses.forget()
	}
}

// named is GetOperation of the specification: the operation of that name, or the only one where there is no
// name. It is nil if there is none.
func (d *document) named(name string) *operation {
	if name == "" && len(d.operations) == 1 {
		return d.operations[0]
	}
	for _, op := range d.operations {
		if op.definition.Name == name {
			return op
		}
	}
	return nil
}

// documents keeps good documents by their text. Unlike an LRU behind one lock, reads do not wait for
// each other.
type documents struct {
	cache *otter.Cache[string, *document]
}

// documentUnit is the text that counts as one document; a tree takes many times that.
const documentUnit = 1 << 10

func newDocuments(size int) (documents, error) {
	cache, err := otter.New(&otter.Options[string, *document]{
		MaximumWeight: uint64(max(size, 0)),
		Weigher: func(text string, _ *document) uint32 {
			return uint32(1 + len(text)/documentUnit) //nolint:gosec // it came in a request
		},
		OnAtomicDeletion: func(e otter.DeletionEvent[string, *document]) {
			e.Value.forget()
		},
		Executor: func(maintain func()) { maintain() }, // eviction is cheap, a goroutine is not
	})
	if err != nil {
		return documents{}, fmt.Errorf("build the document cache: %w", err)
	}
	return documents{cache}, nil
}
