package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"backline/gateway"
	"backline/gateway/gatewaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bundle is a gateway behind a real listener.
type bundle struct {
	t        *testing.T
	url      string
	gateway  *gateway.Gateway
	resolver *gatewaytest.Resolver
	log      *logText
}

// setup serves the test schema; adjust may change the configuration before that.
func setup(t *testing.T, adjust func(*gateway.Config)) *bundle {
	t.Helper()
	b := &bundle{t: t, resolver: &gatewaytest.Resolver{}, log: &logText{}}
	config := gateway.Config{
		Schema: gatewaytest.NewExecutableSchema(gatewaytest.Config{Resolvers: b.resolver}),
		Log:    slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Limits: gateway.Limits{Timeout: 3 * time.Minute},
	}
	if adjust != nil {
		adjust(&config)
	}
	var err error
	if b.gateway, err = gateway.New(config); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b.gateway)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends a request whose headers are lines such as "Accept: text/html".
func (b *bundle) send(method, path, body string, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return b.do(r)
}

func (b *bundle) do(r *http.Request) answer {
	b.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	resp, err := client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

// post sends a query as most clients do.
func (b *bundle) post(query string, headers ...string) answer {
	b.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.send("POST", "/graphql", string(body), append(headers, "Content-Type: application/json")...)
}

// code is the code of the first error of an answer.
func (a answer) code(t *testing.T) string {
	t.Helper()
	var body struct {
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("the answer is not JSON: %v: %s", err, a.body)
	}
	if len(body.Errors) == 0 {
		t.Fatalf("no error in %s", a.body)
	}
	return body.Errors[0].Extensions.Code
}

// logText collects what was logged.
type logText struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
