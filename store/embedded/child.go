package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// child is one running process and the file it writes to.
type child struct {
	name string
	cmd  *exec.Cmd
	log  *logFile
	// ended is closed after the process has ended; state may be read from then on.
	ended chan struct{}
	state error
}

// spawn starts cmd with its output in log.
func (s *spawner) spawn(name string, cmd *exec.Cmd, log *logFile, deathSignal syscall.Signal) (*child, error) {
	out, err := log.open()
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	release, err := s.start(cmd, deathSignal)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c := &child{name: name, cmd: cmd, log: log, ended: make(chan struct{})}
	go func() {
		c.state = cmd.Wait()
		release()
		close(c.ended)
	}()
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

func (c *child) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// deathError describes an end nobody asked for, with the last lines it wrote.
func (c *child) deathError() error {
	how := "exit status 0"
	if c.state != nil {
		how = c.state.Error()
	}
	return fmt.Errorf("%s (pid %d) ended by itself: %s%s", c.name, c.pid(), how, c.log.tail())
}

// until polls a condition until it holds, the child has ended, or ctx has.
func (c *child) until(ctx context.Context, holds func() bool) error {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		if holds() {
			return nil
		}
		select {
		case <-c.ended:
			return c.deathError()
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w%s", c.name, context.Cause(ctx), c.log.tail())
		case <-ticker.C:
		}
	}
}

// step is one way to ask a process to end, and how long it may take its time.
type step struct {
	signal   syscall.Signal
	patience time.Duration
}

// end goes through the steps until the child has ended, and returns how many it
// took. A cancelled ctx skips what is left of a step's patience.
func (c *child) end(ctx context.Context, steps ...step) (taken int, err error) {
	for n, s := range steps {
		if err := c.cmd.Process.Signal(s.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return n, fmt.Errorf("signal %s: %w", c.name, err)
		}
		timer := time.NewTimer(s.patience)
		select {
		case <-c.ended:
			timer.Stop()
			return n + 1, nil
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	select {
	case <-c.ended:
		return len(steps), nil
	case <-time.After(time.Minute): // after SIGKILL, so the machine is very busy
		return len(steps), fmt.Errorf("end %s: process %d is still there", c.name, c.pid())
	}
}

// logFile is what one child writes, over all attempts to start it in this run.
type logFile struct {
	path string
	// start of what the present attempt wrote.
	start int64
}

// newLogFile puts the log of the previous run aside as NAME.old.
func newLogFile(path string) (*logFile, error) {
	if err := os.Rename(path, path+".old"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("put log aside: %w", err)
	}
	return &logFile{path: path}, nil
}

func (l *logFile) open() (*os.File, error) {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("open log: %w", err)
	}
	l.start = info.Size()
	return file, nil
}

// text is what the present attempt wrote, at most its last 64 KiB.
func (l *logFile) text() string {
	file, err := os.Open(l.path)
	if err != nil {
		return ""
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return ""
	}
	from := max(l.start, info.Size()-64<<10)
	text := make([]byte, info.Size()-from)
	n, _ := file.ReadAt(text, from)
	return string(text[:n])
}

// tail is the end of the log as an error message carries it, "" when it is empty.
func (l *logFile) tail() string {
	lines := strings.Split(strings.TrimSpace(l.text()), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	if len(lines) > 12 {
		lines = lines[len(lines)-12:]
	}
	return "; the end of " + l.path + ":\n  " + strings.Join(lines, "\n  ")
}
