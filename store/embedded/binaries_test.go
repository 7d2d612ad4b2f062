package embedded

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// installed is the Postgres that the other tests use.
func installed(t *testing.T) binaries {
	t.Helper()
	s := newSpawner(childIdentity(), false)
	defer s.close()
	found, err := s.findPostgres(t.Context(), "", usualPlaces(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// script writes an executable that children's users can reach.
func script(t *testing.T, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// claim installs a Postgres that says it has the given version.
func claim(t *testing.T, dir, version string) string {
	t.Helper()
	script(t, filepath.Join(dir, "postgres"), "echo 'postgres (PostgreSQL) "+version+"'")
	script(t, filepath.Join(dir, "initdb"), "exit 1")
	return dir
}

func TestFindPostgres(t *testing.T) {
	t.Parallel()
	root := tempDir(t)
	claim(t, filepath.Join(root, "lib/9/bin"), "9.6.24")
	old := claim(t, filepath.Join(root, "lib/15/bin"), "15.4 (Debian 15.4-1)")
	recent := claim(t, filepath.Join(root, "lib/17/bin"), "17.2")
	onPath := claim(t, filepath.Join(root, "path"), "16beta1")
	incomplete := filepath.Join(root, "incomplete")
	script(t, filepath.Join(incomplete, "postgres"), "echo 'postgres (PostgreSQL) 17.2'")
	linked := filepath.Join(root, "linked")
	if err := os.Mkdir(linked, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(old, "postgres"), filepath.Join(linked, "postgres")); err != nil {
		t.Fatal(err)
	}
	lib := []string{filepath.Join(root, "lib/*/bin")}
	s := newSpawner(childIdentity(), false)
	t.Cleanup(s.close)

	for name, tt := range map[string]struct {
		named  string
		places places
		major  int
		want   string // directory, or part of the error
	}{
		"newest":                   {places: places{patterns: lib}, want: recent},
		"PATH first":               {places: places{path: []string{root, onPath}, patterns: lib}, want: onPath},
		"PATH with a link":         {places: places{path: []string{linked}, patterns: lib}, want: old},
		"version of the data":      {places: places{path: []string{onPath}, patterns: lib}, major: 15, want: old},
		"no such version":          {places: places{path: []string{onPath}, patterns: lib}, major: 12, want: onPath},
		"skips what has no initdb": {places: places{path: []string{incomplete}, patterns: lib}, want: recent},
		"named":                    {named: old, places: places{path: []string{onPath}}, want: old},
		"named without bin":        {named: filepath.Dir(old), want: old},
		"named, another version":   {named: old, places: places{patterns: lib}, major: 17, want: old},
		"named, too old":           {named: filepath.Join(root, "lib/9/bin"), places: places{patterns: lib}, want: "is PostgreSQL 9, and 14 or newer is needed"},
		"named, incomplete":        {named: incomplete, places: places{patterns: lib}, want: "no initdb"},
		"named, not there":         {named: root, places: places{patterns: lib}, want: "BACKLINE_POSTGRES_BIN: there is no executable postgres in " + root},
		"nothing":                  {want: "no PostgreSQL found"},
		"nothing that can be used": {places: places{path: []string{incomplete}}, want: "no usable PostgreSQL found: " + incomplete + " holds postgres but no initdb"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := s.findPostgres(t.Context(), tt.named, tt.places, tt.major)
			if err != nil {
				wantText(t, err, tt.want)
			} else if found.dir != tt.want {
				t.Errorf("found %s, want %s", found.dir, tt.want)
			}
		})
	}
}

func TestDataOfAnotherVersion(t *testing.T) {
	t.Parallel()
	o := options(t)
	c := start(t, o)
	major := c.state.Postgres
	stop(t, c)
	o.PostgresBin = claim(t, filepath.Join(tempDir(t), "bin"), fmt.Sprint(major+1)+".0")
	err := startError(t, o)
	var version *VersionError
	if !errors.As(err, &version) || version.OnDisk != major || version.Found != major+1 {
		t.Errorf("%#v", err)
	}
	wantText(t, err, o.Dir, fmt.Sprintf("PostgreSQL %d", major), fmt.Sprintf("PostgreSQL %d", major+1), "BACKLINE_POSTGRES_BIN", "--reset")
	o.PostgresBin = ""
	start(t, o)
}

func TestInitdbFails(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.PostgresBin = claim(t, filepath.Join(tempDir(t), "bin"), "17.1")
	script(t, filepath.Join(o.PostgresBin, "initdb"), "echo no space; exit 1")
	wantText(t, startError(t, o), "initdb", "no space")
}

func TestPostgresFails(t *testing.T) {
	t.Parallel()
	o := options(t)
	stop(t, start(t, o))
	control := filepath.Join(o.Dir, "shard-0", "global", "pg_control")
	if err := os.Truncate(control, 10); err != nil {
		t.Fatal(err)
	}
	wantText(t, startError(t, o), "shard-0", "ended by itself", "pg_control", "log/shard-0.log")
}

// TestDownload serves an archive as the Maven repository does. What it holds
// hands over to the Postgres that is installed.
func TestDownload(t *testing.T) {
	t.Parallel()
	archive := mavenArchive(t, installed(t))
	sum := sha256.Sum256(archive)
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, ".jar"):
			_, _ = w.Write(archive)
		case strings.HasPrefix(r.URL.Path, "/damaged"):
			fmt.Fprint(w, strings.Repeat("0", 64))
		default:
			fmt.Fprint(w, hex.EncodeToString(sum[:]))
		}
	}))
	defer http.DefaultClient.CloseIdleConnections()
	defer repository.Close()

	cache := tempDir(t)
	without := func(repository string) *places {
		p := testPlaces()
		p.path, p.patterns, p.caches, p.repository = nil, nil, []string{cache}, repository
		return p
	}
	var told []string
	o := Options{Shards: 1, Ephemeral: true, Progress: func(message string) { told = append(told, message) }}
	o.places = without(repository.URL + "/damaged")
	wantText(t, startError(t, o), "checksums do not match", "apt-get install")
	if entries, _ := os.ReadDir(cache); len(entries) != 0 {
		t.Errorf("left in the cache: %v", entries)
	}

	o.places = without(repository.URL)
	c := start(t, o)
	if got := query[int](t, c.PostgresURLs()[0], "SELECT 1"); got != 1 {
		t.Errorf("got %d", got)
	}
	stop(t, c)
	repository.Close()
	start(t, o) // from the cache
	if got := strings.Join(told, "\n"); strings.Count(got, "downloading version") != 2 || strings.Count(got, "initdb") != 1 {
		t.Errorf("told:\n%s", got)
	}
}

