package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisNames are the servers that speak for Redis; Fedora ships only the second.
var redisNames = []string{"redis-server", "valkey-server"}

// findRedis returns "" where no server is installed.
func findRedis(p places) string {
	for _, dir := range append(append([]string(nil), p.path...), p.redisDirs...) {
		for _, name := range redisNames {
			if path := filepath.Join(dir, name); isExecutable(path) {
				return path
			}
		}
	}
	return ""
}

// redisServer is a Redis as child process. It keeps nothing: what it holds is a
// cache, and a cache that outlives the change feed that keeps it fresh is wrong.
type redisServer struct {
	bin       string
	dir       string
	socketDir string // "" = TCP only
	password  string
	log       *logFile
	pickPort  func(preferred int) (int, error)

	port  int
	child *child
}

func (r *redisServer) start(ctx context.Context, s *spawner) error {
	if err := s.identity.mkdir(r.dir); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("start redis: %w", err)
	}
	for attempt := 1; ; attempt++ {
		port, err := r.pickPort(r.port)
		if err != nil {
			return fmt.Errorf("pick port of redis: %w", err)
		}
		r.port = port
		err = r.attempt(ctx, s)
		if err == nil || attempt == portAttempts || ctx.Err() != nil ||
			!strings.Contains(r.log.text(), "Address already in use") {
			return err
		}
		r.port = 0
	}
}

func (r *redisServer) attempt(ctx context.Context, s *spawner) error {
	cmd := exec.Command(r.bin, "-")
	cmd.Stdin = strings.NewReader(r.config())
	child, err := s.spawn("redis", cmd, r.log, syscall.SIGKILL)
	if err != nil {
		return err
	}
	r.child = child
	if err = child.until(ctx, r.listens); err == nil {
		err = pingRedis(ctx, r.url())
	}
	if err != nil {
		return errors.Join(err, r.stop(ctx))
	}
	return nil
}

// config goes to standard input: arguments, with the password, are seen by all
// users, and Redis takes a file name with brackets for a pattern, matches nothing
// and starts with its defaults.
func (r *redisServer) config() string {
	lines := []string{
		"bind " + loopback,
		"port " + strconv.Itoa(r.port),
		"requirepass " + r.password,
		"dir " + quoteRedis(r.dir),
		`save ""`,
		"appendonly no",
		"daemonize no",
		`logfile ""`,
		"always-show-logo no",
	}
	if r.socketDir != "" {
		lines = append(lines, "unixsocket "+quoteRedis(r.socket()), "unixsocketperm 700")
	}
	return strings.Join(lines, "\n") + "\n"
}

func quoteRedis(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func (r *redisServer) socket() string { return filepath.Join(r.socketDir, "redis.sock") }

// listens tries TCP, which Redis opens first, and the socket.
func (r *redisServer) listens() bool {
	network, address := "tcp", net.JoinHostPort(loopback, strconv.Itoa(r.port))
	if r.socketDir != "" {
		network, address = "unix", r.socket()
	}
	connection, err := net.Dial(network, address)
	if err != nil {
		return false
	}
	return connection.Close() == nil
}

func (r *redisServer) stop(ctx context.Context) error {
	if r.child == nil {
		return nil
	}
	_, err := r.child.end(ctx, step{syscall.SIGTERM, 2 * time.Second}, step{syscall.SIGKILL, time.Second})
	return err
}

func (r *redisServer) url() string {
	if r.socketDir == "" {
		return redisURL(r.password, net.JoinHostPort(loopback, strconv.Itoa(r.port)))
	}
	u := url.URL{Scheme: "unix", User: url.UserPassword("", r.password), Path: r.socket(), RawQuery: "db=0"}
	return u.String()
}

func redisURL(password, address string) string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: address, Path: "/0"}
	return u.String()
}

func pingRedis(ctx context.Context, address string) error {
	options, err := redis.ParseURL(address)
	if err != nil {
		return fmt.Errorf("connect to redis: %w", err)
	}
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("connect to redis: %w", err)
	}
	return nil
}
