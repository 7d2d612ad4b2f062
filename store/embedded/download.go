package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	downloadVersion = embeddedpostgres.V17
	downloadTimeout = 5 * time.Minute
)

// MissingPostgresError is returned by Start when there is no Postgres on the
// machine and none could be downloaded. Its text says what to install.
type MissingPostgresError struct {
	// Search says what was found and why it could not be used.
	Search error
	// Download says why downloading did not succeed.
	Download error
}

func (e *MissingPostgresError) Unwrap() []error { return []error{e.Search, e.Download} }

func (e *MissingPostgresError) Error() string {
	return fmt.Sprintf(`%v; downloading it: %v
Install the package of your system:
  Debian, Ubuntu   apt-get install postgresql
  Fedora           dnf install postgresql-server
  Alpine           apk add postgresql17
  macOS            brew install postgresql@17
or name the directory that holds postgres and initdb in BACKLINE_POSTGRES_BIN`, e.Search, e.Download)
}

// downloadPostgres puts the binaries of the embedded-postgres project into the
// cache, once, and returns their directory.
func (s *spawner) downloadPostgres(ctx context.Context, cache, repository string, progress func(string, ...any)) (string, error) {
	final := filepath.Join(cache, fmt.Sprintf("postgres-%s-%s-%s", downloadVersion, runtime.GOOS, runtime.GOARCH))
	bin := filepath.Join(final, "bin")
	if isExecutable(filepath.Join(bin, "postgres")) {
		return bin, nil
	}
	progress("No PostgreSQL found: downloading version %s from %s", downloadVersion, repository)
	scratch, err := os.MkdirTemp(cache, scratchPrefix)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, downloadTimeout)
	defer cancel()
	fetched := make(chan error, 1)
	go func() {
		err := fetchBinaries(repository, scratch, final)
		fetched <- errors.Join(err, os.RemoveAll(scratch))
	}()
	// The library takes no context; a fetch that is given up on ends in its own
	// time and cleans up after itself.
	select {
	case err = <-fetched:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		return "", err
	}
	return bin, nil
}

// fetchBinaries uses as much of the library as downloads, verifies and unpacks.
// The library can do that only on its way to starting a server, which it cannot
// as root and which is not wanted: a data path that ends in "." cannot be
// removed, so its Start gives up right after unpacking, before it runs anything.
func fetchBinaries(repository, scratch, final string) error {
	defer removeLibraryLogs(time.Now())
	unpacked := filepath.Join(scratch, "postgres")
	startErr := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(downloadVersion).
		BinaryRepositoryURL(repository).
		CachePath(filepath.Join(scratch, "archive")).
		RuntimePath(filepath.Join(scratch, "runtime")).
		DataPath(filepath.Join(scratch, "runtime") + "/.").
		BinariesPath(unpacked).
		Port(0).
		Logger(io.Discard)).Start()
	for _, name := range []string{"postgres", "initdb"} {
		if !isExecutable(filepath.Join(unpacked, "bin", name)) {
			if startErr == nil {
				startErr = errors.New("the archive holds no " + name)
			}
			return startErr
		}
	}
	if err := os.Chmod(unpacked, 0o755); err != nil {
		return err
	}
	// Another process may have been faster; its copy is as good.
	if err := os.Rename(unpacked, final); err != nil && !isExecutable(filepath.Join(final, "bin", "postgres")) {
		return err
	}
	return nil
}

// removeLibraryLogs removes the empty log that the library leaves in the temporary
// directory at each start, under a name it does not tell.
func removeLibraryLogs(since time.Time) {
	logs, _ := filepath.Glob(filepath.Join(escapeGlob(os.TempDir()), "embedded_postgres_log*"))
	for _, log := range logs {
		if info, err := os.Stat(log); err == nil && isOurs(info) && info.Size() == 0 && !info.ModTime().Before(since.Add(-time.Second)) {
			_ = os.Remove(log)
		}
	}
}
