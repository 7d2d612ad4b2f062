package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// lifelineScript waits for the end of its input and then ends the child.
const lifelineScript = `while read -r _; do :; done
kill -"$2" "$1" 2>/dev/null || exit 0
sleep 3
kill -KILL "$1" 2>/dev/null`

// lifeline ties a child to this process where the kernel cannot: a shell reads a
// pipe whose other end only we hold. When we die the kernel closes it, and the
// shell sends the signal, and three seconds later the last one.
func (s *spawner) lifeline(pid int, deathSignal syscall.Signal) (release func(), err error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open lifeline: %w", err)
	}
	defer reader.Close()
	watchdog := exec.Command("/bin/sh", "-c", lifelineScript, "backline-lifeline",
		strconv.Itoa(pid), strconv.Itoa(int(deathSignal)))
	watchdog.Stdin = reader
	watchdog.Dir = "/"
	watchdog.Env = childEnvironment()
	watchdog.SysProcAttr = &syscall.SysProcAttr{Credential: s.identity.credential, Setpgid: true}
	if err := watchdog.Start(); err != nil {
		writer.Close()
		return nil, fmt.Errorf("start lifeline: %w", err)
	}
	return func() {
		// In this order: the closing pipe would make it signal a number that
		// may by now be another process.
		_ = watchdog.Process.Kill()
		_ = watchdog.Wait()
		writer.Close()
	}, nil
}
