package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"backline/gateway/limit"
)

// door is gqlgen's executor behind the checks of documents and variables. They are in the order of
// what they cost: each is paid for by the limits before it.
type door struct {
	*executor.Executor
	limits    limit.Limits
	documents documents
	validate  validation
}

// CreateOperationContext implements graphql.GraphExecutor.
func (d *door) CreateOperationContext(ctx context.Context, p *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	doc, errs := d.admit(p.Query)
	if errs == nil {
		if err := d.limits.Variables(p.Variables); err != nil {
			errs = refused(err)
		}
	}
	if errs != nil {
		return &graphql.OperationContext{
			RawQuery: p.Query, OperationName: p.OperationName, Headers: p.Headers, RecoverFunc: recovered,
		}, errs
	}
	return d.Executor.CreateOperationContext(withDocument(ctx, doc), p)
}

// admit parses and checks a document, or knows that it did before.
func (d *door) admit(text string) (*document, gqlerror.List) {
	if doc, ok := d.documents.cache.GetIfPresent(text); ok {
		return doc, nil
	}
	if err := d.limits.Text(text); err != nil {
		return nil, refused(err)
	}
	query, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return nil, unparsed(err)
	}
	if len(query.Operations) == 0 {
		return nil, gqlerror.List{coded(CodeValidationFailed, "no operation provided")}
	}
	if err := d.limits.Document(query); err != nil {
		return nil, refused(err)
	}
	if errs := d.validate.check(query); errs != nil {
		return nil, errs
	}
	doc := newDocument(query)
	d.documents.cache.Set(text, doc)
	return doc, nil
}

// refused is the answer to what exceeds a limit.
func refused(err error) gqlerror.List {
	return gqlerror.List{{Err: err, Message: err.Error()}}
}

func coded(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}
