package abuse

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/gateway"
)

// A server that is busy with all that it can do refuses more within a moment, in a few bytes and with
// the time to come back, and serves again when there is room.
func TestOverload(t *testing.T) {
	t.Parallel()
	const atATime = 3
	c := seeded(t)
	s := serve(t, c, func(c *gateway.Config, _ *http.Server) {
		c.Limits.Timeout = 5 * time.Minute
		c.Load = gateway.Load{Concurrency: atATime, Queue: 1, Wait: time.Millisecond}
	})
	lock, err := c.Store.Pools()[0].Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback(t.Context())
	if _, err := lock.Exec(t.Context(), "LOCK TABLE album IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	wire := post(nil, `{"query":"{albums(first:1){nodes{title}}}"}`)
	var busy sync.WaitGroup
	for range atATime {
		busy.Go(func() {
			for s.send(t, wire).status == http.StatusServiceUnavailable { // one of those below had its place
				continue
			}
		})
	}
	// The refusals begin once all places are taken: until then a request takes one, and waits for the lock.
	free := post(nil, `{"query":"{__typename}"}`)
	deadline := time.Now().Add(3 * time.Minute)
	got := s.send(t, free)
	for got.status == http.StatusOK && time.Now().Before(deadline) {
		got = s.send(t, free)
	}
	text := string(got.body)
	if got.status != http.StatusServiceUnavailable || !strings.Contains(text, `"code":"OVERLOADED"`) || len(text) > maxBytes {
		t.Errorf("got %d %s", got.status, text)
	}
	if after := got.header.Get("Retry-After"); after != "1" {
		t.Errorf("Retry-After is %q", after)
	}
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	busy.Wait()
	if got := s.send(t, wire); got.status != http.StatusOK || strings.Contains(string(got.body), "errors") {
		t.Errorf("afterwards: %d %.500s", got.status, got.body)
	}
}
