package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/graph/breadth"
)

// runner is what the transports of one operation have in common.
type runner struct {
	limits      Limits
	queriesOnly bool
}

// run executes one operation and writes its one response.
func (t runner) run(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, p *params, media []string) {
	buf := breadth.GetBuffer()
	defer buf.Release()
	ctx := r.Context()
	oc, errs := exec.CreateOperationContext(withDocumentID(ctx, p.documentID), &p.RawParams)
	if errs != nil {
		if oc.Doc != nil && oc.Operation == nil {
			errs = gqlerror.List{unresolved(oc)}
		}
		resp := exec.DispatchError(graphql.WithOperationContext(ctx, oc), errs)
		writeResponse(w, media, resp, buf, t.limits)
		return
	}
	if t.queriesOnly && oc.Operation.Operation != ast.Query {
		writeRefusal(w, media, refusal{
			status:  http.StatusMethodNotAllowed,
			code:    CodeMethodNotAllowed,
			message: "send a " + string(oc.Operation.Operation) + " with POST",
			allow:   http.MethodPost,
		})
		return
	}
	if p := pricedOf(oc); p != nil {
		if p.asked == costValidate {
			writeResponse(w, media, p.validated(), buf, t.limits)
			return
		}
		p.runs = true
	}
	respond, ctx := exec.DispatchOperation(breadth.WithBuffer(ctx, buf), oc)
	resp := respond(ctx)
	if resp == nil {
		resp = unanswered(ctx, exec)
	}
	writeResponse(w, media, resp, buf, t.limits)
}

// unresolved explains why a document does not say which of its operations is to run.
func unresolved(oc *graphql.OperationContext) *gqlerror.Error {
	message := "the document has " + strconv.Itoa(len(oc.Doc.Operations)) +
		" operations: name one of them in operationName"
	if oc.OperationName != "" {
		message = "the document has no operation of the name in operationName"
	}
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": CodeOperation}}
}

// unanswered is the response of an executor that gave none: the context ended before it began.
func unanswered(ctx context.Context, exec graphql.GraphExecutor) *graphql.Response {
	err := ctx.Err()
	if err == nil {
		err = errors.New("the executor gave no response")
	}
	return exec.DispatchError(ctx, gqlerror.List{{Err: err, Message: err.Error()}})
}
