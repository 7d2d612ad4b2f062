package fieldcache_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a Redis of the tests' own.
type server struct {
	dir  string
	args []string
	cmd  *exec.Cmd
	port int // 0: a socket
	// ended is closed when the process has ended.
	ended chan struct{}
}

var shared struct {
	once   sync.Once
	server *server
	err    error
}

// sharedRedis is one for all tests that do not harm it; each has a namespace of its own.
func sharedRedis(t testing.TB) *server {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = startServer() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// ownRedis is one that a test may stop, flush and kill.
func ownRedis(t testing.TB, args ...string) *server {
	t.Helper()
	s, err := startServer(args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return s
}

func startServer(args ...string) (*server, error) {
	dir, err := os.MkdirTemp("", "fieldcache")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, args: args}
	if err := s.start(); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *server) socket() string { return filepath.Join(s.dir, "s") }

func (s *server) start() error {
	args := []string{"--port", strconv.Itoa(s.port), "--save", "", "--appendonly", "no", "--dir", s.dir, "--daemonize", "no"}
	if s.port == 0 {
		args = append(args, "--unixsocket", s.socket())
	} else {
		args = append(args, "--bind", "127.0.0.1")
	}
	s.cmd = exec.Command("redis-server", append(args, s.args...)...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return err
	}
	s.ended = make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(s.ended) }()
	c := redis.NewClient(s.options())
	defer c.Close()
	for deadline := time.Now().Add(patience); ; {
		err := s.answers(c)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-s.ended:
			return fmt.Errorf("redis-server has ended: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// answers says why it does not, or that another one has its port.
func (s *server) answers(c *redis.Client) error {
	info, err := c.Info(context.Background(), "server").Result()
	if err == nil && !strings.Contains(info, fmt.Sprintf("process_id:%d\r", s.cmd.Process.Pid)) {
		err = errors.New("this is another one")
	}
	return err
}

func (s *server) options() *redis.Options {
	o := &redis.Options{
		Network: "unix", Addr: s.socket(), ContextTimeoutEnabled: true,
		DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, // contexts may say less
	}
	if s.port != 0 {
		o.Network, o.Addr = "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
	}
	return o
}

func (s *server) signal(sig os.Signal) { _ = s.cmd.Process.Signal(sig) }

func (s *server) kill() {
	s.signal(syscall.SIGKILL)
	<-s.ended
}

func (s *server) end() {
	if s.cmd != nil {
		s.kill()
	}
	os.RemoveAll(s.dir)
}

func (s *server) client(t testing.TB) *redis.Client {
	c := redis.NewClient(s.options())
	t.Cleanup(func() { c.Close() })
	return c
}

// deaf is a client that does not give up in time.
func (s *server) deaf(t testing.TB) *redis.Client {
	o := s.options()
	o.ContextTimeoutEnabled = false
	c := redis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}
