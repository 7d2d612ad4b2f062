package fleet

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc/PID/stat; Linux shows hundredths of a second everywhere.
const tick = 10 * time.Millisecond

// CPU is the time that processes and their children have used, in user and system mode, those that have
// ended among them. Linux only.
func CPU(pids ...int) (total time.Duration, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue // no process
		}
		parent, own, ended, err := times(pid)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return 0, err
		}
		for _, of := range pids {
			if pid == of || parent == of {
				total += own + ended
			}
		}
	}
	return total, nil
}

var errGone = errors.New("the process is gone")

// times are what a process has used itself, and what those of its children had that have ended.
func times(pid int) (parent int, own, ended time.Duration, err error) {
	path := filepath.Join("/proc", strconv.Itoa(pid), "stat")
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, 0, err
	}
	// The command's name may hold anything; what follows its last parenthesis is numbers.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 15 {
		return 0, 0, 0, errGone
	}
	const ppid, utime = 1, 11
	var numbers [5]int64
	for i, at := range []int{ppid, utime, utime + 1, utime + 2, utime + 3} {
		if numbers[i], err = strconv.ParseInt(fields[at], 10, 64); err != nil {
			return 0, 0, 0, fmt.Errorf("read %s: %w", path, err)
		}
	}
	return int(numbers[0]), time.Duration(numbers[1]+numbers[2]) * tick, time.Duration(numbers[3]+numbers[4]) * tick, nil
}
