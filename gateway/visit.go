package gateway

import (
	"net/http"

	"github.com/vektah/gqlparser/v2/ast"

	"backline/gateway/throttle"
	"backline/graph/cost"
)

// DoorObserver watches who comes and what becomes of them, for metrics. The telemetry package is one.
type DoorObserver interface {
	// Answered is told of each request to /graphql once it is answered: the name of its operation ("" if
	// it has none, or did not come so far), what the client calls itself and its version, and the code of
	// the error that stands for all data ("" if there is none).
	Answered(operation, client, version, code string)
	// Price is told what an operation that ran might have cost and did cost, in points.
	Price(operation, client string, estimated, actual float64)
	// Throttled is told of points that a client of a plan asked for and did not have.
	Throttled(client, plan string, points float64)
	// Uses begins to count the operations that use parts of the schema, each named once. Count counts
	// one of a client; drop ends it.
	Uses(coordinates []string) (count func(client string), drop func())
}

// Headers in which clients say what they are, those of Apollo's among them.
//
//nolint:gochecknoglobals // constants, as far as Go has them
var (
	clientNameHeaders    = []string{"Graphql-Client-Name", "Apollographql-Client-Name"}
	clientVersionHeaders = []string{"Graphql-Client-Version", "Apollographql-Client-Version"}
)

// visit is what is remembered of a request until it is answered. It travels as the response writer, so
// whoever refuses the request has it at hand.
type visit struct {
	http.ResponseWriter
	door      DoorObserver // may be nil
	client    string
	charge    charge
	operation string
	uses      *lazyUses // nil: it came to no operation
	code      string
}

// Unwrap implements what http.ResponseController looks for.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// withVisit remembers requests where somebody wants to know.
func withVisit(c Config, next http.Handler) http.Handler {
	if c.Door == nil && c.Throttle.Limiter == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &requestOf(r.Context()).visit
		*v = visit{ResponseWriter: w, door: c.Door, client: firstOf(r.Header, clientNameHeaders)}
		hasReturned := false
		defer func() {
			if !hasReturned { // it panics, and withRecover answers
				v.refuse(CodeInternal)
				v.giveBack()
			}
			if v.door != nil {
				v.door.Answered(v.operation, v.client, firstOf(r.Header, clientVersionHeaders), v.code)
			}
		}()
		next.ServeHTTP(v, r)
		hasReturned = true
	})
}

func firstOf(h http.Header, names []string) string {
	for _, name := range names {
		if values := h[name]; len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// visitOf finds the visit behind what other middleware put around it; nil if nobody wants to know.
func visitOf(w http.ResponseWriter) *visit {
	for {
		switch u := w.(type) {
		case *visit:
			return u
		case interface{ Unwrap() http.ResponseWriter }:
			w = u.Unwrap()
		default:
			return nil
		}
	}
}

// visitIn is the visit of a request; nil if nobody wants to know.
func visitIn(r *request) *visit {
	if r.visit.ResponseWriter == nil {
		return nil
	}
	return &r.visit
}

// refuse remembers why a request has no data.
func (v *visit) refuse(code string) {
	if v != nil {
		v.code = code
	}
}

// settle ends the account of an operation that ran, once the response is there.
func (r *request) settle() {
	v, p := visitIn(r), r.price()
	if v == nil || p == nil || !p.runs {
		return
	}
	v.settle(max(throttle.Points(p.actual()), admission))
	v.report(p)
	if v.door != nil {
		v.door.Price(v.operation, v.client, points(p.estimate.Total), points(p.actual()))
	}
}

// begin learns the operation.
func (v *visit) begin(op *operation) {
	if v != nil {
		v.operation, v.uses = op.definition.Name, &op.uses
	}
}

// use counts an operation that runs.
func (v *visit) use(op *ast.OperationDefinition) {
	if v != nil && v.door != nil && v.uses != nil {
		v.uses.add(v.door, op, v.client)
	}
}

// report gives the report of the cost, if the client asked for one, what is left of the budget.
func (v *visit) report(p *priced) {
	if v != nil && v.charge.account != nil && p.asked != "" {
		p.throttle = statusOfBudget(v.charge.account.Status())
	}
}

func points(p cost.Points) float64 { return float64(p) / float64(cost.Point) }
