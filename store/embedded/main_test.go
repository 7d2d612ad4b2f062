package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// helperVariable makes this test binary a server instead: it starts the cluster
// that the variable describes, so that tests can kill it.
const helperVariable = "BACKLINE_TEST_EMBEDDED_HELPER"

// cacheVariable names a cache that several test processes share.
const cacheVariable = "BACKLINE_TEST_EMBEDDED_CACHE"

func TestMain(m *testing.M) {
	if request := os.Getenv(helperVariable); request != "" {
		if err := serve(request); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	cache, err := openTempDir()
	if err != nil {
		panic(err)
	}
	os.Setenv(cacheVariable, cache)
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(cache)
		os.Exit(code)
	}))
}

// openTempDir makes a temporary directory that other users may pass through, in
// memory if possible: making and removing thousands of files is what takes long.
func openTempDir() (string, error) {
	base := append(memoryDirs(), os.TempDir())[0]
	dir, err := os.MkdirTemp(base, "embedded-test-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := openTempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// testPlaces are the usual ones, with nothing that outlives the tests.
func testPlaces() *places {
	p := usualPlaces()
	p.caches = []string{os.Getenv(cacheVariable)}
	p.homes = nil
	return &p
}

// options of a small kept cluster in a directory of its own.
func options(t *testing.T) Options {
	t.Helper()
	return Options{Dir: filepath.Join(tempDir(t), "data"), Shards: 1, places: testPlaces()}
}

func start(t *testing.T, o Options) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	return c
}

// patience is for what takes moments, unless the machine is busy.
const patience = 3 * time.Minute

func stop(t *testing.T, c *Cluster) {
	t.Helper()
	if err := c.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func startError(t *testing.T, o Options) error {
	t.Helper()
	c, err := Start(t.Context(), o)
	if err == nil {
		stop(t, c)
		t.Fatal("Start succeeded")
	}
	return err
}

func wantText(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error does not say %q:\n%v", part, err)
		}
	}
}

// query runs one statement and returns the first column of its only row.
func query[T any](t *testing.T, url, sql string, arguments ...any) T {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(t.Context())
	var value T
	if err := connection.QueryRow(t.Context(), sql, arguments...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(t.Context())
	if _, err := connection.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// isAlive is false for a zombie too: nobody may collect it in a container.
func isAlive(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	_, rest, _ := strings.Cut(string(status), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func wantGone(t *testing.T, pids []int, within time.Duration) {
	t.Helper()
	gone := func() bool {
		return !slices.ContainsFunc(pids, isAlive)
	}
	began := time.Now()
	if !waitUntil(t.Context(), within, gone) {
		for _, pid := range pids {
			command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			t.Errorf("process %d alive=%v after %v: %s", pid, isAlive(pid), within, command)
		}
		t.FailNow()
	}
	t.Logf("all gone after %v", time.Since(began).Round(time.Millisecond))
}

// helperRequest is what a server process of the tests is to start.
type helperRequest struct {
	Dir       string
	Shards    int
	Redis     bool
	Ephemeral bool
	Lifelines bool
}

// helperReply is its first line of output.
type helperReply struct {
	Dir    string
	Shards []string
	Redis  string
	PIDs   []int
}

// serve is the body of a server process: start, reply, wait for Ctrl-C, show that
// the shards still answer, stop.
func serve(text string) error {
	var request helperRequest
	if err := json.Unmarshal([]byte(text), &request); err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	c, err := Start(context.Background(), Options{
		Dir: request.Dir, Shards: request.Shards, Redis: request.Redis, Ephemeral: request.Ephemeral,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), places: testPlaces(), lifelines: request.Lifelines,
	})
	if err != nil {
		return err
	}
	reply := helperReply{Dir: c.Dir(), Shards: c.PostgresURLs(), Redis: c.RedisURL()}
	for _, process := range c.Processes() {
		reply.PIDs = append(reply.PIDs, process.PID)
	}
	if err := json.NewEncoder(os.Stdout).Encode(reply); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-c.Done():
		return c.Err()
	}
	for _, url := range reply.Shards {
		connection, err := pgx.Connect(context.Background(), url)
		if err != nil {
			return fmt.Errorf("after the signal: %w", err)
		}
		connection.Close(context.Background())
	}
	fmt.Println("drained")
	if err := c.Stop(context.Background()); err != nil {
		return err
	}
	fmt.Println("stopped")
	return nil
}

// server is a running server process of the tests.
type server struct {
	helperReply
	cmd  *exec.Cmd
	wait func() error
	rest func() string // output after the reply, and errors, once it has ended
}

func startServer(t *testing.T, request helperRequest) *server {
	t.Helper()
	s, err := tryServer(t, request, os.Args[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tryServer runs the given copy of this test binary as the given user.
func tryServer(t *testing.T, request helperRequest, binary string, user *syscall.Credential) (*server, error) {
	t.Helper()
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), helperVariable+"="+string(text))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: user}
	var errors bytes.Buffer
	cmd.Stderr = &errors
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{cmd: cmd}
	decoder := json.NewDecoder(output)
	if err := decoder.Decode(&s.helperReply); err != nil {
		_ = cmd.Wait()
		return nil, fmt.Errorf("server did not start: %w\n%s", err, &errors)
	}
	var rest []byte
	s.wait = sync.OnceValue(func() error {
		rest, _ = io.ReadAll(io.MultiReader(decoder.Buffered(), output))
		return cmd.Wait()
	})
	s.rest = func() string {
		_ = s.wait()
		return string(rest) + errors.String()
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = s.wait()
	})
	return s, nil
}

// kill ends the server as nothing can handle.
func (s *server) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.wait()
}
