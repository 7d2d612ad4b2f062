package embedded

import (
	"os"
	"syscall"
)

// memoryDirs lists a directory in memory where there is room for test databases,
// unless TMPDIR says where temporary files belong. Containers often have 64 MB,
// which is not enough.
func memoryDirs() []string {
	const dir, room = "/dev/shm", 2 << 30
	var stat syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(dir, &stat) != nil || stat.Bavail*uint64(stat.Bsize) < room {
		return nil
	}
	return []string{dir}
}
