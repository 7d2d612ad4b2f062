package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/gateway/limit"
)

// pages is the extension that refuses page sizes given by variables before anything runs. Those that
// a document spells out were checked with it.
type pages struct{ limits limit.Limits }

func (pages) ExtensionName() string                   { return "Pages" }
func (pages) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (p pages) MutateOperationContext(ctx context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	if err := p.limits.Pages(operationOf(ctx, oc.Operation).pages, oc.Variables); err != nil {
		return refused(err)[0]
	}
	return nil
}
