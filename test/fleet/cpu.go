package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc/PID/stat; Linux shows hundredths of a second everywhere.
const tick = 10 * time.Millisecond

// CPU is the time that processes and their children have used, in user and system mode. Children that have
// ended are included once their parent has waited for them. That one of the processes is gone is an
// error. Linux only.
func CPU(pids ...int) (total time.Duration, err error) {
	entries, err := os.ReadDir("/proc") // not every kernel keeps a list of a process' children
	if err != nil {
		return 0, err
	}
	found := 0
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue // no process
		}
		s, err := readStat(pid)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return 0, err
		}
		isOurs := slices.Contains(pids, pid)
		if isOurs {
			found++
		}
		if isOurs || slices.Contains(pids, s.parent) {
			total += s.own() + s.ended
		}
	}
	if found < len(pids) {
		return 0, fmt.Errorf("read the processor time of %v: %w", pids, errGone)
	}
	return total, nil
}

var errGone = errors.New("the process is gone")

// stat is what /proc tells of a process.
type stat struct {
	dir         string
	parent      int
	used, ended time.Duration // itself, and those of its children that have ended
	threads     int64
}

func readStat(pid int) (s stat, err error) {
	s.dir = filepath.Join("/proc", strconv.Itoa(pid))
	b, err := os.ReadFile(filepath.Join(s.dir, "stat"))
	if err != nil {
		return s, err
	}
	// The command's name may hold anything; what follows its last parenthesis is numbers.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	const ppid, utime, threads = 1, 11, 17
	if len(fields) <= threads {
		return s, errGone
	}
	var n [6]int64
	for i, at := range []int{ppid, utime, utime + 1, utime + 2, utime + 3, threads} {
		if n[i], err = strconv.ParseInt(fields[at], 10, 64); err != nil {
			return s, fmt.Errorf("read %s/stat: %w", s.dir, err)
		}
	}
	s.parent, s.used, s.ended, s.threads = int(n[0]), time.Duration(n[1]+n[2])*tick, time.Duration(n[3]+n[4])*tick, n[5]
	return s, nil
}

// own is what the process has used itself. Of one with a single thread, such as Postgres', the scheduler
// tells the nanoseconds, where the kernel has that.
func (s *stat) own() time.Duration {
	if s.threads != 1 {
		return s.used
	}
	b, err := os.ReadFile(filepath.Join(s.dir, "schedstat"))
	if err != nil {
		return s.used
	}
	first, _, _ := strings.Cut(string(b), " ")
	if n, err := strconv.ParseInt(first, 10, 64); err == nil {
		return time.Duration(n)
	}
	return s.used
}
