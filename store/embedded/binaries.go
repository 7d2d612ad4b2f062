package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// oldestPostgres is the first major version with everything the store asks for
// (multirange types, streaming of large transactions in logical decoding).
const oldestPostgres = 14

// binaries is one Postgres installation.
type binaries struct {
	dir string // holds postgres and initdb
	// version is the whole line, "postgres (PostgreSQL) 15.4 (Debian ...)": two
	// builds of one number may differ in format.
	version string
	major   int
}

// places says where to look on this machine, and is narrowed by tests.
type places struct {
	path []string // directories of PATH
	// patterns of bin directories outside PATH.
	patterns []string
	// repository is the Maven repository Postgres is downloaded from.
	repository string
	// caches and homes are tried in order; see cacheDir and homeDir.
	caches, homes []string
	// redisDirs besides PATH.
	redisDirs []string
	// memory and temporary are where ephemeral clusters go, tried in this order.
	memory, temporary []string
}

// scratch lists where ephemeral clusters go. A directory in memory first: a
// shard is a thousand small files, and some file systems are slow to make many
// that were just removed elsewhere (measured on ext4 without journal: 1 ms each).
func (p places) scratch() []string {
	return append(append([]string(nil), p.memory...), p.temporary...)
}

func usualPlaces() places {
	p := places{
		path: filepath.SplitList(os.Getenv("PATH")),
		patterns: []string{
			"/usr/lib/postgresql/*/bin",        // Debian, Ubuntu
			"/usr/pgsql-*/bin",                 // Fedora, RHEL, from PGDG
			"/usr/lib*/pgsql/postgresql-*/bin", // Fedora, kept for upgrades
			"/usr/libexec/postgresql*",         // Alpine
			"/usr/lib/postgresql*/bin",         // openSUSE
			"/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin",
			"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", // Homebrew
			"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin",
			"/opt/local/lib/postgresql*/bin", // MacPorts
		},
		repository: "https://repo1.maven.org/maven2",
		redisDirs:  []string{"/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin"},
		memory:     memoryDirs(),
		temporary:  []string{os.TempDir(), "/tmp", "/var/tmp"},
	}
	if os.Geteuid() == 0 {
		p.caches = []string{"/var/cache/backline"}
		p.homes = []string{"/var/lib/backline"}
	} else if cache, err := os.UserCacheDir(); err == nil {
		p.caches = []string{filepath.Join(cache, "backline")}
	}
	return p
}

// findPostgres looks for an installation, in PATH first, then the newest of the
// usual places. Where data of a major version exists, an installation of that
// version is preferred to all. It returns errNotFound, with the reasons, where
// there is none at all; a directory named explicitly is never replaced by
// another one.
func (s *spawner) findPostgres(ctx context.Context, named string, p places, major int) (binaries, error) {
	candidates := p.binDirs()
	if named != "" {
		candidates = []string{named, filepath.Join(named, "bin")}
	}
	var found []binaries
	var reasons []error
	for _, dir := range candidates {
		if !isExecutable(filepath.Join(dir, "postgres")) {
			continue
		}
		b, err := s.inspect(ctx, dir)
		if err != nil {
			reasons = append(reasons, err)
			continue
		}
		if b.major == major || major == 0 {
			return b, nil
		}
		found = append(found, b)
	}
	switch {
	case len(found) > 0:
		return found[0], nil
	case named != "" && len(reasons) > 0:
		return binaries{}, fmt.Errorf("use Postgres of BACKLINE_POSTGRES_BIN: %w", errors.Join(reasons...))
	case named != "":
		return binaries{}, fmt.Errorf("use Postgres of BACKLINE_POSTGRES_BIN: there is no executable postgres in %s", named)
	}
	return binaries{}, &notFoundError{reasons: reasons}
}

// notFoundError carries why what was found could not be used.
type notFoundError struct{ reasons []error }

func (e *notFoundError) Error() string {
	if len(e.reasons) == 0 {
		return "no PostgreSQL found"
	}
	return "no usable PostgreSQL found: " + errors.Join(e.reasons...).Error()
}

// binDirs lists the directories that may hold Postgres, best first.
func (p places) binDirs() []string {
	var rest []string
	for _, pattern := range p.patterns {
		matches, _ := filepath.Glob(pattern)
		rest = append(rest, matches...)
	}
	slices.SortStableFunc(rest, func(a, b string) int { return numberIn(b) - numberIn(a) })
	var dirs []string
	seen := map[string]bool{}
	for _, dir := range append(slices.Clone(p.path), rest...) {
		// PATH often has links to the real thing, which stands beside initdb
		// and the files it was built to find.
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil &&
			isExecutable(filepath.Join(filepath.Dir(real), "initdb")) {
			dir = filepath.Dir(real)
		}
		if dir != "" && !seen[dir] {
			seen[dir] = true
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

var digits = regexp.MustCompile(`\d+`)

// numberIn is the version in a path such as /usr/lib/postgresql/15/bin, else 0.
func numberIn(path string) int {
	number := 0
	for _, text := range digits.FindAllString(path, -1) {
		if n, err := strconv.Atoi(text); err == nil && n < 1000 {
			number = n
		}
	}
	return number
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

var majorPattern = regexp.MustCompile(`\) (\d+)`)

// inspect runs postgres --version as the children's user, which also shows that
// this user may run it.
func (s *spawner) inspect(ctx context.Context, dir string) (binaries, error) {
	if !isExecutable(filepath.Join(dir, "initdb")) {
		return binaries{}, fmt.Errorf("%s holds postgres but no initdb", dir)
	}
	postgres := filepath.Join(dir, "postgres")
	text, err := s.output(ctx, exec.CommandContext(ctx, postgres, "--version"))
	if errors.Is(err, os.ErrPermission) {
		return binaries{}, fmt.Errorf("user %s may not run %s", s.identity.name, postgres)
	}
	if err != nil {
		return binaries{}, fmt.Errorf("run %s --version: %w: %s", postgres, err, text)
	}
	version := strings.TrimSpace(text)
	match := majorPattern.FindStringSubmatch(version)
	if match == nil {
		return binaries{}, fmt.Errorf("%s answers %q to --version", postgres, version)
	}
	major, err := strconv.Atoi(match[1])
	if err != nil || major < oldestPostgres {
		return binaries{}, fmt.Errorf("%s is PostgreSQL %s, and %d or newer is needed", postgres, match[1], oldestPostgres)
	}
	return binaries{dir: dir, version: version, major: major}, nil
}

// output runs a short command to its end and returns what it wrote.
func (s *spawner) output(ctx context.Context, cmd *exec.Cmd) (string, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer reader.Close()
	cmd.Stdout, cmd.Stderr = writer, writer
	release, err := s.start(cmd, syscall.SIGKILL)
	writer.Close()
	if err != nil {
		return "", err
	}
	defer release()
	var text bytes.Buffer
	_, readErr := text.ReadFrom(reader)
	if err := cmd.Wait(); err != nil {
		return text.String(), errors.Join(err, ctx.Err())
	}
	return text.String(), readErr
}
