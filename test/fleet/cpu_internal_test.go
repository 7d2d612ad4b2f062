package fleet

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// TestCPU: what a child uses counts for its parent, before it ends and afterwards.
func TestCPU(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	used := func(pids ...int) time.Duration {
		t.Helper()
		n, err := CPU(pids...)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := used(os.Getpid())
	child := exec.CommandContext(t.Context(), "sh", "-c", "i=0; while :; do i=$((i+1)); done")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for used(child.Process.Pid) < 50*time.Millisecond || used(os.Getpid()) < before+50*time.Millisecond {
		runtime.Gosched()
	}
	running := used(child.Process.Pid)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()                                                            // it was killed
	if after := used(os.Getpid()); after < before+running-20*time.Millisecond { // two ticks
		t.Errorf("the parent has used %v, and had used %v before a child that used %v", after, before, running)
	}
	if n, err := CPU(child.Process.Pid); err == nil {
		t.Errorf("a process that is gone has used %v", n)
	}
}
