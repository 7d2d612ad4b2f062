package abuse

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"backline/gateway"
	"backline/gateway/persisted"
	"backline/graph/cost"
	"backline/loaders"
	"backline/resolvers"
	"backline/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// target is a server that listens.
type target struct {
	*storetest.Cluster
	addr string
}

// serve puts a gateway in front of an empty shard; adjust may change both of its parts before.
func serve(t *testing.T, c *storetest.Cluster, adjust func(*gateway.Config, *http.Server)) *target {
	t.Helper()
	options := &loaders.Options{Store: c.Store}
	schema := resolvers.Executable(&resolvers.Resolver{}, resolvers.Breadth)
	prices, err := cost.NewTable(schema.Schema())
	if err != nil {
		t.Fatal(err)
	}
	config := gateway.Config{
		Schema:   schema,
		Attach:   func(ctx context.Context, trace bool) context.Context { return loaders.Attach(ctx, options, trace) },
		Trace:    func(ctx context.Context) any { return loaders.TraceOf(ctx) },
		Compress: true,
		Identity: withIdentity(t),
		Price:    gateway.Price{Table: prices, Maximum: 1000},
		Limits:   gateway.Limits{Timeout: 2 * time.Minute}, // the machine may be busy
	}
	s := &http.Server{ // as the server binary has it
		ReadHeaderTimeout: 2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	if adjust != nil {
		adjust(&config, s)
	}
	g, err := gateway.New(config)
	if err != nil {
		t.Fatal(err)
	}
	s.Handler = g
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.Serve(l) })
	t.Cleanup(func() {
		s.Close()
		wg.Wait()
	})
	return &target{c, l.Addr().String()}
}

func development(c *gateway.Config, _ *http.Server) { c.Development = true }

// automatic keeps what clients send with its hash.
func automatic(c *gateway.Config, _ *http.Server) { c.Documents.Automatic = true }

// only runs the documents of a manifest alone.
func only(c *gateway.Config, _ *http.Server) {
	c.Documents.File, c.Documents.Mode = "testdata/documents.json", persisted.Only
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	cpu    time.Duration
}

// send writes bytes to a connection of their own and reads one answer.
func (s *target) send(t *testing.T, wire []byte) answer {
	t.Helper()
	before := processorTime(t)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { conn.Write(wire) })
	defer wg.Wait()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, body, processorTime(t) - before}
}

// processorTime is what this process has used so far.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestCases sends each case alone. Processor time is the least of several tries, because collections
// of garbage and other programs count in, and is held against what the machine needs just then.
func TestCases(t *testing.T) { //nolint:paralleltest // it measures the process
	c := storetest.NewCluster(t, 1)
	servers := map[string]*target{
		"production": serve(t, c, nil), "development": serve(t, c, development),
		"automatic": serve(t, c, automatic), "only": serve(t, c, only),
		"spent": serve(t, c, spent(t, 0, "127.0.0.1")), "spent behind a proxy": serve(t, c, spent(t, 1, "192.0.2.1", "2001:db8:1:2::1")),
	}
	cases := read(t)
	if len(cases) < 100 {
		t.Errorf("there are %d cases only", len(cases))
	}
	slower := slowness(t)
	for _, a := range cases { //nolint:paralleltest // as above
		t.Run(a.name, func(t *testing.T) {
			server := servers[a.server]
			if server == nil {
				t.Fatalf("there is no server %q", a.server)
			}
			c.Statements.Reset()
			got := server.send(t, a.wire)
			bound := a.cpu
			a.cpu = time.Duration(float64(bound) * slower)
			for tries := 0; got.cpu > a.cpu && tries < 50; tries++ {
				slower = slowness(t)
				a.cpu = time.Duration(float64(bound) * slower)
				runtime.GC()
				got = server.send(t, a.wire)
			}
			t.Logf("bounds of processor time are %.1f times that of the case", slower)
			judge(t, a, got, c.Statements.Total())
		})
	}
}

// slowness is how many times slower this process is than one that can keep the bounds of the cases,
// and at least 1: the machine is, or the race detector watches. It is measured with a document to parse.
func slowness(t *testing.T) float64 {
	t.Helper()
	const usual = 3 * time.Millisecond
	least := time.Hour
	for range 20 {
		before := processorTime(t)
		if _, err := parser.ParseQuery(&ast.Source{Input: "{" + strings.Repeat("x ", 7000) + "}"}); err != nil {
			t.Fatal(err)
		}
		least = min(least, processorTime(t)-before)
	}
	return max(1, float64(least)/float64(usual))
}

// judge compares an answer with what the case says.
func judge(t *testing.T, a attack, got answer, statements int) {
	t.Helper()
	t.Logf("%d %s, %d bytes, %v of processor time", got.status, a.code, len(got.body), got.cpu)
	if got.status != a.status {
		t.Errorf("status %d, want %d: %.500s", got.status, a.status, got.body)
	}
	if got.cpu > a.cpu {
		t.Errorf("%v of processor time, at most %v", got.cpu, a.cpu)
	}
	if len(got.body) > a.bytes {
		t.Errorf("%d bytes, at most %d", len(got.body), a.bytes)
	}
	if bytes.Contains(got.body, []byte(secret)) || strings.Contains(strings.Join(got.header.Values("X-Request-Id"), ""), secret) {
		t.Errorf("what was sent comes back: %.500s", got.body)
	}
	if !bytes.Contains(got.body, []byte(a.text)) {
		t.Errorf("no %q in %.500s", a.text, got.body)
	}
	if a.code == "-" { // net/http refused it before the gateway
		return
	}
	var body struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(got.body, &body); err != nil {
		t.Fatalf("the answer is not JSON: %v: %.500s", err, got.body)
	}
	if a.code == "data" {
		if len(body.Errors) > 0 || body.Data == nil {
			t.Errorf("refused: %.500s", got.body)
		}
		return
	}
	if len(body.Errors) == 0 || len(body.Errors) > 5 || body.Errors[0].Extensions.Code != a.code {
		t.Errorf("want one to five errors, and %s: %.500s", a.code, got.body)
	}
	if body.Data != nil || statements > 0 {
		t.Errorf("%d statements were run: %.500s", statements, got.body)
	}
	if a.server == "production" && bytes.Contains(got.body, []byte("Did you mean")) {
		t.Errorf("it tells the schema: %.500s", got.body)
	}
}
