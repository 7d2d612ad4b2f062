package abuse

import (
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"backline/store/storetest"
)

// TestNothingIsLeft sends all cases many times over, several at once, some with the client gone
// before the answer, and sees that neither goroutines nor memory are left of it.
func TestNothingIsLeft(t *testing.T) { //nolint:paralleltest // it measures the process
	c := storetest.NewCluster(t, 1)
	s := serve(t, c, nil)
	cases := read(t)
	flood := func(rounds int) {
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for i := range rounds * len(cases) {
					a := cases[(i+worker*len(cases)/4)%len(cases)]
					if i%5 == worker {
						s.leave(t, a.wire)
						continue
					}
					s.send(t, a.wire)
				}
			})
		}
		wg.Wait()
	}
	flood(1) // pools and caches take their size
	goroutines, heap := settled(t, 0)
	flood(4)
	after, heapAfter := settled(t, goroutines)
	t.Logf("goroutines %d and %d, heap %d and %d KiB", goroutines, after, heap>>10, heapAfter>>10)
	if heapAfter > heap+8<<20 {
		t.Errorf("%d KiB are kept", (heapAfter-heap)>>10)
	}
}

// leave sends a request and hangs up.
func (s *target) leave(t *testing.T, wire []byte) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.addr)
	if err != nil {
		t.Error(err)
		return
	}
	conn.Write(wire)
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// tolerance is for what a library keeps for a while. What one case leaves behind comes to sixteen.
const tolerance = 8

// settled waits until there are as many goroutines as before, or as few as there will be, and tells
// them and the heap in use.
func settled(t *testing.T, before int) (goroutines int, heap int64) {
	t.Helper()
	var m runtime.MemStats
	least, since := runtime.NumGoroutine(), time.Now()
	for deadline := time.Now().Add(3 * time.Minute); ; <-time.After(10 * time.Millisecond) {
		n := runtime.NumGoroutine()
		if n < least {
			least, since = n, time.Now()
		}
		if before > 0 && n <= before+tolerance || before == 0 && time.Since(since) > time.Second {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", n, before)
		}
	}
	runtime.GC()
	runtime.GC() // pools give up what they hold with the second
	runtime.ReadMemStats(&m)
	return runtime.NumGoroutine(), int64(m.HeapAlloc)
}
