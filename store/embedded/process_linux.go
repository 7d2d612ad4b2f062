package embedded

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// postgresIn lists the live Postgres processes that work in dataDir: every one,
// postmaster or not, has its data directory as working directory.
func postgresIn(dataDir string, _ int) []int {
	real, err := filepath.EvalSymlinks(dataDir)
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		// Unreadable for a zombie and for processes of other users, which
		// cannot be ours. A developer's shell may stand there as well.
		if cwd, err := os.Readlink("/proc/" + entry.Name() + "/cwd"); err != nil || cwd != real {
			continue
		}
		exe, err := os.Readlink("/proc/" + entry.Name() + "/exe")
		if err == nil && strings.HasPrefix(filepath.Base(exe), "postgres") {
			pids = append(pids, pid)
		}
	}
	return pids
}
