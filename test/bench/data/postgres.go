package data

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// maxConnections is what Postgres allows: enough for the pools of all servers at once, which the
// embedded servers' own setting is not.
const maxConnections = 300

var errNoPostgres = errors.New("find Postgres: there is no postgres in PATH and none in the usual places; install its package")

// roomyPostgres makes a directory of Postgres programs whose postgres allows more connections, for
// embedded.Options.PostgresBin. It is written anew on every run, for Postgres may have moved.
func roomyPostgres(dir string) (string, error) {
	real, err := findPostgres()
	if err != nil {
		return "", err
	}
	// Servers that run as another user, because we are root, read it too.
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // that is the purpose
		return "", fmt.Errorf("make a folder for Postgres' programs: %w", err)
	}
	programs, err := os.ReadDir(real)
	if err != nil {
		return "", fmt.Errorf("list Postgres' programs: %w", err)
	}
	for _, program := range programs {
		link := filepath.Join(dir, program.Name())
		if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("make a folder for Postgres' programs: %w", err)
		}
		if program.Name() == "postgres" {
			continue
		}
		if err := os.Symlink(filepath.Join(real, program.Name()), link); err != nil {
			return "", fmt.Errorf("make a folder for Postgres' programs: %w", err)
		}
	}
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\" -c max_connections=%d\n",
		strings.ReplaceAll(filepath.Join(real, "postgres"), "'", `'\''`), maxConnections)
	if err := os.WriteFile(filepath.Join(dir, "postgres"), []byte(script), 0o755); err != nil { //nolint:gosec // a program
		return "", fmt.Errorf("make a folder for Postgres' programs: %w", err)
	}
	return dir, nil
}

// findPostgres looks for the directory of Postgres' programs, in PATH first, then for the newest of
// those where packages of Linux put it.
func findPostgres() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/postgres", "/usr/pgsql-*/bin/postgres", "/usr/libexec/postgresql*/postgres"} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return "", fmt.Errorf("find Postgres: %w", err)
		}
		found = append(found, matches...)
	}
	if len(found) == 0 {
		return "", errNoPostgres
	}
	// Longer is newer: 9 comes before 15, and 15 before 16.
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return filepath.Dir(found[len(found)-1]), nil
}
