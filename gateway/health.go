package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// readyTimeout bounds one readiness check; probes wait about that long.
const readyTimeout = 2 * time.Second

// health is the body of both health endpoints.
type health struct {
	Status  string   `json:"status"`
	Reasons []string `json:"reasons,omitempty"`
	// Details are of what makes nobody unready.
	Details map[string]any `json:"details,omitempty"`
}

// serveLive says that the process answers requests at all.
func (g *Gateway) serveLive(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, health{Status: "UP"})
}

// serveReady says whether traffic should be sent here.
func (g *Gateway) serveReady(w http.ResponseWriter, r *http.Request) {
	if g.draining.Load() {
		writeHealth(w, health{Status: "DOWN", Reasons: []string{"draining"}})
		return
	}
	if err := g.check(r.Context()); err != nil {
		if !g.down.Swap(true) {
			g.log.WarnContext(r.Context(), "not ready", "err", err)
		}
		writeHealth(w, health{Status: "DOWN", Reasons: safeReasons(err), Details: g.told(r)})
		return
	}
	if g.down.Swap(false) {
		g.log.InfoContext(r.Context(), "ready again")
	}
	writeHealth(w, health{Status: "UP", Details: g.told(r)})
}

// told are the details where there is something to tell, or somebody asks: /health/ready?verbose.
func (g *Gateway) told(r *http.Request) map[string]any {
	if g.details == nil {
		return nil
	}
	details, whole := g.details()
	if whole && !r.URL.Query().Has("verbose") {
		return nil
	}
	return details
}

// check runs one readiness check for all probes that ask at the same time: the endpoint is public,
// and a check costs every shard a round trip.
func (g *Gateway) check(ctx context.Context) error {
	if g.ready == nil {
		return nil
	}
	_, err, _ := g.checks.Do("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
		defer cancel()
		return nil, g.ready(ctx)
	})
	return err
}

// safeReasons are the messages of the client errors in err, each once; what else there is has no
// text of its own.
func safeReasons(err error) []string {
	var reasons []string
	add := func(s string) {
		if !slices.Contains(reasons, s) {
			reasons = append(reasons, s)
		}
	}
	var walk func(err error)
	walk = func(err error) {
		if list, ok := err.(interface{ Unwrap() []error }); ok { // one level at a time
			for _, e := range list.Unwrap() {
				walk(e)
			}
			return
		}
		if ce, ok := errors.AsType[ClientError](err); ok {
			add(ce.SafeMessage())
			return
		}
		add("a dependency does not answer")
	}
	walk(err)
	return reasons
}

func writeHealth(w http.ResponseWriter, body health) {
	b, err := json.Marshal(body)
	if err != nil { // texts cannot fail, and details promise not to
		panic(err)
	}
	h := w.Header()
	forbidContent(h)
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	if body.Status != "UP" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	w.Write(b) //nolint:errcheck // the prober is gone
}
