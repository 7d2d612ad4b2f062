package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"backline/telemetry"
)

const artists = `{ artists(first: 1) { nodes { name albums(first: 1) { nodes { title } } } } }`

// The whole thing: started on nothing, asked on every route, stopped, started again.
func TestServer(t *testing.T) {
	t.Parallel()
	args := settings(t, "--embedded-shards=2")
	r := start(t, args)
	var first string
	t.Run("GraphQL", func(t *testing.T) {
		status, body := r.query(artists)
		if status != 200 || !strings.Contains(body, `"title":`) || strings.Contains(body, "errors") {
			t.Errorf("got %d %s", status, body)
		}
		first = body
	})
	t.Run("trace", func(t *testing.T) {
		_, body := r.query(strings.ReplaceAll(artists, "first: 1", "first: 2"), "Backline-Trace: 1") // more than is kept
		for _, want := range []string{`"waves":2`, `"loader":"AlbumsByArtistID"`, `"shard":"1"`} {
			if !strings.Contains(body, want) {
				t.Errorf("no %s in %s", want, body)
			}
		}
	})
	t.Run("routes", func(t *testing.T) {
		for url, want := range map[string]string{
			r.url + "/":                               "<!doctype html>",
			r.url + "/health/live":                    `{"status":"UP"}`,
			r.url + "/health/ready":                   `{"status":"UP"}`,
			r.url + "/health/ready?verbose":           `{"status":"UP","details":{"cache":{"mode":"fields",`,
			r.adminURL + "/metrics":                   `backline_pool_connections_max{role="primary",shard="1"} 16`,
			r.adminURL + "/debug/pprof/":              "goroutine",
			r.url + "/graphql?query=%7B__typename%7D": `{"data":{"__typename":"Query"}}`,
		} {
			if status, body := r.get(url); status != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: got %d %.200s", url, status, body)
			}
		}
		for _, path := range []string{"/metrics", "/debug/pprof/"} {
			if status, _ := r.get(r.url + path); status != 404 {
				t.Errorf("%s on the public listener: got %d", path, status)
			}
		}
	})
	t.Run("metrics count", func(t *testing.T) {
		_, body := r.get(r.adminURL + "/metrics")
		for _, want := range []string{
			`backline_batch_keys_count{loader="AlbumsByArtistID"} 2`,
			`backline_statement_duration_seconds_count{outcome="ok",shard="0"}`,
			`backline_operation_duration_seconds_count{name="anonymous",outcome="ok",type="query"}`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("no %s", want)
			}
		}
	})
	t.Run("bad input", func(t *testing.T) {
		if status, body := r.query(`{ node(id: "art_1") { id } }`); status != 200 || !strings.Contains(body, `"code":"BAD_USER_INPUT"`) {
			t.Errorf("got %d %s", status, body)
		}
	})
	t.Run("second server on the same data", func(t *testing.T) {
		c, err := parse(args, nil, "", io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), c, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "in use by") {
			t.Errorf("got %v", err)
		}
	})
	if err := r.wait(); err != nil {
		t.Fatal(err)
	}
	for _, executor := range []string{"breadth", "reference"} {
		t.Run("again, "+executor, func(t *testing.T) {
			again := start(t, append(args, "--executor="+executor))
			if line := again.log.await(t, "serving", nil); line["data"] != "as before" {
				t.Errorf("got %v", line)
			}
			if _, body := again.query(artists); body != first {
				t.Errorf("got %s, before %s", body, first)
			}
		})
	}
}

// openRequest sends all but the last byte of a query on a connection of its own, and returns how to
// send that and read the answer.
func openRequest(t *testing.T, url string) (finish func() (*http.Response, error)) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	const body = `{"query":"{ __typename }"}`
	request := fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	// The server says that it wants the body, so it is inside the handler.
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q, %v", line, err)
	}
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return func() (*http.Response, error) {
		if _, err := io.WriteString(conn, body); err != nil {
			return nil, err
		}
		return http.ReadResponse(in, nil)
	}
}

// A request that is running when the server is told to stop gets its answer.
func TestDrain(t *testing.T) {
	t.Parallel()
	r := start(t, settings(t, "--seed=none"))
	finish := openRequest(t, r.url)
	r.stop()
	r.log.await(t, "draining", nil)
	awaitRefusal(t, r.url)
	resp, err := finish()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 || string(body) != `{"data":{"__typename":"Query"}}` {
		t.Errorf("got %d %s, %v", resp.StatusCode, body, err)
	}
	if err := r.wait(); err != nil {
		t.Error(err)
	}
}

// awaitRefusal waits until nobody listens any more.
func awaitRefusal(t *testing.T, url string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if err == nil {
			conn.Close()
		}
		if time.Now().After(deadline) {
			t.Fatal("the listener stays open")
		}
	}
}

// A request that does not end is cut off after the drain timeout.
func TestDrainTimeout(t *testing.T) {
	t.Parallel()
	r := start(t, settings(t, "--seed=none", "--drain-timeout=50ms"))
	finish := openRequest(t, r.url)
	r.stop()
	r.log.await(t, "requests did not end in time and were cut off", nil)
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if resp, err := finish(); err == nil {
		resp.Body.Close()
		t.Errorf("got %s", resp.Status)
	}
}

