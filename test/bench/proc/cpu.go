package proc

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

// CPU is the time that processes and their children have used, in user and system mode. Children
// that have ended are included once their parent has waited for them.
func CPU(pids ...int) (time.Duration, error) {
	var total time.Duration
	for _, pid := range pids {
		own, ended, err := times(pid)
		if err != nil {
			return 0, err
		}
		total += own + ended
		children, err := childrenOf(pid)
		if err != nil {
			return 0, err
		}
		for _, child := range children {
			own, ended, err := times(child)
			if errors.Is(err, fs.ErrNotExist) {
				continue // it has just ended
			}
			if err != nil {
				return 0, err
			}
			total += own + ended
		}
	}
	return total, nil
}

// times are what a process has used itself, and what its ended children had.
func times(pid int) (own, ended time.Duration, err error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	b, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return 0, 0, err
	}
	// The command's name may hold anything; what follows its last parenthesis is numbers.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 18 {
		return 0, 0, fmt.Errorf("read %s/stat: %q", dir, b)
	}
	const utime, threads = 11, 17
	var t [4]time.Duration // user, system, and those of ended children
	for i := range t {
		n, err := strconv.ParseInt(fields[utime+i], 10, 64)
		if err != nil {
			return 0, 0, err
		}
		t[i] = time.Duration(n) * tick
	}
	own, ended = t[0]+t[1], t[2]+t[3]
	if fields[threads] != "1" {
		return own, ended, nil
	}
	// Of a process with one thread, such as Postgres', the scheduler tells the nanoseconds.
	if b, err = os.ReadFile(filepath.Join(dir, "schedstat")); err != nil {
		return own, ended, nil //nolint:nilerr // not all kernels have it
	}
	if first, _, ok := strings.Cut(string(b), " "); ok {
		if n, err := strconv.ParseInt(first, 10, 64); err == nil {
			own = time.Duration(n)
		}
	}
	return own, ended, nil
}

// childrenOf looks through all processes; not every kernel keeps a list of a process' children.
func childrenOf(pid int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	parent := strconv.Itoa(pid)
	var children []int
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue // no process
		}
		b, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue // it has just ended
		}
		if fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])); len(fields) > 1 && fields[1] == parent {
			children = append(children, child)
		}
	}
	return children, nil
}
