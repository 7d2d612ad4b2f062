package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"backline/store/embedded"
)

// bed is a server that keeps what it reads in a Redis behind a proxy, and artists who are all called
// after the last change: "v3". So every answer tells how old it is.
type bed struct {
	*running
	redis   *redisServer
	proxy   *toxiproxy.Proxy
	db      *pgx.Conn
	ids     []string
	version int
	// floor is the version that the answers have reached: none may be older until it is taken back.
	floor int
	took  []time.Duration // by read
}

// makeBed starts one. With down Redis is not started.
func makeBed(t *testing.T, down bool, redisArgs ...string) *bed {
	t.Helper()
	shards, err := embedded.Start(t.Context(), embedded.Options{Shards: 1, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shards.Stop(context.Background()) })
	b := &bed{redis: newRedisServer(t, redisArgs...)}
	if !down {
		b.redis.startAnywhere(t)
	}
	proxies := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	b.proxy = toxiproxy.NewProxy(proxies, "redis", "127.0.0.1:0", b.redis.addr)
	if err := b.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.proxy.Stop)
	if b.db, err = pgx.Connect(t.Context(), shards.PostgresURLs()[0]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.db.Close(context.Background()) })
	b.running = start(t, settings(t, "--cache=entities", "--postgres-urls="+shards.PostgresURLs()[0],
		"--redis-url=redis://"+b.proxy.Listen, "--seed=demo", "--seed-scale=0.2", "--request-timeout=1m"))
	_, body := b.query(`{ artists(first: 100) { nodes { id } } }`)
	for _, m := range regexp.MustCompile(`"(art_\w+)"`).FindAllStringSubmatch(body, -1) {
		b.ids = append(b.ids, m[1])
	}
	if len(b.ids) < 20 {
		t.Fatalf("there are too few artists: %s", body)
	}
	b.write()
	return b
}

// write changes all artists, as somebody at psql would.
func (b *bed) write() {
	b.t.Helper()
	b.version++
	if _, err := b.db.Exec(b.t.Context(), "UPDATE artist SET name = 'v' || $1", strconv.Itoa(b.version)); err != nil {
		b.t.Fatal(err)
	}
}

// read asks for some artists, one row each, and gives the oldest version among them. It is an error if
// there is any error, or what never was, or what is older than what was already seen.
func (b *bed) read() int {
	b.t.Helper()
	var query strings.Builder
	query.WriteString("{")
	for i, id := range b.ids[:8] {
		fmt.Fprintf(&query, " a%d: artist(id: %q) { name }", i, id)
	}
	query.WriteString(" }")
	began := time.Now()
	status, body := b.query(query.String())
	b.took = append(b.took, time.Since(began))
	var answer struct {
		Data   map[string]struct{ Name string }
		Errors []any
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 || answer.Errors != nil || len(answer.Data) != 8 {
		b.t.Fatalf("the answer is %d %s", status, body)
	}
	oldest := b.version
	for _, a := range answer.Data {
		n, err := strconv.Atoi(strings.TrimPrefix(a.Name, "v"))
		if err != nil && b.floor > 0 || n > b.version {
			b.t.Fatalf("nobody was ever called so: %s", body)
		}
		oldest = min(oldest, n)
	}
	if oldest < b.floor {
		b.t.Fatalf("version %d is served after %d: %s", oldest, b.floor, body)
	}
	return oldest
}

// writeHeard writes, and waits until the change feed has invalidated what was there. Before that a read
// that found nothing kept may have the new version and the next one the old, which is as late as the feed.
func (b *bed) writeHeard() {
	b.t.Helper()
	b.write()
	var written string
	if err := b.db.QueryRow(b.t.Context(), "SELECT pg_current_wal_insert_lsn()::text").Scan(&written); err != nil {
		b.t.Fatal(err)
	}
	b.until("the change is heard", func() (heard bool) {
		const confirmed = "SELECT coalesce(bool_and(confirmed_flush_lsn >= $1::pg_lsn), false) FROM pg_replication_slots"
		if err := b.db.QueryRow(b.t.Context(), confirmed, written).Scan(&heard); err != nil {
			b.t.Fatal(err)
		}
		return heard
	})
}

// settle reads until all answers are of the last version.
func (b *bed) settle() {
	b.t.Helper()
	b.until("the last version is served", func() bool { return b.read() == b.version })
	b.floor = b.version
}

func (b *bed) until(what string, ok func() bool) {
	b.t.Helper()
	until(b.t, what, ok)
}

// until waits for something.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// metric is the sum of all series whose names and labels begin so, 0 if there are none.
func (b *bed) metric(prefix string) float64 {
	b.t.Helper()
	_, body := b.get(b.adminURL + "/metrics")
	sum := 0.
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 64)
		if err != nil {
			b.t.Fatal(err)
		}
		sum += n
	}
	return sum
}

