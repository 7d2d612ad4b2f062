package gateway

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/gateway/persisted"
	"backline/graph/cost"
)

// door is gqlgen's executor behind the checks of documents and variables. They are in the order of
// what they cost: each is paid for by the limits before it.
type door struct {
	*executor.Executor
	checker

	schema    graphql.ExecutableSchema
	prices    *cost.Table // may be nil
	documents documents
	persisted *persisted.Documents[*document]
	listed    checker // of documents in the manifest
	unlisted  unlisted
	observer  Observer // may be nil
}

// newDoor builds the door, and reads the manifest of documents if there is one.
func newDoor(c Config, exec *executor.Executor) (*door, error) {
	documents, err := newDocuments(c.Limits.Documents)
	if err != nil {
		return nil, err
	}
	schema := c.Schema.Schema()
	d := &door{
		Executor:  exec,
		checker:   checker{c.Limits.Limits, newValidation(schema, c.Development, c.Limits.Errors)},
		schema:    c.Schema,
		prices:    c.Price.Table,
		documents: documents,
		listed:    checker{c.Limits.Limits, newValidation(schema, true, c.Limits.Errors)},
		unlisted:  unlisted{log: c.Log},
		observer:  c.Observer,
	}
	if c.Documents.ExceedLimits {
		d.listed.limits = c.Limits.OfValues()
	}
	c.Documents.Log = c.Log
	c.Documents.DocumentBytes = c.Limits.DocumentBytes
	d.persisted, err = persisted.New(c.Documents.Config, d.prepare, (*document).forget)
	return d, err
}

// CreateOperationContext implements graphql.GraphExecutor.
func (d *door) CreateOperationContext(ctx context.Context, p *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	hadText := p.Query != ""
	found, doc, errs := d.find(ctx, p)
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
	oc, errs := d.Executor.CreateOperationContext(withDocument(ctx, doc), p)
	if errs == nil {
		d.found(ctx, found, oc, hadText)
	}
	return oc, errs
}

// admit checks a document, or knows that it did before.
func (d *door) admit(text string) (*document, gqlerror.List) {
	if doc, ok := d.documents.cache.GetIfPresent(text); ok {
		return doc, nil
	}
	doc, errs := d.check(text)
	if errs == nil {
		d.documents.cache.Set(text, doc)
	}
	return doc, errs
}

// refused is the answer to what exceeds a limit.
func refused(err error) gqlerror.List {
	return gqlerror.List{{Err: err, Message: err.Error()}}
}

func coded(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}
