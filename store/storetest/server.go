package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"backline/store"
	"backline/store/embedded"
)

// requireVariable makes a missing Postgres a failure, for machines that must have one.
const requireVariable = "BACKLINE_TEST_REQUIRE_POSTGRES"

// server is the Postgres of this test process. It is started by the first test that needs it.
type server struct {
	once    sync.Once
	err     error
	cluster *embedded.Cluster
	admin   *pgxpool.Pool
	// strategy is how CREATE DATABASE copies.
	strategy string

	mu        sync.Mutex
	templates map[string]*template
	databases int
}

// template is a database with migrations applied, which nobody is connected to.
type template struct {
	once sync.Once
	name string
	err  error
}

// shared is the one piece of state that tests of a process have in common: starting a server for
// each of them would take longer than most tests do.
var shared server

// Main runs the tests of a package, stops the server that they used, looks for goroutines that were
// left behind, and ends the process.
func Main(m *testing.M, options ...goleak.Option) {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "storetest:", err)
		code = max(code, 1)
	}
	if code == 0 {
		if err := goleak.Find(options...); err != nil {
			fmt.Fprintln(os.Stderr, "storetest: goroutines were left behind:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// running gives the server, and skips the test where there is no Postgres.
func running(t testing.TB) *server {
	t.Helper()
	shared.once.Do(func() { shared.err = shared.start() })
	var missing *embedded.MissingPostgresError
	switch {
	case errors.As(shared.err, &missing) && os.Getenv(requireVariable) != "1":
		t.Skipf("SKIPPED WITHOUT BEING TESTED: %v (%s=1 makes this a failure)", shared.err, requireVariable)
	case shared.err != nil:
		t.Fatal(shared.err)
	}
	return &shared
}

func (s *server) start() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	c, err := embedded.Start(ctx, embedded.Options{
		Shards: 1, Ephemeral: true, PostgresBin: os.Getenv("BACKLINE_POSTGRES_BIN"),
		Progress: func(message string) { fmt.Fprintln(os.Stderr, "storetest:", message) },
	})
	if err != nil {
		return err
	}
	s.cluster, s.templates = c, map[string]*template{}
	if s.admin, err = pgxpool.New(ctx, c.PostgresURLs()[0]); err != nil {
		return err
	}
	version := 0
	if err := s.admin.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return err
	}
	if version >= 150000 {
		s.strategy = " STRATEGY wal_log"
	}
	return nil
}

func (s *server) stop() error {
	if s.cluster == nil {
		return nil
	}
	if s.admin != nil {
		s.admin.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return s.cluster.Stop(ctx)
}

// template gives the database with these migrations.
func (s *server) template(ctx context.Context, fsys fs.FS) (string, error) {
	key, err := contentHash(fsys)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	t := s.templates[key]
	if t == nil {
		t = &template{name: "template_" + key}
		s.templates[key] = t
	}
	s.mu.Unlock()
	t.once.Do(func() { t.err = s.migrate(ctx, t.name, fsys) })
	return t.name, t.err
}

func (s *server) migrate(ctx context.Context, name string, fsys fs.FS) error {
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0"+s.strategy); err != nil || fsys == nil {
		return err
	}
	u, err := s.url(name, false)
	if err != nil {
		return err
	}
	one, err := store.Open(ctx, store.Config{URLs: []string{u}})
	if err != nil {
		return err
	}
	defer one.Close()
	_, err = one.Migrate(ctx, fsys, nil)
	return err
}

// create makes a copy of a template and gives its name.
func (s *server) create(ctx context.Context, template string) (string, error) {
	s.mu.Lock()
	s.databases++
	name := fmt.Sprintf("shard_%d", s.databases)
	s.mu.Unlock()
	_, err := s.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template+s.strategy)
	return name, err
}

func (s *server) drop(name string) error {
	_, err := s.admin.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
	return err
}

// url of a database, over TCP if asked for.
func (s *server) url(database string, tcp bool) (string, error) {
	urls := s.cluster.PostgresURLs()
	if tcp {
		urls = s.cluster.PostgresTCPURLs()
	}
	u, err := url.Parse(urls[0])
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
}

func contentHash(fsys fs.FS) (string, error) {
	if fsys == nil {
		return "empty", nil
	}
	h := sha256.New()
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, path)
		fmt.Fprintf(h, "%s\x00%d\x00", path, len(text))
		h.Write(text)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8]), err
}
