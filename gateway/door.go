package gateway

import (
	"context"
	"errors"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/gateway/persisted"
)

// door lets operations in. Its checks of document and variables are in the order of what they cost: each
// is paid for by the limits before it.
type door struct {
	checker

	schema        graphql.ExecutableSchema
	extensions    *extensions
	introspection introspection
	pages         pages
	prices        prices
	documents     documents
	persisted     *persisted.Documents[*document]
	listed        checker // of documents in the manifest
	unlisted      unlisted
	observer      Observer // may be nil
}

// newDoor builds the door, and reads the manifest of documents if there is one.
func newDoor(c Config, x *extensions) (*door, error) {
	documents, err := newDocuments(c.Limits.Documents)
	if err != nil {
		return nil, err
	}
	schema := c.Schema.Schema()
	d := &door{
		checker:       checker{c.Limits.Limits, newValidation(schema, c.Development, c.Limits.Errors)},
		schema:        c.Schema,
		extensions:    x,
		introspection: introspection{everybody: c.Development},
		pages:         pages{c.Limits.Limits},
		prices:        prices{c.Price},
		documents:     documents,
		listed:        checker{c.Limits.Limits, newValidation(schema, true, c.Limits.Errors)},
		unlisted:      unlisted{log: c.Log},
		observer:      c.Observer,
	}
	if c.Documents.ExceedLimits {
		d.listed.limits = c.Limits.OfValues()
	}
	c.Documents.Log = c.Log
	c.Documents.DocumentBytes = c.Limits.DocumentBytes
	d.persisted, err = persisted.New(c.Documents.Config, d.prepare, (*document).forget)
	return d, err
}

// open finds the operation that a request means, with its variables, and has it checked by all who may
// refuse it. ctx is the request's, with its operation context.
func (d *door) open(ctx context.Context, req *request) gqlerror.List {
	p, oc := &req.params, req.oc
	for _, m := range d.extensions.parameters {
		if err := m.MutateOperationParameters(ctx, &p.RawParams); err != nil {
			return gqlerror.List{err}
		}
	}
	hadText := p.Query != ""
	found, doc, errs := d.find(ctx, p)
	oc.RawQuery, oc.OperationName, oc.Extensions = p.Query, p.OperationName, p.Extensions
	if errs != nil {
		return errs
	}
	if err := d.limits.Variables(p.Variables); err != nil {
		return refused(err)
	}
	oc.Doc, req.operation = doc.query, doc.named(p.OperationName)
	if req.operation == nil {
		return gqlerror.List{unresolved(oc)}
	}
	oc.Operation = req.operation.definition
	var err error
	if oc.Variables, err = req.operation.coerceVariables(d.schema.Schema(), p.Variables); err != nil {
		return gqlerror.List{ofVariables(err)}
	}
	oc.Stats.Validation.End = graphql.Now()
	if err := d.examine(ctx, req); err != nil {
		return gqlerror.List{err}
	}
	d.found(ctx, found, oc, hadText)
	return nil
}

// examine asks everybody who may refuse an operation that is valid.
func (d *door) examine(ctx context.Context, req *request) *gqlerror.Error {
	if err := d.introspection.check(req); err != nil {
		return err
	}
	if err := d.pages.check(req); err != nil {
		return err
	}
	if err := d.prices.check(req); err != nil {
		return err
	}
	visitIn(req).begin(req.operation)
	for _, m := range d.extensions.contexts {
		if err := m.MutateOperationContext(ctx, req.oc); err != nil {
			return err
		}
	}
	return nil
}

// unresolved explains why a document does not say which of its operations is to run.
func unresolved(oc *graphql.OperationContext) *gqlerror.Error {
	message := "the document has " + strconv.Itoa(len(oc.Doc.Operations)) +
		" operations: name one of them in operationName"
	if oc.OperationName != "" {
		message = "the document has no operation of the name in operationName"
	}
	return coded(CodeOperation, message)
}

// ofVariables is gqlparser's error about variables, with the code that the boundary sharpens.
func ofVariables(err error) *gqlerror.Error {
	e, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		e = &gqlerror.Error{Message: err.Error()}
	}
	errcode.Set(e, CodeValidationFailed)
	return e
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
