package gateway

import (
	"net/http"
	"slices"

	"backline/graph/breadth"
	"backline/graph/cachecontrol"
)

// keepers write for how long clients and the caches before them may keep an answer. The header says
// no-store until a whole answer, without errors and without what is only about this request, is there.
type keepers struct{ table *cachecontrol.Table } // nil: no answer may be kept

// kept is what is said about all answers of a plan.
type kept struct {
	cacheControl []string
	private      bool
}

// write says what is known of the plan that has been executed; nil is one of which nothing is known.
func (k keepers) write(h http.Header, plan *breadth.Plan) {
	if k.table == nil || plan == nil || !plan.IsQuery() {
		return
	}
	known, ok := plan.Derive(func(s breadth.Selected) any {
		p := k.table.Of(s)
		if p.MaxAge == 0 {
			return nil
		}
		return &kept{[]string{p.Header()}, p.Private}
	}).(*kept)
	if !ok {
		return
	}
	h["Cache-Control"] = known.cacheControl
	if known.private { // the answers of several viewers are already told apart
		return
	}
	vary := slices.Clone(h["Vary"])
	for i, by := range vary {
		if by == varyBy {
			vary[i] = varyWhoever
		}
	}
	h["Vary"] = vary
	// What is left of the budget of one client is no news to the next.
	delete(h, "Ratelimit")
	delete(h, "Ratelimit-Policy")
}
