package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// HeldError is returned by Start when another live process holds the directory.
type HeldError struct {
	Dir string
	// PID and Command are those of the holder; 0 and "" when it has not written
	// them yet.
	PID     int
	Command string
}

func (e *HeldError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("data directory %s is in use by another process; stop it or choose another data directory", e.Dir)
	}
	return fmt.Sprintf("data directory %s is in use by process %d (%s); stop it or choose another data directory", e.Dir, e.PID, e.Command)
}

const lockName = "lock"

// lock is held for as long as the file is open: the kernel lets go of it when
// the process dies, however it dies, so there is no stale lock. Children do not
// inherit it.
type lock struct{ file *os.File }

// acquireLock locks dir or returns a *HeldError. A holder that has not written
// its name yet, or is dead, is in the middle of something: a moment later there is
// a name, or no holder.
func acquireLock(ctx context.Context, dir string) (l *lock, err error) {
	waitUntil(ctx, time.Second, func() bool {
		l, err = tryLock(dir)
		var held *HeldError
		return !errors.As(err, &held) || held.PID != 0 && !errors.Is(syscall.Kill(held.PID, 0), syscall.ESRCH)
	})
	return l, err
}

// tryLock is one attempt.
func tryLock(dir string) (*lock, error) {
	path := filepath.Join(dir, lockName)
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, fmt.Errorf("open lock: %w", err)
		}
		if err := flock(file); err != nil {
			defer file.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, heldBy(dir, file)
			}
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		// Whoever removed the directory in between left us a lock on nothing.
		if !sameFile(file, path) {
			file.Close()
			if _, err := os.Stat(dir); err != nil {
				return nil, fmt.Errorf("open lock: %w", err)
			}
			continue
		}
		l := &lock{file: file}
		if err := l.sign(); err != nil {
			l.release()
			return nil, fmt.Errorf("write lock: %w", err)
		}
		return l, nil
	}
}

func flock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func sameFile(file *os.File, path string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	theirs, err := os.Stat(path)
	return err == nil && os.SameFile(ours, theirs)
}

// sign says who holds the lock, for the error that the next one gets.
func (l *lock) sign() error {
	command := strings.Join(os.Args, " ")
	if len(command) > 200 {
		command = command[:200] + "…"
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%d\n%s\n", os.Getpid(), command), 0)
	return err
}

func heldBy(dir string, file *os.File) error {
	held := &HeldError{Dir: dir}
	if text, err := io.ReadAll(file); err == nil {
		fmt.Sscan(string(text), &held.PID)
		if _, command, ok := strings.Cut(string(text), "\n"); ok {
			held.Command = strings.TrimSpace(command)
		}
	}
	return held
}

// release lets the next process in. The file stays: removing it would let two
// processes hold two different files of the same name.
func (l *lock) release() {
	_ = l.file.Truncate(0)
	// Closing alone would not do: a process that is being forked by another
	// goroutine has the file too, until it runs its program.
	_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN)
	_ = l.file.Close()
}
