package throttle

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	logging.Disable() // of what is lost on purpose
	goleak.VerifyTestMain(m)
}

// server is a real Redis that can be stopped, paused and started again.
type server struct {
	t       *testing.T
	addr    string
	args    []string
	process *exec.Cmd
}

func startRedis(t *testing.T, args ...string) *server {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, addr: l.Addr().String()}
	l.Close()
	s.args = append([]string{
		"--bind", "127.0.0.1", "--port", strconv.Itoa(l.Addr().(*net.TCPAddr).Port),
		"--save", "", "--appendonly", "no", "--dir", t.TempDir(),
	}, args...)
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *server) start() {
	s.t.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("BACKLINE_TEST_REQUIRE_POSTGRES") != "" {
			s.t.Fatal(err)
		}
		s.t.Skip("there is no redis-server")
	}
	s.process = exec.Command(bin, s.args...)
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: s.addr, MaxRetries: -1, DialerRetries: 1})
	defer client.Close()
	await(s.t, "Redis to answer", func() bool { return client.Ping(s.t.Context()).Err() == nil })
}

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) kill() {
	s.process.Process.Kill()
	s.process.Wait()
}

// counted is a client that counts its commands.
type counted struct {
	redis.UniversalClient
	calls atomic.Int64
}

func (s *server) client() *counted {
	s.t.Helper()
	c := &counted{UniversalClient: redis.NewClient(&redis.Options{
		Addr: s.addr, ContextTimeoutEnabled: true, MaxRetries: 1, DialerRetries: 1,
		DialTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, // the limiter has a timeout of its own
	})}
	c.AddHook(c)
	s.t.Cleanup(func() { c.Close() })
	return c
}

func (c *counted) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *counted) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.calls.Add(1)
		return next(ctx, cmd)
	}
}

func (c *counted) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// limiter makes one with a plan, which waits as long as a busy machine needs.
func limiter(t *testing.T, client redis.UniversalClient, plans string, adjust func(*Options)) *Limiter {
	t.Helper()
	p, err := ParsePlans(plans)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Plans: p, Redis: client, Timeout: 10 * time.Second, Sweep: time.Hour}
	if adjust != nil {
		adjust(&o)
	}
	l, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(context.Background()) })
	return l
}

func take(t *testing.T, a *Account, points Points) Verdict {
	t.Helper()
	v, err := a.Take(t.Context(), points)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// await polls a condition.
func await(t *testing.T, what string, isTrue func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !isTrue() {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long for %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
