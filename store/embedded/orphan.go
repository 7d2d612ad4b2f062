package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// recoverShard makes a data directory fit to start after any kind of end. We
// hold the lock of the directory, so whatever still runs in it is an orphan of a
// server that was killed: it is told to end and waited for. A postmaster.pid
// whose number meanwhile belongs to another process, as in a container where
// numbers are small, would make Postgres refuse, so it is removed.
func recoverShard(ctx context.Context, dataDir string) error {
	pidFile := filepath.Join(dataDir, "postmaster.pid")
	pid, ok := readPID(pidFile)
	if !ok {
		return nil
	}
	if err := endOrphans(ctx, dataDir, pid, []step{
		// It got its parent-death signal; it may need a moment.
		{0, time.Second}, {syscall.SIGQUIT, 2 * time.Second}, {syscall.SIGKILL, 2 * time.Second},
	}); err != nil {
		return fmt.Errorf("recover %s: %w", dataDir, err)
	}
	// A process that has just ended may still be waiting to be collected.
	if waitUntil(ctx, 200*time.Millisecond, func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }) {
		// Postgres sees this by itself, and by its file finds the shared memory
		// that the other left.
		return nil
	}
	if err := os.Remove(pidFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("recover %s: %w", dataDir, err)
	}
	return nil
}

// endOrphans takes the steps until no Postgres process works in dataDir.
func endOrphans(ctx context.Context, dataDir string, postmaster int, steps []step) error {
	for _, s := range steps {
		for _, orphan := range postgresIn(dataDir, postmaster) {
			_ = syscall.Kill(orphan, s.signal)
		}
		if waitUntil(ctx, s.patience, func() bool { return len(postgresIn(dataDir, postmaster)) == 0 }) {
			return nil
		}
	}
	return fmt.Errorf("processes %v of a previous run do not end", postgresIn(dataDir, postmaster))
}

// readPID reads the first line of a postmaster.pid.
func readPID(path string) (int, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	return pid, err == nil && pid > 0
}

// waitUntil polls a condition; it returns whether it came to hold in time.
func waitUntil(ctx context.Context, patience time.Duration, holds func() bool) bool {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		if holds() {
			return true
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			return holds()
		case <-ctx.Done():
			return holds()
		}
	}
}
