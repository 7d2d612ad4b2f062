package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"backline/gateway"
	"backline/gateway/gatewaytest"
	"backline/telemetry"
)

func TestSchemaIsRequired(t *testing.T) {
	t.Parallel()
	if _, err := gateway.New(gateway.Config{}); err == nil {
		t.Error("no error without a schema")
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	n := 0
	b := setup(t, func(c *gateway.Config) {
		c.NewRequestID = func() string { n++; return "new-" + strconv.Itoa(n) }
	})
	long := strings.Repeat("a", 128)
	for _, c := range []struct{ sent, want string }{
		{"0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c"},
		{"A-b_c.9", "A-b_c.9"},
		{long, long},
		{"", "new-1"},
		{long + "a", "new-2"},
		{`a"b`, "new-3"},
		{"a b", "new-4"},
		{"é", "new-5"},
	} {
		if got := b.send("GET", "/health/live", "", "X-Request-Id: "+c.sent).header.Get("X-Request-Id"); got != c.want {
			t.Errorf("%q became %q, want %q", c.sent, got, c.want)
		}
	}
}

func TestGeneratedRequestIDs(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	seen := map[string]bool{}
	for range 20 {
		id := b.send("GET", "/health/live", "").header.Get("X-Request-Id")
		if len(id) != 26 || seen[id] {
			t.Errorf("the id %q is short or came before", id)
		}
		seen[id] = true
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var failure error
	whole := true
	b := setup(t, func(c *gateway.Config) {
		c.Ready = func(context.Context) error { return failure }
		c.Details = func() (map[string]any, bool) { return map[string]any{"part": "there"}, whole }
	})
	check := func(path string, status int, body string) {
		t.Helper()
		if got := b.send("GET", path, ""); got.status != status || got.body != body {
			t.Errorf("%s: got %d %s, want %d %s", path, got.status, got.body, status, body)
		}
	}
	check("/health/live", 200, `{"status":"UP"}`)
	check("/health/ready", 200, `{"status":"UP"}`)
	check("/health/ready?verbose", 200, `{"status":"UP","details":{"part":"there"}}`)
	whole = false
	check("/health/ready", 200, `{"status":"UP","details":{"part":"there"}}`)
	whole = true
	failure = errors.Join(
		gatewaytest.ErrDatabase,
		&gatewaytest.ClientError{Text: "shard 2 does not answer", Inner: gatewaytest.ErrDatabase},
		gatewaytest.ErrDatabase,
	)
	for range 2 {
		check("/health/ready", 503, `{"status":"DOWN","reasons":["a dependency does not answer","shard 2 does not answer"]}`)
	}
	check("/health/live", 200, `{"status":"UP"}`)
	failure = nil
	check("/health/ready", 200, `{"status":"UP"}`)
	b.gateway.Drain()
	check("/health/ready", 503, `{"status":"DOWN","reasons":["draining"]}`)
	check("/health/live", 200, `{"status":"UP"}`)
	if got := b.post("{ hello }"); got.status != 200 {
		t.Errorf("a request while draining got %d %s", got.status, got.body)
	}
	if log := b.log.String(); strings.Count(log, `"not ready"`) != 1 || strings.Count(log, "ready again") != 1 {
		t.Errorf("each change is logged once, got %q", log)
	}
}

// Probes that come together share one check.
func TestReadyIsNotAnAmplifier(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		checks, release := 0, make(chan struct{})
		g, err := gateway.New(gateway.Config{
			Schema: gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: &gatewaytest.Resolver{}}),
			Ready: func(context.Context) error {
				checks++
				<-release
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		var probes sync.WaitGroup
		for range 10 {
			probes.Go(func() {
				w := httptest.NewRecorder()
				g.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/health/ready", nil))
				if w.Code != 200 {
					t.Errorf("got %d", w.Code)
				}
			})
		}
		synctest.Wait() // all of them wait for a check
		close(release)
		probes.Wait()
		if checks != 1 {
			t.Errorf("%d checks ran", checks)
		}
	})
}

func TestStarting(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	starting := gateway.Starting()
	for path, status := range map[string]int{"/health/live": 200, "/health/ready": 503, "/graphql": 503, "/": 503} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", b.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := &recorder{header: http.Header{}}
		starting.ServeHTTP(w, r)
		if w.status != status {
			t.Errorf("%s: got %d %s", path, w.status, w.body.String())
		}
	}
}

func TestPlayground(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) {
		c.Playground = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("page " + r.URL.Path)) })
	})
	for path, want := range map[string]string{"/": "page /", "/assets/a.js": "page /assets/a.js"} {
		if got := b.send("GET", path, ""); got.body != want {
			t.Errorf("%s: got %q", path, got.body)
		}
	}
	if got := setup(t, nil).send("GET", "/", ""); got.status != 404 {
		t.Errorf("without one: got %d", got.status)
	}
}

