package persisted_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"backline/gateway/persisted"
	"backline/store/embedded"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hash is the SHA-256 of a text in hexadecimal digits.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// code is the code of an error that Find returned; "" if there is none.
func code(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*persisted.Error](err)
	if !ok {
		t.Fatalf("the error has no code: %v", err)
	}
	return e.Code()
}

// errBad is what prepare says about a text with "bad" in it.
var errBad = errors.New("that is bad")

// preparer counts what it prepares: a text becomes itself in capitals.
type preparer struct{ calls atomic.Int64 }

func (p *preparer) prepare(e persisted.Entry) (string, error) {
	p.calls.Add(1)
	if strings.Contains(e.Text, "bad") {
		return "", errBad
	}
	return strings.ToUpper(e.Text), nil
}

// manifest writes a manifest to a file of its own.
func manifest(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "manifest.json")
	rewrite(t, path, content)
	return path
}

// rewrite replaces a file at once, so that nobody reads half of it.
func rewrite(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, c persisted.Config) *persisted.Documents[string] {
	t.Helper()
	d, err := persisted.New(c, new(preparer).prepare, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// patience bounds every wait. Only a failure reaches it.
const patience = time.Minute

// startRedis starts a Redis of the test's own; stop ends it early.
func startRedis(t *testing.T) (client *redis.Client, stop func()) {
	t.Helper()
	c, err := embedded.Start(t.Context(), embedded.Options{Dir: t.TempDir(), Redis: true})
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		if err := c.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return connect(t, c.RedisURL()), stop
}

func connect(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	o.ContextTimeoutEnabled, o.ReadTimeout, o.WriteTimeout = true, patience, patience
	client := redis.NewClient(o)
	t.Cleanup(func() { client.Close() })
	return client
}

// clock stands still until it is moved.
type clock struct{ nanoseconds atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.nanoseconds.Load()) }
func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }

// logged collects log lines.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
