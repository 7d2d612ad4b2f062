package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"backline/gateway"
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
	if took := time.Since(start); took < 100*time.Millisecond || took > 5*time.Second {
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

// With several times more than it can do, the server does what it can: those that it accepts are answered
// about as fast as their place in the queue allows, the others hear within 100 ms that they should come
// again.
func TestGoodputUnderOverload(t *testing.T) { //nolint:paralleltest // it measures times
	const (
		slots, queue = 4, 8
		work         = 50 * time.Millisecond // of a database, say
		capacity     = float64(slots) * float64(time.Second/work)
		offered      = 3 * capacity
		duration     = 3 * time.Second
	)
	b := setup(t, func(c *gateway.Config) { c.Load = gateway.Load{Concurrency: slots, Queue: queue} })
	b.resolver.Release = make(chan struct{})
	stop := make(chan struct{})
	var workers sync.WaitGroup
	for range slots { // each answers one operation after the other
		workers.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(work):
				}
				select {
				case <-stop:
					return
				case b.resolver.Release <- struct{}{}:
				}
			}
		})
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 1000}
	client := &http.Client{Transport: transport}
	defer transport.CloseIdleConnections()
	var mu sync.Mutex
	var accepted, refused []time.Duration
	ask := func() {
		start := time.Now()
		resp, err := client.Post(b.url+"/graphql", "application/json", bytes.NewReader([]byte(waitQuery)))
		if err != nil {
			t.Error(err)
			return
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		took := time.Since(start)
		mu.Lock()
		defer mu.Unlock()
		if resp.StatusCode == 200 {
			accepted = append(accepted, took)
		} else {
			refused = append(refused, took)
		}
	}
	var wg sync.WaitGroup
	start := time.Now()
	for sent := 0; time.Since(start) < duration; <-time.After(time.Millisecond) { // whatever comes back
		for due := int(offered * time.Since(start).Seconds()); sent < due; sent++ {
			wg.Go(ask)
		}
	}
	wg.Wait()
	took := time.Since(start)
	close(stop)
	workers.Wait()
	goodput := float64(len(accepted)) / took.Seconds()
	p99 := func(list []time.Duration) time.Duration {
		slices.Sort(list)
		return list[len(list)*99/100]
	}
	if len(refused) == 0 {
		t.Fatal("nothing was refused")
	}
	t.Logf("capacity %.0f/s, offered %.0f/s, goodput %.0f/s, p99 of the accepted %v, of the refused %v",
		capacity, offered, goodput, p99(accepted), p99(refused))
	if goodput < 0.7*capacity {
		t.Errorf("goodput is %.0f of %.0f", goodput, capacity)
	}
	if got := p99(accepted); got > 500*time.Millisecond { // 100 ms and a round of 50, and what a busy machine adds
		t.Errorf("an answer takes %v", got)
	}
	if got := p99(refused); got > 300*time.Millisecond { // 100 ms, and the same
		t.Errorf("a refusal takes %v", got)
	}
}

func waitFor(t *testing.T, isTrue func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !isTrue(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited too long")
		}
	}
}
