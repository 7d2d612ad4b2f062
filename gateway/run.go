package gateway

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/breadth"
)

// runner is what the transports of one operation have in common.
type runner struct {
	limits      Limits
	slots       *slots
	keepers     keepers
	door        *door
	executor    *executor
	queriesOnly bool
}

// run executes one operation and writes its one response.
func (t runner) run(w http.ResponseWriter, r *http.Request, req *request, media []string) {
	buf := breadth.GetBuffer()
	defer buf.Release()
	buf.Max = t.limits.ResponseBytes
	req.transport.Buffer = buf
	resp, refused := t.execute(r.Context(), req)
	if refused != nil {
		writeRefusal(w, media, *refused)
		return
	}
	if outcomeOf(resp) == OutcomeError && len(resp.Errors) > 0 {
		visitIn(req).refuse(codeOf(resp.Errors[0]))
	}
	writeResponse(w, media, resp, buf, t.limits, t.keepers)
}

// execute holds a slot for as long as there is something to compute.
func (t runner) execute(ctx context.Context, req *request) (*graphql.Response, *refusal) {
	v := visitIn(req)
	if !t.slots.take(ctx) {
		v.giveBack() // it is not the client's fault
		return nil, overloaded()
	}
	defer t.slots.leave()
	req.oc = t.executor.operationContext(req)
	ctx = graphql.WithOperationContext(ctx, req.oc)
	if errs := t.door.open(ctx, req); errs != nil {
		return t.executor.refuse(ctx, req, errs), nil
	}
	op := req.oc.Operation
	if t.queriesOnly && op.Operation != ast.Query {
		return nil, &refusal{
			status:  http.StatusMethodNotAllowed,
			code:    CodeMethodNotAllowed,
			message: "send a " + string(op.Operation) + " with POST",
			allow:   http.MethodPost,
		}
	}
	if p := req.price(); p != nil {
		if p.asked == costValidate {
			v.report(p)
			return p.validated(), nil
		}
		if refused := v.reserve(ctx, p); refused != nil {
			return nil, refused
		}
		p.runs = true
	}
	v.use(op)
	return t.executor.run(ctx, req), nil
}
