package gateway

import (
	"context"
	"fmt"

	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// documents keeps parsed and validated documents by their text, as gqlgen's executor asks for
// them. Unlike an LRU behind one lock, reads do not wait for each other.
type documents struct {
	cache *otter.Cache[string, *ast.QueryDocument]
}

func newDocuments(size int) (documents, error) {
	cache, err := otter.New(&otter.Options[string, *ast.QueryDocument]{
		MaximumSize: size,
		Executor:    func(maintain func()) { maintain() }, // eviction is cheap, a goroutine is not
	})
	if err != nil {
		return documents{}, fmt.Errorf("build the document cache: %w", err)
	}
	return documents{cache}, nil
}

func (d documents) Get(_ context.Context, query string) (*ast.QueryDocument, bool) {
	return d.cache.GetIfPresent(query)
}

func (d documents) Add(_ context.Context, query string, doc *ast.QueryDocument) {
	d.cache.Set(query, doc)
}