func TestHandlerPanic(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *gateway.Config) {
		c.Playground = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(gatewaytest.Secret) })
	})
	got := b.send("GET", "/", "", "X-Request-Id: r-9")
	if got.status != 500 || got.body != `{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL","correlationId":"r-9"}}]}` {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if log := b.log.String(); !strings.Contains(log, "vault") || !strings.Contains(log, "gateway_test.go") {
		t.Errorf("logged %q", log)
	}
}

type attachedKey struct{}

func TestTraceExtension(t *testing.T) {
	t.Parallel()
	adjust := func(development bool) func(*gateway.Config) {
		return func(c *gateway.Config) {
			c.Development = development
			c.Attach = func(ctx context.Context, trace bool) context.Context {
				if !trace {
					return ctx
				}
				return context.WithValue(ctx, attachedKey{}, "loaders of this response")
			}
			c.Trace = func(ctx context.Context) any {
				return map[string]any{"waves": 1, "from": ctx.Value(attachedKey{})}
			}
		}
	}
	dev, prod := setup(t, adjust(true)), setup(t, adjust(false))
	const plain = `{"data":{"hello":"hello world"}}`
	const traced = `{"data":{"hello":"hello world"},"extensions":{"backline":{"from":"loaders of this response","waves":1}}}`
	for _, c := range []struct {
		b            *bundle
		header, want string
	}{
		{dev, "Backline-Trace: 1", traced},
		{dev, "Backline-Trace: 0", plain},
		{dev, "Accept: */*", plain},
		{prod, "Backline-Trace: 1", plain},
	} {
		if got := c.b.post("{ hello }", c.header); got.body != c.want {
			t.Errorf("%s: got %s", c.header, got.body)
		}
	}
}

// watcher is an Observer that writes down what it was told.
type watcher struct {
	mu   sync.Mutex
	told []string
}

func (w *watcher) note(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, s)
}

func (w *watcher) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	told := w.told
	w.told = nil
	return told
}

func (w *watcher) Request(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.note("request"); next.ServeHTTP(rw, r) })
}

func (w *watcher) OperationStart(ctx context.Context, kind, name string) context.Context {
	w.note("start " + kind + " " + name)
	return ctx
}

func (w *watcher) OperationEnd(ctx context.Context, kind, name, outcome string, _ time.Duration) {
	w.note("end " + kind + " " + name + " " + outcome + " " + telemetry.RequestID(ctx))
}

func (w *watcher) Error(code string) { w.note("error " + code) }

func (w *watcher) Document(source string) { w.note(source) }

func TestObserver(t *testing.T) {
	t.Parallel()
	var w watcher
	b := setup(t, func(c *gateway.Config) { c.Observer = &w })
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"query Q { hello }", []string{"request", "text", "start query Q", "end query Q ok r"}},
		{"mutation { bump }", []string{"request", "text", "start mutation ", "end mutation  ok r"}},
		{"{ hello fail(how: DATABASE) }", []string{"request", "text", "start query ", "error INTERNAL", "end query  partial r"}},
		{"{ failHard(how: BAD_USER_INPUT) }", []string{"request", "text", "start query ", "error BAD_USER_INPUT", "end query  error r"}},
		{"{ nonsense }", []string{"request", "error GRAPHQL_VALIDATION_FAILED"}},
	} {
		b.post(c.query, "X-Request-Id: r")
		if told := w.take(); !slices.Equal(told, c.want) {
			t.Errorf("%s: told %q", c.query, told)
		}
	}
}

// A client that goes away ends the context of its resolvers.
func TestDisconnect(t *testing.T) {
	t.Parallel()
	ended := make(chan string, 1)
	var w endWatcher = func(outcome string) { ended <- outcome }
	b := setup(t, func(c *gateway.Config) { c.Observer = w })
	b.resolver.Waiting = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", b.url+"/graphql", strings.NewReader(`{"query":"{ wait }"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	var wg sync.WaitGroup
	wg.Go(func() {
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
			t.Error("there was an answer")
		}
	})
	<-b.resolver.Waiting
	cancel()
	if outcome := <-ended; outcome != gateway.OutcomePartial {
		t.Errorf("the operation ended %s", outcome)
	}
	wg.Wait()
	if log := b.log.String(); strings.Contains(log, "level=WARN") || strings.Contains(log, "level=ERROR") {
		t.Errorf("logged %q", log)
	}
}

// endWatcher hears only the outcome of operations.
type endWatcher func(outcome string)

func (endWatcher) Request(next http.Handler) http.Handler { return next }
func (endWatcher) OperationStart(ctx context.Context, _, _ string) context.Context {
	return ctx
}

func (w endWatcher) OperationEnd(_ context.Context, _, _, outcome string, _ time.Duration) {
	w(outcome)
}
func (endWatcher) Error(string)    {}
func (endWatcher) Document(string) {}

// recorder is the least http.ResponseWriter.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = 200
	}
	return r.body.Write(p)
}
