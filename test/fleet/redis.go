package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is a server that keeps nothing over its end. All that is done to it is done from one goroutine
// at a time.
type Redis struct {
	starter *starter
	dir     string
	port    int
	args    []string
	log     *log
	process *process
}

// portAttempts is how many ports are tried if others take them in between.
const portAttempts = 8

// startRedis starts it on a port that it keeps. args are appended to its command line.
func startRedis(ctx context.Context, s *starter, dir string, args []string) (*Redis, error) {
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		r := &Redis{starter: s, dir: dir, port: port, args: args, log: newLog()}
		if err = r.start(ctx); err == nil || attempt == portAttempts || !r.portIsTaken() {
			return r, err
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Addr is HOST:PORT.
func (r *Redis) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)) }

// URL is what the servers are told.
func (r *Redis) URL() string { return "redis://" + r.Addr() }

// PID is that of its process.
func (r *Redis) PID() int { return r.process.pid() }

// Client is a new client of it.
func (r *Redis) Client() *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: r.Addr(), ContextTimeoutEnabled: true, DialTimeout: patience, ReadTimeout: patience, MaxRetries: -1,
	})
}

// Start starts it, empty, after Kill. Somebody else's connection may have its port for a moment.
func (r *Redis) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := r.start(ctx)
		if err == nil || !r.portIsTaken() {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return err
		}
	}
}

func (r *Redis) portIsTaken() bool { return strings.Contains(r.log.String(), "Address already in use") }

func (r *Redis) start(ctx context.Context) error {
	r.log.places() // and forgets what was written before
	args := append([]string{
		"--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", r.dir, "--daemonize", "no",
	}, r.args...)
	var err error
	if r.process, err = r.starter.start("Redis", exec.Command("redis-server", args...), r.log); err != nil {
		return err
	}
	c := r.Client()
	defer c.Close()
	own := fmt.Sprintf("process_id:%d\r", r.PID())
	err = until(ctx, r.process, func(ctx context.Context) error {
		info, err := c.Info(ctx, "server").Result()
		if err == nil && !strings.Contains(info, own) {
			err = errors.New("another one has its port")
		}
		return err
	})
	if err != nil {
		r.process.kill()
		return fmt.Errorf("start Redis: %w\n%s", err, r.log)
	}
	return nil
}

// Kill ends it with all that it holds.
func (r *Redis) Kill() { r.process.kill() }

// Pause freezes it: its connections stay open and silent.
func (r *Redis) Pause() { r.process.signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (r *Redis) Resume() { r.process.signal(syscall.SIGCONT) }
