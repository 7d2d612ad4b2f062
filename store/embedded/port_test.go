package embedded

import (
	"fmt"
	"net"
	"runtime"
	"testing"
)

func listen(t *testing.T, address string) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

func TestPortOfTheLastRunIsTaken(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Redis = true
	c := start(t, o)
	ports := c.state.Ports
	stop(t, c)
	for _, port := range ports {
		// Where this fails it is taken already.
		if listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			defer listener.Close()
		}
	}
	for n, port := range start(t, o).state.Ports {
		if port == ports[n] {
			t.Errorf("port %d is somebody else's", port)
		}
	}
}

// TestPortIsTakenInBetween takes a port after it was found free.
func TestPortIsTakenInBetween(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Redis = true
	taken := listen(t, "127.0.0.1:0")
	for _, redisOnly := range []bool{false, true} {
		asked := make(chan struct{}, portAttempts)
		o.Shards = 1
		if redisOnly {
			o.Shards = 0
		}
		o.pickPort = func(preferred int) (int, error) {
			asked <- struct{}{}
			if len(asked) <= 2 {
				return taken, nil
			}
			return freePort(preferred)
		}
		c := start(t, o)
		for _, port := range c.state.Ports {
			if port == taken {
				t.Error("the taken port is used")
			}
		}
		if len(asked) < 3 {
			t.Errorf("ports picked %d times", len(asked))
		}
		stop(t, c)
	}
}

func TestPortIsNeverFree(t *testing.T) {
	t.Parallel()
	o := options(t)
	taken := listen(t, "127.0.0.1:0")
	o.pickPort = func(int) (int, error) { return taken, nil }
	wantText(t, startError(t, o), "shard-0", "could not bind", "log/shard-0.log")
}

// TestListensOnLoopbackOnly takes the ports on another address, which would not
// be possible if anything listened on all of them.
func TestListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has 127.0.0.2 by default")
	}
	o := options(t)
	o.Redis = true
	c := start(t, o)
	if len(c.state.Ports) != 2 {
		t.Fatalf("ports %v", c.state.Ports)
	}
	for _, port := range c.state.Ports {
		listen(t, fmt.Sprintf("127.0.0.2:%d", port))
	}
}
