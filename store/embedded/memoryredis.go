package embedded

import (
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// memoryRedisTick is how coarse the TTLs of the stand-in are.
const memoryRedisTick = 50 * time.Millisecond

// memoryRedis stands in for Redis inside this process where none is installed.
type memoryRedis struct {
	server   *miniredis.Miniredis
	password string
	stopped  chan struct{}
	ticking  chan struct{} // closed when the ticker has ended
}

func startMemoryRedis(password string, now func() time.Time) (*memoryRedis, error) {
	m := &memoryRedis{
		server: miniredis.NewMiniRedis(), password: password,
		stopped: make(chan struct{}), ticking: make(chan struct{}),
	}
	m.server.RequireAuth(password)
	if err := m.server.Start(); err != nil {
		return nil, fmt.Errorf("start redis in this process: %w", err)
	}
	go m.tick(now)
	return m, nil
}

// tick lets time pass: the TTLs of miniredis do not run by themselves.
func (m *memoryRedis) tick(now func() time.Time) {
	defer close(m.ticking)
	ticker := time.NewTicker(memoryRedisTick)
	defer ticker.Stop()
	last := now()
	for {
		select {
		case <-m.stopped:
			return
		case <-ticker.C:
			at := now()
			m.server.FastForward(at.Sub(last))
			last = at
		}
	}
}

func (m *memoryRedis) stop() {
	close(m.stopped)
	<-m.ticking
	m.server.Close()
}

func (m *memoryRedis) url() string { return redisURL(m.password, m.server.Addr()) }
