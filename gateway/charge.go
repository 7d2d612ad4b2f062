package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"backline/gateway/throttle"
	"backline/graph/rights"
)

// Throttle says what each client may spend. Zero: as much as it likes.
type Throttle struct {
	// Limiter has the budgets. Nil: nobody is throttled.
	Limiter *throttle.Limiter
	// Proxies is how many proxies in front append to X-Forwarded-For.
	Proxies int
	// SessionCookie and SessionHeader say what names the session of a client that is known by nothing
	// better. Somebody in front must have verified it. "": nothing does.
	SessionCookie, SessionHeader string
}

// charges takes a point for each request, whatever becomes of it, before anything of it is read: what
// cannot be priced because it is no GraphQL, or exceeds a limit, is not for nothing.
type charges struct {
	Throttle
	log    *slog.Logger
	warned atomic.Bool
}

// admission is what a request costs that does not come to be priced, and what every request costs at
// least.
const admission = throttle.Point

// charge is what one request has taken from the budget of its client. Without an account nobody is
// throttled.
type charge struct {
	account *throttle.Account
	taken   throttle.Points
}

// admit takes the point of a request.
func (c *charges) admit(v *visit, r *http.Request) *refusal {
	if c.Limiter == nil {
		return nil
	}
	if c.Proxies == 0 && len(r.Header["X-Forwarded-For"]) > 0 && !c.warned.Swap(true) {
		c.log.WarnContext(r.Context(), "a request carries X-Forwarded-For, which is not looked at: if a proxy is in front, set --trusted-proxies, or all of its clients share one budget")
	}
	v.charge.account = c.Limiter.Account(c.client(r))
	if refused := v.take(r.Context(), admission); refused != nil {
		return refused
	}
	v.tell(0)
	return nil
}

// admitStranger takes the point of a request whose credential is not good from the address that it came
// from: trying credentials is not for nothing.
func (c *charges) admitStranger(v *visit, r *http.Request) *refusal {
	if c.Limiter == nil {
		return nil
	}
	v.charge.account = c.Limiter.Account(c.address(r), "")
	if refused := v.take(r.Context(), admission); refused != nil {
		return refused
	}
	v.tell(0)
	return nil
}

// client is whom a request is charged to, and the name of their plan: an API key, else a viewer, else a
// session, else an address.
func (c *charges) client(r *http.Request) (client, plan string) {
	switch v := rights.Of(r.Context()); {
	case v.Via == rights.ViaKey:
		return throttle.ByKey(v.Subject), v.Plan
	case v.ID != "":
		return throttle.ByViewer(v.ID), v.Plan
	case v.Via != "":
		return throttle.BySubject(v.Issuer, v.Subject), v.Plan
	}
	if c.SessionHeader != "" {
		if value := r.Header.Get(c.SessionHeader); value != "" {
			return throttle.BySession(value), ""
		}
	}
	if c.SessionCookie != "" {
		if cookie, err := r.Cookie(c.SessionCookie); err == nil && cookie.Value != "" {
			return throttle.BySession(cookie.Value), ""
		}
	}
	return c.address(r), ""
}

// address is the client that a request is charged to which does not say rightly who sent it.
func (c *charges) address(r *http.Request) string {
	return throttle.ByAddress(throttle.Address(r, c.Proxies))
}

// take takes points, or refuses.
func (v *visit) take(ctx context.Context, points throttle.Points) *refusal {
	verdict, err := v.charge.account.Take(ctx, points)
	switch {
	case err != nil: // the client is gone, or its time is up: nothing runs any more
		return &refusal{status: http.StatusGatewayTimeout, code: CodeTimeout, message: "the request took too long"}
	case verdict.OK:
		v.charge.taken += points
		return nil
	}
	v.tell(verdict.Wait)
	plan := v.charge.account.Status().Plan
	if v.door != nil {
		v.door.Throttled(v.client, plan.Name, float64(points)/float64(throttle.Point))
	}
	return throttled(plan, verdict)
}

// throttled is the answer to a client that has not got enough left.
func throttled(p *throttle.Plan, v throttle.Verdict) *refusal {
	seconds := max(throttle.Seconds(v.Wait), 1)
	return &refusal{
		status: http.StatusTooManyRequests,
		code:   CodeThrottled,
		message: fmt.Sprintf("the budget of %d points is spent, and %d come back each second: send this again in %d s",
			p.Capacity.Whole(), p.Restore.Whole(), seconds),
		retryAfter: seconds,
	}
}

// reserve takes what a priced operation may cost, before it runs.
func (v *visit) reserve(ctx context.Context, p *priced) *refusal {
	if v == nil || v.charge.account == nil || p == nil {
		return nil
	}
	estimate := throttle.Points(p.estimate.Total)
	if plan := v.charge.account.Status().Plan; estimate > plan.Capacity {
		return &refusal{
			status: http.StatusBadRequest,
			code:   CodeCostLimit,
			message: fmt.Sprintf("the operation may cost %d points, and a budget never holds more than %d",
				p.estimate.Total.Whole(), plan.Capacity.Whole()),
		}
	}
	if estimate <= v.charge.taken {
		return nil
	}
	return v.take(ctx, estimate-v.charge.taken)
}

// settle gives back what the operation did not cost, and tells what is left.
func (v *visit) settle(actual throttle.Points) {
	c := &v.charge
	if c.account == nil {
		return
	}
	c.account.Give(c.taken - actual)
	c.taken = min(c.taken, actual)
	v.tell(0)
}

// giveBack returns all that was taken.
func (v *visit) giveBack() {
	if v != nil {
		v.settle(0)
	}
}

// tell writes the header fields.
func (v *visit) tell(wait time.Duration) { v.charge.account.Status().SetHeaders(v.Header(), wait) }

// throttleStatus is what extensions.cost tells, in points and points a second.
type throttleStatus struct {
	Maximum   int64 `json:"maximumAvailable"`
	Available int64 `json:"currentlyAvailable"`
	Restore   int64 `json:"restoreRate"`
}

func statusOfBudget(s throttle.Status) throttleStatus {
	return throttleStatus{s.Plan.Capacity.Whole(), s.Available.Whole(), s.Plan.Restore.Whole()}
}
