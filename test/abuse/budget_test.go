package abuse

import (
	"context"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"backline/gateway"
	"backline/gateway/throttle"
)

// spent gives every client five points that never come back, and has spent those of some.
func spent(t *testing.T, proxies int, addresses ...string) func(*gateway.Config, *http.Server) {
	t.Helper()
	plans, err := throttle.ParsePlans("default=5/1")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	limiter, err := throttle.New(throttle.Options{Plans: plans, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { limiter.Close(context.Background()) })
	for _, a := range addresses {
		client := limiter.Account(throttle.ByAddress(netip.MustParseAddr(a)), "")
		if v, err := client.Take(t.Context(), 5*throttle.Point); err != nil || !v.OK {
			t.Fatalf("got %v %v", v, err)
		}
	}
	return func(c *gateway.Config, _ *http.Server) {
		c.Throttle = gateway.Throttle{Limiter: limiter, Proxies: proxies}
	}
}
