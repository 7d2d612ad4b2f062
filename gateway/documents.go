package gateway

import (
	"context"
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
	introspect bool             // it asks for the schema
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

// of finds what is known of an operation.
func (d *document) of(definition *ast.OperationDefinition) *operation {
	for _, op := range d.operations {
		if op.definition == definition {
			return op
		}
	}
	return &operation{definition: definition}
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

type documentKey struct{}

// withDocument hands a document on to gqlgen's executor and to the extensions.
func withDocument(ctx context.Context, d *document) context.Context {
	return context.WithValue(ctx, documentKey{}, d)
}

// operationOf is what is known of an operation that came through the door.
func operationOf(ctx context.Context, definition *ast.OperationDefinition) *operation {
	if d, ok := ctx.Value(documentKey{}).(*document); ok {
		return d.of(definition)
	}
	return &operation{definition: definition}
}

// admitted is the query cache of gqlgen's executor: it always has the document, which the door
// parsed and checked.
type admitted struct{}

func (admitted) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	d, ok := ctx.Value(documentKey{}).(*document)
	if !ok {
		return nil, false
	}
	return d.query, true
}

func (admitted) Add(context.Context, string, *ast.QueryDocument) {}
