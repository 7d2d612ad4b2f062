package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/gateway/persisted"
)

// Sources of documents, for the observer.
const (
	DocumentText     = "text"     // the request has it
	DocumentKept     = "kept"     // another request had it before
	DocumentListed   = "listed"   // it stands in the manifest
	DocumentUnlisted = "unlisted" // it runs, and does not stand there
)

// find finds the document that a request means, by its text or an id, and checks it.
func (d *door) find(ctx context.Context, p *params) (found persisted.Found[*document], doc *document, errs gqlerror.List) {
	request, err := persisted.NewRequest(p.Query, p.documentID, p.Extensions)
	if err != nil {
		return found, nil, gqlerror.List{coded(CodeBadRequest, err.Error())}
	}
	if found, err = d.persisted.Find(ctx, request); err != nil {
		return found, nil, refused(err)
	}
	p.Query = found.Text
	if found.Listed {
		return found, found.Prepared, nil
	}
	doc, errs = d.admit(found.Text)
	return found, doc, errs
}

// found keeps and reports the document of an operation that may run.
func (d *door) found(ctx context.Context, f persisted.Found[*document], oc *graphql.OperationContext, hadText bool) {
	d.persisted.Keep(ctx, f)
	source := DocumentText
	switch {
	case f.Listed:
		source = DocumentListed
	case f.Unlisted:
		source = DocumentUnlisted
		d.unlisted.report(f.Hash, oc)
	case !hadText:
		source = DocumentKept
	}
	if d.observer != nil {
		d.observer.Document(source)
	}
}

// unlisted tells the log of documents that should stand in the manifest. Once a second is enough to
// find them, and too little to fill a disk.
type unlisted struct {
	log     *slog.Logger
	last    atomic.Int64 // Unix nanoseconds
	omitted atomic.Int64
}

func (u *unlisted) report(hash func() string, oc *graphql.OperationContext) {
	now, last := graphql.Now().UnixNano(), u.last.Load()
	if now-last < int64(time.Second) || !u.last.CompareAndSwap(last, now) {
		u.omitted.Add(1)
		return
	}
	u.log.Warn("a document is not in the manifest", "hash", hash(), "operation", clipped(oc.Operation.Name),
		"client", clipped(oc.Headers.Get("Graphql-Client-Name")), "version", clipped(oc.Headers.Get("Graphql-Client-Version")),
		"omitted", u.omitted.Swap(0))
}

// planner is an executable schema that can compile an operation before it is asked for.
type planner interface {
	Prepare(doc *ast.QueryDocument, op *ast.OperationDefinition) error
}

// prepare makes a document of the manifest ready, so that no request is the first. The error is for
// operators.
func (d *door) prepare(e persisted.Entry) (*document, error) {
	doc, errs := d.listed.check(e.Text)
	if errs != nil {
		return nil, explained(errs)
	}
	p, _ := d.schema.(planner)
	for _, op := range doc.operations {
		if d.prices.config.Table != nil {
			if _, err := op.price.of(d.prices.config.Table, doc.query, op.definition); err != nil {
				return nil, err
			}
		}
		if p != nil {
			if err := p.Prepare(doc.query, op.definition); err != nil {
				return nil, err
			}
		}
	}
	return doc, nil
}

// explained is what is wrong with a document, in one line.
func explained(list gqlerror.List) error {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = e.Message
		if len(e.Locations) > 0 {
			texts[i] += " (line " + strconv.Itoa(e.Locations[0].Line) + ", column " + strconv.Itoa(e.Locations[0].Column) + ")"
		}
	}
	return errors.New(strings.Join(texts, "; "))
}

// WatchDocuments looks at the manifest each time something comes from tick, until ctx ends. There is
// nothing to do without a manifest.
func (g *Gateway) WatchDocuments(ctx context.Context, tick <-chan time.Time) { g.watch(ctx, tick) }
