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
	slots       *slots
	keepers     keepers
	queriesOnly bool
}

// run executes one operation and writes its one response.
func (t runner) run(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, p *params, media []string) {
	buf := breadth.GetBuffer()
	defer buf.Release()
	buf.Max = t.limits.ResponseBytes
	v := visitOf(w)
	resp, refused := t.execute(r.Context(), v, exec, p, buf)
	if refused != nil {
		writeRefusal(w, media, *refused)
		return
	}
	if outcomeOf(resp) == OutcomeError && len(resp.Errors) > 0 {
		v.refuse(codeOf(resp.Errors[0]))
	}
	writeResponse(w, media, resp, buf, t.limits, t.keepers)
}

// execute holds a slot for as long as there is something to compute.
func (t runner) execute(ctx context.Context, v *visit, exec graphql.GraphExecutor, p *params, buf *breadth.Buffer) (*graphql.Response, *refusal) {
	if !t.slots.take(ctx) {
		v.giveBack() // it is not the client's fault
		return nil, overloaded()
	}
	defer t.slots.leave()
	if v != nil {
		ctx = context.WithValue(ctx, visitKey{}, v)
	}
	oc, errs := exec.CreateOperationContext(withDocumentID(ctx, p.documentID), &p.RawParams)
	if errs != nil {
		if oc.Doc != nil && oc.Operation == nil {
			errs = gqlerror.List{unresolved(oc)}
		}
		return exec.DispatchError(graphql.WithOperationContext(ctx, oc), errs), nil
	}
	if t.queriesOnly && oc.Operation.Operation != ast.Query {
		return nil, &refusal{
			status:  http.StatusMethodNotAllowed,
			code:    CodeMethodNotAllowed,
			message: "send a " + string(oc.Operation.Operation) + " with POST",
			allow:   http.MethodPost,
		}
	}
	if p := pricedOf(oc); p != nil {
		if p.asked == costValidate {
			v.report(p)
			return p.validated(), nil
		}
		if refused := v.reserve(ctx, p); refused != nil {
			return nil, refused
		}
		p.runs = true
	}
	v.use(oc.Operation)
	respond, ctx := exec.DispatchOperation(breadth.WithBuffer(ctx, buf), oc)
	resp := respond(ctx)
	if resp == nil {
		resp = unanswered(ctx, exec)
	}
	return resp, nil
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