// mavenArchive is a jar with a tar.xz with bin/postgres and bin/initdb.
func mavenArchive(t *testing.T, real binaries) []byte {
	t.Helper()
	xz, err := exec.LookPath("xz")
	if err != nil {
		t.Skip("xz is not installed")
	}
	root := tempDir(t)
	for _, name := range []string{"postgres", "initdb"} {
		script(t, filepath.Join(root, "bin", name), "exec '"+filepath.Join(real.dir, name)+`' "$@"`)
	}
	packed := filepath.Join(root, "packed.tar")
	for _, command := range []*exec.Cmd{exec.Command("tar", "-cf", packed, "-C", root, "bin"), exec.Command(xz, packed)} {
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, output)
		}
	}
	text, err := os.ReadFile(packed + ".xz")
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	archive := zip.NewWriter(&jar)
	entry, err := archive.Create("postgres-linux-x86_64.txz")
	if err == nil {
		_, err = entry.Write(text)
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	return jar.Bytes()
}

func TestNoPostgresAnywhere(t *testing.T) {
	t.Parallel()
	p := testPlaces()
	p.path, p.patterns = nil, nil
	p.repository = fmt.Sprintf("http://127.0.0.1:%d", closedPort(t))
	o := options(t)
	o.places = p
	began := time.Now()
	err := startError(t, o)
	if _, ok := errors.AsType[*MissingPostgresError](err); !ok {
		t.Errorf("%#v", err)
	}
	wantText(t, err, "no PostgreSQL found", p.repository, "Debian", "apt-get install postgresql", "Fedora",
		"dnf install postgresql-server", "Alpine", "apk add postgresql17", "macOS", "brew install postgresql@17", "BACKLINE_POSTGRES_BIN")
	t.Logf("after %v:\n%v", time.Since(began), err)
	if _, ok, _ := readState(o.Dir); ok {
		t.Error("a state of nothing was kept")
	}
}

func closedPort(t *testing.T) int {
	t.Helper()
	port, err := freePort(0)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
