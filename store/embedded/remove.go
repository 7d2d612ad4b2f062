package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ephemeralPrefix begins the names of temporary data directories.
const ephemeralPrefix = "backline-ephemeral-"

// removeState removes what this package made in dir, whose lock we hold, and
// nothing else: somebody may have named a directory with other things in it.
func removeState(dir string, s state, homes []string) error {
	errs := []error{removeChildren(dir)}
	for _, home := range append([]string{s.Home}, relocated(dir, homes)...) {
		if home != "" && home != dir {
			errs = append(errs, removeChildren(home), removeIfEmpty(home))
		}
	}
	for _, name := range []string{stateName, stateName + ".new", "log"} {
		errs = append(errs, os.RemoveAll(filepath.Join(dir, name)))
	}
	return errors.Join(errs...)
}

// removeChildren ends orphans and removes the children's directories.
func removeChildren(home string) error {
	shards, err := filepath.Glob(filepath.Join(escapeGlob(home), "shard-*"))
	if err != nil {
		return err
	}
	var errs []error
	for _, shard := range shards {
		if err := recoverShard(context.Background(), shard); err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, os.RemoveAll(shard))
	}
	for _, name := range []string{"redis", "run"} {
		errs = append(errs, os.RemoveAll(filepath.Join(home, name)))
	}
	return errors.Join(errs...)
}

func removeIfEmpty(dir string) error {
	err := os.Remove(dir)
	if entries, readErr := os.ReadDir(dir); readErr == nil && len(entries) > 0 || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// sweepEphemeral removes the directories of ephemeral clusters whose process was
// killed. A young one may belong to a process that is about to lock it.
func sweepEphemeral(bases []string) {
	for _, base := range bases {
		locks, _ := filepath.Glob(filepath.Join(escapeGlob(base), ephemeralPrefix+"*", lockName))
		for _, path := range locks {
			info, err := os.Stat(path)
			if err != nil || !isOurs(info) || time.Since(info.ModTime()) < time.Minute {
				continue
			}
			dir := filepath.Dir(path)
			held, err := acquireLock(dir)
			if err != nil {
				continue
			}
			if removeChildren(dir) == nil {
				_ = os.RemoveAll(dir)
			}
			held.release()
		}
	}
}

func isOurs(info os.FileInfo) bool {
	uid, _ := ownerOf(info)
	return uid == os.Geteuid()
}

// escapeGlob makes a path stand for itself in a glob pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
