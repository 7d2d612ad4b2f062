package gateway_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"backline/gateway"
	"backline/gateway/gatewaytest"
)

const waitQuery = `{"query":"{ wait }"}`

// As many operations run as there are slots, some more wait in order, and the others hear at once that
// there is too much to do. Health is always answered.
func TestOverload(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) {
		c.Load = gateway.Load{Concurrency: 2, Queue: 2, Wait: time.Minute}
	})
	b.resolver.Waiting, b.resolver.Release = make(chan struct{}, 9), make(chan struct{})
	var wg sync.WaitGroup
	answers := make(chan answer, 4)
	ask := func() {
		wg.Go(func() { answers <- b.send("POST", "/graphql", waitQuery, "Content-Type: application/json") })
	}
	ask()
	ask()
	<-b.resolver.Waiting
	<-b.resolver.Waiting
	ask()
	ask()
	waitFor(t, func() bool { return b.gateway.Load().Waiting == 2 })
	got := b.post("{ hello }")
	if got.status != 503 || got.code(t) != "OVERLOADED" || got.header.Get("Retry-After") != "1" || len(got.body) > 4096 {
		t.Errorf("got %d %v %s", got.status, got.header, got.body)
	}
	for _, path := range []string{"/health/live", "/health/ready"} {
		if got := b.send("GET", path, ""); got.status != 200 {
			t.Errorf("%s: got %d", path, got.status)
		}
	}
	for range 4 {
		b.resolver.Release <- struct{}{}
	}
	wg.Wait()
	for range 4 {
		if a := <-answers; a.status != 200 || !strings.Contains(a.body, `"data"`) {
			t.Errorf("got %d %s", a.status, a.body)
		}
	}
	if l := b.gateway.Load(); l.Running != 0 || l.Waiting != 0 {
		t.Errorf("afterwards %+v", l)
	}
	if got := b.post("{ hello }"); got.status != 200 {
		t.Errorf("afterwards %d", got.status)
	}
}

// Whoever waits too long hears so; whoever hangs up leaves the queue.
func TestOverloadQueueTime(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Load = gateway.Load{Concurrency: 1, Queue: 1} })
	b.resolver.Waiting, b.resolver.Release = make(chan struct{}, 9), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { b.send("POST", "/graphql", waitQuery, "Content-Type: application/json") })
	<-b.resolver.Waiting
	start := time.Now()
	if got := b.post("{ hello }"); got.status != 503 || got.code(t) != "OVERLOADED" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if took := time.Since(start); took < 80*time.Millisecond { // how much more is for the simulated clock below to say
		t.Errorf("after %v", took)
	}
	b.resolver.Release <- struct{}{}
	wg.Wait()
}

// A panic, a body that does not come and one that is wrong keep no slot.
func TestSlotsAreLeft(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) { c.Load = gateway.Load{Concurrency: 1} })
	slow, fill := io.Pipe()
	defer fill.Close()
	go func() { // headers, and then nothing
		r, err := http.NewRequestWithContext(t.Context(), "POST", b.url+"/graphql", slow)
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		if resp, err := client.Do(r); err == nil {
			resp.Body.Close()
		}
	}()
	if _, err := fill.Write([]byte(`{"query":`)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		for _, query := range []string{`{ fail(how: PANIC) }`, `{ failHard(how: NIL) }`, `{`, `{ nothing }`, `{ hello }`} {
			if got := b.post(query); got.status == 503 {
				t.Errorf("%s: got %s", query, got.body)
			}
		}
	}
}

// With three times as much to do as it can, the server does what it can: those that it accepts are
// answered as fast as their place in the queue allows, the others hear within 100 ms that they should come
// again. Time is simulated, so the figures are those of the rule alone.
func TestGoodputUnderOverload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const (
			slots, queue = 4, 16
			work         = 20 * time.Millisecond // of a database, say
			capacity     = float64(slots) * float64(time.Second/work)
			every        = time.Second / 600
			duration     = 10 * time.Second
		)
		resolver := &gatewaytest.Resolver{Release: make(chan struct{})}
		g, err := gateway.New(gateway.Config{
			Schema: gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: resolver}),
			Load:   gateway.Load{Concurrency: slots, Queue: queue},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var workers sync.WaitGroup
		for range slots { // each answers one operation after the other
			workers.Go(func() {
				for {
					time.Sleep(work)
					select {
					case resolver.Release <- struct{}{}:
					case <-ctx.Done():
						return
					}
				}
			})
		}
		var mu sync.Mutex
		took := map[int][]time.Duration{}
		var wg sync.WaitGroup
		start := time.Now()
		for time.Since(start) < duration {
			wg.Go(func() {
				r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", strings.NewReader(waitQuery))
				r.Header.Set("Content-Type", "application/json")
				w, begin := httptest.NewRecorder(), time.Now()
				g.ServeHTTP(w, r)
				mu.Lock()
				defer mu.Unlock()
				took[w.Code] = append(took[w.Code], time.Since(begin))
			})
			time.Sleep(every)
		}
		wg.Wait()
		seconds := time.Since(start).Seconds()
		stop()
		workers.Wait()
		p99 := func(status int) time.Duration {
			list := took[status]
			if len(list) == 0 {
				t.Fatalf("nothing was answered with %d", status)
			}
			slices.Sort(list)
			return list[len(list)*99/100]
		}
		goodput := float64(len(took[200])) / seconds
		t.Logf("capacity %.0f/s, offered %.0f/s, goodput %.0f/s, p99 of the accepted %v, of the refused %v",
			capacity, float64(time.Second/every), goodput, p99(200), p99(503))
		if goodput < 0.95*capacity {
			t.Errorf("goodput is %.0f of %.0f", goodput, capacity)
		}
		if got := p99(200); got > 120*time.Millisecond { // 80 in the queue, and twice 20 until somebody takes it up and has done it
			t.Errorf("an answer takes %v", got)
		}
		if got := p99(503); got > 90*time.Millisecond { // the rest is for the way
			t.Errorf("a refusal takes %v", got)
		}
	})
}

func waitFor(t *testing.T, isTrue func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !isTrue(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited too long")
		}
	}
}
