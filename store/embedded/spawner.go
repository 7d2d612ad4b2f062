package embedded

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// spawner starts every child from one operating system thread. Linux sends a
// child its parent-death signal when the thread that forked it ends, not the
// process, and the Go runtime ends threads as it likes unless they are locked.
type spawner struct {
	identity identity
	work     chan func()
	// lifelines starts a watchdog for each child, where the kernel has no
	// parent-death signal.
	lifelines bool
}

func newSpawner(id identity, lifelines bool) *spawner {
	s := &spawner{identity: id, work: make(chan func()), lifelines: lifelines || !hasParentDeathSignal}
	go func() {
		runtime.LockOSThread()
		// Unlocked again, the thread lives on after the goroutine.
		defer runtime.UnlockOSThread()
		for start := range s.work {
			start()
		}
	}()
	return s
}

// close ends the thread's duty; every child must have ended before.
func (s *spawner) close() { close(s.work) }

// start runs cmd as the children's user, in a process group of its own, so that
// Ctrl-C in a terminal reaches only the server, which drains before it stops
// them. When this process dies, however it dies, the child gets the signal
// deathSignal. The returned release must be called once the child has ended.
func (s *spawner) start(cmd *exec.Cmd, deathSignal syscall.Signal) (release func(), err error) {
	cmd.Dir = "/"
	cmd.Env = childEnvironment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.identity.credential, Setpgid: true}
	if !s.lifelines {
		setParentDeathSignal(cmd.SysProcAttr, deathSignal)
	}
	done := make(chan error)
	s.work <- func() { done <- cmd.Start() }
	if err := <-done; err != nil {
		return nil, err
	}
	if !s.lifelines {
		return func() {}, nil
	}
	release, err = s.lifeline(cmd.Process.Pid, deathSignal)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	return release, nil
}

// childEnvironment keeps nothing that could change what Postgres or Redis do
// (PGDATA, PGOPTIONS, LC_ALL), only what finds libraries.
func childEnvironment() []string {
	environment := []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}
