package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// scratchPrefix begins the names of directories in the cache that are not ready.
const scratchPrefix = "new-"

// makeOpen makes dir and its parents so that the children's user can pass
// through them, whatever the umask says. What exists already is left as it is.
func (id identity) makeOpen(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := id.makeOpen(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if id.credential == nil {
		return nil
	}
	return os.Chmod(dir, 0o755)
}

// accept reports whether the children's user can be given directories in dir:
// the way there is open, and the file system knows owners.
func (id identity) accept(dir string) error {
	if err := id.makeOpen(dir); err != nil {
		return err
	}
	if err := id.enter(dir); err != nil {
		return err
	}
	probe, err := os.MkdirTemp(dir, scratchPrefix)
	if err != nil {
		return err
	}
	return errors.Join(id.own(probe), os.Remove(probe))
}

// homeDir says where the children's directories lie: in dir, unless their user
// may not go there. Then it is a directory of root's below one of the homes,
// named after dir, and the reason is returned as well.
func (id identity) homeDir(dir string, homes []string) (home string, reason error, err error) {
	reason = id.accept(dir)
	if reason == nil {
		return dir, nil, nil
	}
	for _, home := range relocated(dir, homes) {
		if id.accept(home) == nil {
			return home, reason, nil
		}
	}
	return "", nil, fmt.Errorf("keep shards in %s: %w; choose a data directory that this user can reach, such as /var/lib/backline", dir, reason)
}

// relocated lists where dir's children may lie if not in dir.
func relocated(dir string, homes []string) []string {
	sum := sha256.Sum256([]byte(dir))
	var dirs []string
	for _, base := range homes {
		dirs = append(dirs, filepath.Join(base, hex.EncodeToString(sum[:6])))
	}
	return dirs
}

// temporaryDir makes the directory of an ephemeral cluster.
func (id identity) temporaryDir(bases []string) (string, error) {
	var reasons []error
	for _, base := range bases {
		if err := id.enter(base); err != nil {
			reasons = append(reasons, err)
			continue
		}
		dir, err := os.MkdirTemp(base, ephemeralPrefix)
		if err != nil {
			reasons = append(reasons, err)
			continue
		}
		if id.credential == nil {
			return dir, nil
		}
		return dir, os.Chmod(dir, 0o711)
	}
	return "", fmt.Errorf("make temporary directory: %w", errors.Join(reasons...))
}

// cacheDir picks the directory for what is made once per version: the user's
// cache, else one in the data directory, else one in the temporary directory.
func (id identity) cacheDir(p places, home string) (string, error) {
	candidates := append([]string(nil), p.caches...)
	if home != "" {
		candidates = append(candidates, filepath.Join(home, "cache"))
	}
	for _, base := range p.temporary {
		candidates = append(candidates, filepath.Join(base, "backline-cache-"+strconv.Itoa(os.Geteuid())))
	}
	var reasons []error
	for _, dir := range candidates {
		err := errors.Join(id.accept(dir), trust(dir))
		if err == nil {
			return dir, nil
		}
		reasons = append(reasons, err)
	}
	return "", fmt.Errorf("choose cache directory: %w", errors.Join(reasons...))
}

// trust refuses a directory that another user could have prepared for us: what
// is in the cache is run.
func trust(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	uid, _ := ownerOf(info)
	if !info.IsDir() || uid != os.Geteuid() || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a directory that only this user writes to", dir)
	}
	return nil
}
