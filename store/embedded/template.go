package embedded

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// templateRevision changes with anything that changes what initdb makes.
const templateRevision = "1"

// ctypes are tried in turn: sorting is always by byte (the store says COLLATE "C"
// anyway), but upper, lower and trigrams should know letters beyond ASCII. Linux
// has C.UTF-8, macOS the others.
var ctypes = []string{"C.UTF-8", "en_US.UTF-8", "UTF-8", "C"}

// template is a directory fresh from initdb, which every shard is a copy of.
type template struct {
	data     string
	password string
}

// prepareTemplate runs initdb once per build of Postgres and returns what it
// made. Two processes may race: each works in a directory of its own, and the
// first to rename it into place wins.
func (s *spawner) prepareTemplate(ctx context.Context, b binaries, cache string, progress func(string, ...any)) (template, error) {
	sum := sha256.Sum256([]byte(strings.Join([]string{b.version, b.dir, s.identity.name, templateRevision}, "\x00")))
	dir := filepath.Join(cache, fmt.Sprintf("initdb-%d-%s", b.major, hex.EncodeToString(sum[:6])))
	if t, err := readTemplate(dir); err == nil {
		return t, nil
	}
	progress("Preparing PostgreSQL %d: initdb, once per version", b.major)
	sweepScratch(cache)
	scratch, err := os.MkdirTemp(cache, scratchPrefix)
	if err != nil {
		return template{}, fmt.Errorf("prepare template: %w", err)
	}
	defer os.RemoveAll(scratch)
	if err := s.initdb(ctx, b, scratch); err != nil {
		return template{}, err
	}
	renameErr := os.Rename(scratch, dir)
	t, err := readTemplate(dir)
	if err != nil && renameErr != nil {
		return template{}, fmt.Errorf("prepare template: %w", renameErr)
	}
	return t, err
}

func readTemplate(dir string) (template, error) {
	t := template{data: filepath.Join(dir, "data")}
	if _, err := os.Stat(filepath.Join(t.data, "PG_VERSION")); err != nil {
		return t, fmt.Errorf("read template: %w", err)
	}
	password, err := os.ReadFile(filepath.Join(dir, "password"))
	if err != nil {
		return t, fmt.Errorf("read template: %w", err)
	}
	t.password = strings.TrimSpace(string(password))
	return t, nil
}

// initdb fills scratch with data and password. The password is random per cache:
// setting one per cluster would cost every cold start a statement per shard.
func (s *spawner) initdb(ctx context.Context, b binaries, scratch string) error {
	if s.identity.credential != nil {
		if err := os.Chmod(scratch, 0o711); err != nil {
			return fmt.Errorf("initdb: %w", err)
		}
	}
	data, password := filepath.Join(scratch, "data"), filepath.Join(scratch, "password")
	if err := os.WriteFile(password, []byte(rand.Text()+"\n"), 0o600); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	if err := s.identity.own(password); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	var text string
	var err error
	for _, ctype := range ctypes {
		if err := os.RemoveAll(data); err != nil {
			return fmt.Errorf("initdb: %w", err)
		}
		if err := s.identity.mkdir(data); err != nil {
			return fmt.Errorf("initdb: %w", err)
		}
		text, err = s.output(ctx, exec.CommandContext(ctx, filepath.Join(b.dir, "initdb"), "-D", data,
			"--username=postgres", "--pwfile="+password, "--auth-local=trust", "--auth-host=scram-sha-256",
			"--encoding=UTF8", "--locale=C", "--lc-ctype="+ctype, "--no-instructions"))
		if err == nil {
			break
		}
		if !strings.Contains(text, "locale") {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("initdb of %s: %w: %s", b.version, err, strings.TrimSpace(text))
	}
	// The file was lent to initdb, which ran as another user.
	if s.identity.credential != nil {
		if err := os.Chown(password, os.Geteuid(), os.Getegid()); err != nil {
			return fmt.Errorf("initdb: %w", err)
		}
	}
	return nil
}

// sweepScratch removes what killed processes left in the cache.
func sweepScratch(cache string) {
	entries, _ := filepath.Glob(filepath.Join(cache, scratchPrefix+"*"))
	for _, entry := range entries {
		if info, err := os.Stat(entry); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(entry)
		}
	}
}
