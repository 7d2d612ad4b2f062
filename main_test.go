package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
	"go.uber.org/goleak"
)

// asServer makes the test binary the server, so that tests can send it signals.
const asServer = testPrefix + "AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
		return
	}
	for _, v := range os.Environ() { // of whoever runs this
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "OTEL_") || strings.HasPrefix(name, "BACKLINE_") && !strings.HasPrefix(name, testPrefix) && name != "BACKLINE_POSTGRES_BIN" {
			os.Unsetenv(name)
		}
	}
	logging.Disable() // as main does
	goleak.VerifyTestMain(m)
}

// patience bounds every wait in these tests.
const patience = 3 * time.Minute

// running is a server in this process.
type running struct {
	t             *testing.T
	url, adminURL string
	log           *logLines
	stop          context.CancelFunc
	ended         chan error
	once          sync.Once
	err           error
}

// settings are the arguments of a small server with a directory of its own.
func settings(t *testing.T, more ...string) []string {
	t.Helper()
	return append([]string{
		"--addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0", "--data-dir=" + t.TempDir(),
		"--embedded-shards=1", "--seed-scale=0.02", "--log=json", "--log-level=debug",
		"--request-timeout=1m", "--drain-timeout=1m", // the machine may be busy
	}, more...)
}

// start runs a server and waits until it serves; the test stops it at its end, if not before.
func start(t *testing.T, args []string) *running {
	t.Helper()
	c, err := parse(args, nil, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	r := &running{t: t, log: newLogLines(), stop: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- run(ctx, c, io.Discard, r.log) }()
	t.Cleanup(func() {
		if err := r.wait(); err != nil {
			t.Errorf("the server ended: %v", err)
		}
	})
	line := r.log.await(t, "serving", r.ended)
	r.url, _ = line["url"].(string)
	metrics, _ := line["metrics"].(string)
	r.adminURL = strings.TrimSuffix(metrics, "/metrics")
	return r
}

// wait stops the server and returns what run returned.
func (r *running) wait() error {
	r.stop()
	r.once.Do(func() {
		select {
		case r.err = <-r.ended:
		case <-time.After(patience):
			r.err = errors.New("the server does not end")
		}
	})
	return r.err
}

// get returns status and body.
func (r *running) get(url string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), "GET", url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("GraphQL-Require-Preflight", "1") // for queries
	return do(r.t, req)
}

// query posts an operation.
func (r *running) query(query string, headers ...string) (int, string) {
	r.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.request(string(body), headers...)
}

// request posts a body.
func (r *running) request(body string, headers ...string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", r.url+"/graphql", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return do(r.t, req)
}

func do(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// logLines is a JSON log that can be waited for.
type logLines struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	lines []map[string]any
	more  chan struct{} // closed and replaced with every write
}

func newLogLines() *logLines { return &logLines{more: make(chan struct{})} }

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Write(p)
	for {
		line, err := l.buf.ReadBytes('\n')
		if err != nil {
			l.buf.Write(line)
			break
		}
		var fields map[string]any
		if json.Unmarshal(line, &fields) != nil {
			fields = map[string]any{"msg": string(line)}
		}
		l.lines = append(l.lines, fields)
	}
	close(l.more)
	l.more = make(chan struct{})
	return len(p), nil
}

// await waits for a message, or for the end of the server.
func (l *logLines) await(t *testing.T, message string, ended <-chan error) map[string]any {
	t.Helper()
	timeout := time.After(patience)
	for {
		l.mu.Lock()
		more, lines := l.more, l.lines
		l.mu.Unlock()
		for _, line := range lines {
			if line["msg"] == message {
				return line
			}
		}
		select {
		case <-more:
		case err := <-ended:
			t.Fatalf("ended before %q: %v: %v", message, err, lines)
		case <-timeout:
			t.Fatalf("no %q in %v", message, lines)
		}
	}
}
