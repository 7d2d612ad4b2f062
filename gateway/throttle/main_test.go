package throttle

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
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

// patience bounds every wait. Only a failure reaches it.
const patience = 3 * time.Minute

// server is a real Redis that can be stopped, paused and started again.
type server struct {
	t       *testing.T
	addr    string
	args    []string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
}

// startRedis starts one on a port that it keeps.
func startRedis(t *testing.T, args ...string) *server {
	t.Helper()
	for range 8 { // somebody may take the port in between
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
		if s.starts() {
			t.Cleanup(s.kill)
			return s
		}
	}
	t.Fatal("Redis does not start")
	return nil
}

// start starts it again. Until it has its port, somebody else's connection may have it for a moment.
func (s *server) start() {
	s.t.Helper()
	await(s.t, "Redis to have its port", s.starts)
}

func (s *server) starts() bool {
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
	s.ended = make(chan struct{})
	go func() { _ = s.process.Wait(); close(s.ended) }()
	client := redis.NewClient(&redis.Options{Addr: s.addr, MaxRetries: -1, DialerRetries: 1})
	defer client.Close()
	own, answers := fmt.Sprintf("process_id:%d\r", s.process.Process.Pid), false
	await(s.t, "Redis to answer", func() bool {
		select {
		case <-s.ended:
			return true
		default:
		}
		answers = strings.Contains(client.Info(s.t.Context(), "server").Val(), own)
		return answers
	})
	return answers
}

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) kill() {
	s.process.Process.Kill()
	<-s.ended
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
		DialTimeout: patience, ReadTimeout: patience, // the limiter has a timeout of its own
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
	o := Options{Plans: p, Redis: client, Timeout: patience, Sweep: time.Hour}
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

// stopped is a clock that stands still, so that nothing comes back however long a test takes.
func stopped(o *Options) {
	now := time.Now()
	o.Now = func() time.Time { return now }
}

// back is how much a bucket in Redis, whose clock goes on, has given back since then at one point a second.
func back(since time.Time) int { return int(time.Since(since)/time.Second) + 1 }

// await polls a condition.
func await(t *testing.T, what string, isTrue func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !isTrue() {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long for %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
