package abuse

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"backline/gateway"
	"backline/store/seed"
	"backline/store/storetest"
)

// seeded is a shard with the demo catalogue.
func seeded(t *testing.T) *storetest.Cluster {
	t.Helper()
	c := storetest.NewCluster(t, 1)
	target := seed.Target{Topology: c.Store.Topology(), Pools: c.Store.Pools()}
	if _, err := seed.Demo(t.Context(), target, seed.DemoOptions{Scale: 0.3}, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// An answer that is too long is refused with a short one, whichever way it is long.
func TestLongAnswers(t *testing.T) {
	t.Parallel()
	const most = 20_000
	s := serve(t, seeded(t), func(c *gateway.Config, _ *http.Server) {
		c.Development = true
		c.Limits.ResponseBytes = most
		c.Price.Maximum = 0
	})
	for name, query := range map[string]string{
		"lists in lists": `{artists(first:90){nodes{name albums(first:50){nodes{id title tracks(first:50){nodes{id name composer milliseconds}}}}}}}`,
		"under names":    `{artists(first:90){nodes{a:name b:name c:name d:name e:name f:name g:name h:name albums(first:50){nodes{a:title b:title c:title d:title}}}}}`,
		"the schema":     `{__schema{types{name description fields{name description args{name description}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wire := post([]string{"Accept-Encoding: br, gzip"}, `{"query":`+quote(query)+`}`)
			got := s.send(t, wire)
			var body struct {
				Data   json.RawMessage
				Errors []struct{ Extensions struct{ Code string } }
			}
			if err := json.Unmarshal(got.body, &body); err != nil {
				t.Fatal(err)
			}
			if got.status != http.StatusBadRequest || body.Data != nil || len(body.Errors) != 1 ||
				body.Errors[0].Extensions.Code != gateway.CodeResponseTooLarge || len(got.body) > maxBytes {
				t.Errorf("got %d %.500s", got.status, got.body)
			}
		})
	}
}

// A request whose statements do not end is answered when its time is over, with what there is, and
// leaves nothing behind.
func TestTimeout(t *testing.T) {
	t.Parallel()
	const limit = 10 * time.Second // the other fields, and all of them afterwards, have come by then
	c := seeded(t)
	s := serve(t, c, func(c *gateway.Config, _ *http.Server) { c.Limits.Timeout = limit })
	lock, err := c.Store.Pools()[0].Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback(t.Context())
	if _, err := lock.Exec(t.Context(), "LOCK TABLE album IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	wire := post(nil, `{"query":"{genres(first:1){nodes{name}}artists(first:5){nodes{name albums(first:5){nodes{title}}}}}"}`)
	start := time.Now()
	got := s.send(t, wire)
	if took := time.Since(start); took < limit {
		t.Errorf("it took %v", took)
	}
	text := string(got.body)
	if got.status != http.StatusOK || !strings.Contains(text, `"code":"TIMEOUT"`) || !strings.Contains(text, `"genres":{"nodes":[{"name":`) || !strings.Contains(text, `"albums":null`) {
		t.Errorf("got %d %.500s", got.status, got.body)
	}
	if len(got.body) > maxBytes || strings.Contains(text, "album IN") {
		t.Errorf("got %.5000s", got.body)
	}
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.send(t, wire); got.status != http.StatusOK || strings.Contains(string(got.body), "errors") {
		t.Errorf("afterwards: %d %.500s", got.status, got.body)
	}
}
