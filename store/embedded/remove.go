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
			errs = append(errs, removeChildren(home))
			if err := os.Remove(filepath.Join(home, ownerName)); err == nil {
				errs = append(errs, os.Remove(home))
			}
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
			held, err := tryLock(dir)
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

// ownerName is a file in a home that is not the data directory itself, and holds
// the path of the data directory.
const ownerName = "data-directory"

// sweepHomes removes the homes of data directories that were temporary and are
// gone, as those of tests are. Of others it cannot tell: the directory may be on
// a disk that is not mounted now.
func sweepHomes(p places) {
	for _, base := range p.homes {
		owners, _ := filepath.Glob(filepath.Join(escapeGlob(base), "*", ownerName))
		for _, owner := range owners {
			dir, err := os.ReadFile(owner)
			if err != nil || !below(string(dir), p.scratch()) {
				continue
			}
			home := filepath.Dir(owner)
			if _, err := os.Stat(string(dir)); errors.Is(err, os.ErrNotExist) && !isServed(home) {
				_ = os.RemoveAll(home)
			}
		}
	}
}

func below(dir string, bases []string) bool {
	for _, base := range bases {
		if relative, err := filepath.Rel(base, dir); err == nil && filepath.IsLocal(relative) {
			return true
		}
	}
	return false
}

// isServed reports whether a Postgres runs on one of the shards in home.
func isServed(home string) bool {
	shards, _ := filepath.Glob(filepath.Join(escapeGlob(home), "shard-*"))
	for _, shard := range shards {
		if pid, ok := readPID(filepath.Join(shard, "postmaster.pid")); ok && len(postgresIn(shard, pid)) > 0 {
			return true
		}
	}
	return false
}

func isOurs(info os.FileInfo) bool {
	uid, _ := ownerOf(info)
	return uid == os.Geteuid()
}

// escapeGlob makes a path stand for itself in a glob pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
