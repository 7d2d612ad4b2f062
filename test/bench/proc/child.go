package proc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Child is a server that was started.
type Child struct {
	Name string
	PID  int

	cmd    *exec.Cmd
	log    *os.File
	exited chan error
}

// Start starts a command whose output goes to a file in dir. If this process dies, so does it.
func Start(dir, name string, cmd *exec.Cmd) (*Child, error) {
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), log.Close())
	}
	c := &Child{Name: name, PID: cmd.Process.Pid, cmd: cmd, log: log, exited: make(chan error, 1)}
	go func() { c.exited <- cmd.Wait() }()
	return c, nil
}

// Ready waits until the server listens.
func (c *Child) Ready(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case err := <-c.exited:
			c.exited <- err
			return fmt.Errorf("%s ended (%v): %s", c.Name, err, c.tail())
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen on %s: %s", c.Name, addr, c.tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// tail is the end of what the server has written.
func (c *Child) tail() string {
	b, _ := os.ReadFile(c.log.Name())
	return string(b[max(0, len(b)-2000):])
}

// Stop ends the server, by force if it does not follow.
func (c *Child) Stop() error {
	err := c.cmd.Process.Signal(syscall.SIGTERM)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	select {
	case <-c.exited:
	case <-time.After(5 * time.Second):
		err = errors.Join(err, c.cmd.Process.Kill())
		<-c.exited
	}
	return errors.Join(err, c.log.Close())
}

// FreeAddr is an address on loopback that nobody listens on.
func FreeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
