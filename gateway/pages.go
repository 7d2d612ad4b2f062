package gateway

import (
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/gateway/limit"
)

// pages refuses page sizes given by variables before anything runs. Those that a document spells out were
// checked with it.
type pages struct{ limits limit.Limits }

func (p pages) check(req *request) *gqlerror.Error {
	if err := p.limits.Pages(req.operation.pages, req.oc.Variables); err != nil {
		return refused(err)[0]
	}
	return nil
}
