package gateway

import (
	"fmt"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/graph/cost"
)

// Price says what operations may cost.
type Price struct {
	// Table prices them. Nil: they have no price.
	Table *cost.Table
	// Maximum is what one operation may cost, in points. 0: no maximum.
	Maximum int64
	// Count counts what each operation really costs, not only where a client asks for it.
	Count bool
}

// costHeader asks for extensions.cost.
const costHeader = "Graphql-Cost" // as net/http spells it

// What costHeader asks for.
const (
	costReport   = "report"   // the cost beside the answer
	costValidate = "validate" // the price instead of an answer: nothing runs
)

// prices prices an operation when its document is valid and its variables are coerced, before anything
// runs, and refuses it above the maximum. The price is compiled once for a cached document.
type prices struct{ config Price }

func (p prices) check(req *request) *gqlerror.Error {
	asked := askedCost(req.oc.Headers[costHeader])
	if p.config.Table == nil || p.config.Maximum == 0 && !p.config.Count && asked == "" {
		return nil
	}
	price, err := req.operation.price.of(p.config.Table, req.oc.Doc, req.oc.Operation)
	if err != nil {
		return coded(CodeCostLimit, err.Error()) // too large to price: a valid document gives no other error
	}
	e := price.Estimate(req.oc.Variables)
	if e.Err != nil {
		return coded(CodeCostLimit, e.Err.Error())
	}
	if p.config.Maximum > 0 && e.Total > cost.Point*cost.Points(p.config.Maximum) {
		return tooExpensive(e, p.config.Maximum)
	}
	req.priced = priced{price: price, estimate: e, asked: asked}
	return nil
}

// askedCost reads costHeader; what is neither of its values asks for nothing.
func askedCost(values []string) string {
	if len(values) == 0 {
		return ""
	}
	for _, known := range []string{costReport, costValidate} {
		if strings.EqualFold(values[0], known) {
			return known
		}
	}
	return ""
}

// maxCostPath bounds the path in a message: aliases are as long as a client likes.
const maxCostPath = 200

func tooExpensive(e cost.Estimate, maximum int64) *gqlerror.Error {
	message := fmt.Sprintf("the operation may cost %v points, and the maximum is %d", e.Total, maximum)
	if path, share := e.MostExpensive(); path != "" {
		message += fmt.Sprintf("; the most expensive field is %s with %v", cost.Shortened(path, maxCostPath), share)
	}
	return coded(CodeCostLimit, message)
}

// begin has the execution counted, if anybody wants to know.
func (p prices) begin(req *request) {
	c := req.price()
	if c == nil || !p.config.Count && c.asked == "" {
		return
	}
	c.meter = c.price.Meter(req.oc.Variables)
	req.transport.Meter = c.meter
}

// report tells the client, if it asked for that. What is left of the budget is that after it was spent.
func (p prices) report(req *request, resp *graphql.Response) {
	if c := req.price(); c != nil && c.asked == costReport {
		if resp.Extensions == nil {
			resp.Extensions = map[string]any{}
		}
		resp.Extensions["cost"] = c.report()
	}
}

// lazyPrice is the price of an operation, compiled when it is first asked for.
type lazyPrice struct {
	once  sync.Once
	price *cost.Price
	err   error
}

func (l *lazyPrice) of(table *cost.Table, doc *ast.QueryDocument, op *ast.OperationDefinition) (*cost.Price, error) {
	l.once.Do(func() { l.price, l.err = table.Compile(doc, op) })
	return l.price, l.err
}

// priced is what an operation costs: the estimate before it runs, the actual cost after its response.
type priced struct {
	price    *cost.Price
	estimate cost.Estimate
	asked    string      // by the client: costReport, costValidate, or nothing
	runs     bool        // it was not refused
	meter    *cost.Meter // nil: nobody wants to know
	// throttle is throttleStatus in the report: what an encoder makes a JSON object of.
	throttle any
}

// price is nil for an operation without one.
func (r *request) price() *priced {
	if r.priced.price == nil {
		return nil
	}
	return &r.priced
}

// actual is what the operation really cost, once its response is there. What gqlgen's executor ran
// (introspection, @defer, everything with the reference executor) nobody counts: that costs the
// estimate.
func (p *priced) actual() cost.Points {
	switch {
	case !p.runs:
		return 0
	case p.meter == nil || !p.meter.IsTold():
		return p.estimate.Total
	}
	return p.meter.Total()
}

// costReportOf is extensions.cost, in points; parts of a point are rounded up.
type costReportOf struct {
	Requested int64  `json:"requestedQueryCost"`
	Actual    *int64 `json:"actualQueryCost,omitempty"` // nil: it did not run
	Throttle  any    `json:"throttleStatus,omitempty"`  // nil: nothing is throttled
}

func (p *priced) report() costReportOf {
	r := costReportOf{Requested: p.estimate.Total.Whole(), Throttle: p.throttle}
	if p.runs {
		actual := p.actual().Whole()
		r.Actual = &actual
	}
	return r
}

// validated is the answer to an operation that was only priced: its data is null, since none was
// asked for.
func (p *priced) validated() *graphql.Response {
	return &graphql.Response{Data: []byte("null"), Extensions: map[string]any{"cost": p.report()}}
}