// kept reads until no statement is needed for it.
func (b *bed) kept() {
	b.t.Helper()
	query := fmt.Sprintf("{ artist(id: %q) { name } }", b.ids[0])
	b.until("what is read is kept", func() bool {
		_, body := b.query(query, "Backline-Trace: 1")
		if !strings.Contains(body, `"v`+strconv.Itoa(b.version)+`"`) {
			b.t.Fatalf("not the last version: %s", body)
		}
		return strings.Contains(body, `"statements":0`)
	})
}

// times are how long the reads since the last call took.
func (b *bed) times() string {
	all := b.took
	b.took = nil
	slices.Sort(all)
	n := len(all)
	return fmt.Sprintf("%d answers: p50 %v, p99 %v, slowest %v", n, all[n/2], all[n*99/100], all[n-1])
}

// works waits until the cache does all that it should.
func (b *bed) works() {
	b.t.Helper()
	b.until("the cache is whole", func() bool {
		_, body := b.get(b.url + "/health/ready?verbose")
		return strings.Contains(body, `"redis":"UP","local":true,"limited":false`)
	})
}

// toxic puts a fault between server and Redis.
func (b *bed) toxic(text string) {
	b.t.Helper()
	if _, err := b.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
		b.t.Fatal(err)
	}
}

// redisServer is a Redis on a port that it keeps when it dies.
type redisServer struct {
	addr  string
	args  []string
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended
}

func newRedisServer(t *testing.T, args ...string) *redisServer {
	t.Helper()
	s := &redisServer{args: args}
	s.pickPort(t)
	t.Cleanup(s.kill)
	return s
}

func (s *redisServer) pickPort(t *testing.T) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	l.Close()
}

// startAnywhere starts it on another port if somebody has taken the first in between.
func (s *redisServer) startAnywhere(t *testing.T) {
	t.Helper()
	for range 8 {
		if s.starts(t) {
			return
		}
		s.pickPort(t)
	}
	t.Fatal("Redis does not start")
}

// start starts it again. Somebody else's connection may have its port for a moment.
func (s *redisServer) start(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); !s.starts(t); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("Redis does not get its port back")
		}
	}
}

func (s *redisServer) starts(t *testing.T) bool {
	t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	s.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), "redis-server",
		append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}, s.args...)...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) { _ = cmd.Wait(); close(ended) }(s.cmd, s.ended)
	c, own := s.client(t), fmt.Sprintf("process_id:%d\r", s.cmd.Process.Pid)
	for deadline := time.Now().Add(patience); !strings.Contains(c.Info(t.Context(), "server").Val(), own); time.Sleep(5 * time.Millisecond) {
		select {
		case <-s.ended:
			return false
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("Redis does not answer")
		}
	}
	return true
}

func (s *redisServer) client(t *testing.T) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: s.addr, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience})
	t.Cleanup(func() { c.Close() })
	return c
}

func (s *redisServer) signal(sig syscall.Signal) { _ = s.cmd.Process.Signal(sig) }

// kill ends it, if it runs.
func (s *redisServer) kill() {
	if s.cmd != nil && s.cmd.Process != nil {
		s.signal(syscall.SIGKILL)
		<-s.ended
		s.cmd = nil
	}
}

// proxyOf is the proxy with another server behind it, as Update wants it.
func proxyOf(b *bed, upstream string) *toxiproxy.Proxy {
	return &toxiproxy.Proxy{Name: b.proxy.Name, Listen: b.proxy.Listen, Upstream: upstream, Enabled: true}
}