func TestStopWhileStarting(t *testing.T) {
	t.Parallel()
	c, err := parse(settings(t), nil, "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, c, io.Discard, io.Discard); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Probes are answered while the server is being built.
func TestStarting(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.New(t.Context(), telemetry.Options{Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{
		config:    Config{Listening: Listening{Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0"}, Requests: Requests{DrainTimeout: time.Second}},
		telemetry: tel, log: tel.Log, failed: make(chan error, 2),
	}
	if err := s.listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := &running{t: t}
	for path, status := range map[string]int{"/health/live": 200, "/health/ready": 503, "/graphql": 503} {
		if got, body := r.get(urlOf(s.publicAddr) + path); got != status {
			t.Errorf("%s: got %d %s", path, got, body)
		}
	}
	if err := s.stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// Which address is taken, and by which flag to choose another; and nothing has been started.
func TestAddressTaken(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	for flag, name := range map[string]string{"addr": "BACKLINE_ADDR", "admin-addr": "BACKLINE_ADMIN_ADDR"} {
		dir := filepath.Join(t.TempDir(), "data")
		c, err := parse(append(settings(t), "--"+flag+"="+taken, "--data-dir="+dir), nil, "", io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		err = run(t.Context(), c, io.Discard, io.Discard)
		for _, want := range []string{taken + " is taken by another program", "--" + flag + " (" + name + ")"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Error("databases were started")
		}
	}
	for address, want := range map[string]string{
		"192.0.2.1:0":            "192.0.2.1:0 is no address of this machine",
		"no.such.host.invalid:0": "listen on no.such.host.invalid:0, as --addr (BACKLINE_ADDR) says",
	} {
		if l, err := listenOn(t.Context(), "addr", address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, %v, want %s", l, err, want)
		}
	}
}

func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	c, err := parse(settings(t, "--postgres-urls=postgres://u:s3cret@127.0.0.1:1/x"), nil, "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	err = run(t.Context(), c, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "shard 0") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

// Under `go run` the process ends when that is killed. A shell stands in for it.
func TestOrphaned(t *testing.T) {
	t.Parallel()
	if !strings.Contains(os.Args[0], "/go-build") {
		t.Skip("SKIPPED: only a binary that the go command built and runs looks after its parent")
	}
	p := exec.CommandContext(t.Context(), "sh", append([]string{"-c", `"$0" "$@" & wait`, os.Args[0]}, settings(t, "--seed=none")...)...)
	p.Env = append(os.Environ(), asServer+"=1")
	log := newLogLines()
	p.Stderr = log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	log.await(t, "serving", nil)
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	log.await(t, "stopped", nil)
	if err := p.Wait(); err == nil {
		t.Error("the shell was not killed")
	}
}

// The process: the first signal drains, the second ends it at once.
func TestSignals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		signals []os.Signal
		killed  bool
	}{
		"interrupt": {[]os.Signal{os.Interrupt}, false},
		"terminate": {[]os.Signal{syscall.SIGTERM}, false},
		"twice":     {[]os.Signal{syscall.SIGTERM, syscall.SIGTERM}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := exec.CommandContext(t.Context(), os.Args[0], settings(t, "--seed=none")...)
			p.Env = append(os.Environ(), asServer+"=1")
			log := newLogLines()
			p.Stderr = log
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			url, _ := log.await(t, "serving", nil)["url"].(string)
			if c.killed { // something to wait for
				openRequest(t, url)
			}
			for i, s := range c.signals {
				if i > 0 {
					log.await(t, "draining", nil)
				}
				if err := p.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
			}
			err := p.Wait()
			status, ok := p.ProcessState.Sys().(syscall.WaitStatus)
			if !ok || status.Signaled() != c.killed || !c.killed && err != nil {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func TestBanner(t *testing.T) {
	t.Parallel()
	got := places{"http://127.0.0.1:8080", "http://127.0.0.1:8081", 4, "/home/me/.backline", "demo at scale 1", "fields, of 36 kinds; changes are heard of 4 of 4 shards"}.banner()
	want := `
  Backline is serving.

  Playground  http://127.0.0.1:8080/
  GraphQL     http://127.0.0.1:8080/graphql
  Metrics     http://127.0.0.1:8081/metrics
  Data        4 shards in /home/me/.backline, demo at scale 1
  Cache       fields, of 36 kinds; changes are heard of 4 of 4 shards
  Stop        Ctrl-C

`
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestGreetingWithoutATerminal(t *testing.T) {
	t.Parallel()
	var out, log bytes.Buffer
	greet(&out, slog.New(slog.NewJSONHandler(&log, nil)), places{url: "http://127.0.0.1:1"})
	if out.Len() > 0 || !strings.Contains(log.String(), `"url":"http://127.0.0.1:1"`) {
		t.Errorf("got %s and %s", out.String(), log.String())
	}
}

func TestURLOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:80": "http://127.0.0.1:80", "0.0.0.0:80": "http://localhost:80", "[::]:80": "http://localhost:80", "[::1]:80": "http://[::1]:80",
	} {
		a, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if got := urlOf(a); got != want {
			t.Errorf("%s: got %s", address, got)
		}
	}
}
