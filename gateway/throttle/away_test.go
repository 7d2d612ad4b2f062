package throttle

import (
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Redis that is gone, or hangs, costs one call its timeout. From then on each instance gives its part
// of the budget without asking, until Redis is back.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ lose, regain func(s *server) }{
		"stopped": {func(s *server) { s.kill() }, func(s *server) { s.start() }},
		"paused":  {func(s *server) { s.signal(syscall.SIGSTOP) }, func(s *server) { s.signal(syscall.SIGCONT) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startRedis(t)
			var log text
			const timeout = 5 * time.Second // a Redis that is there answers within it, on a busy machine too
			client := s.client()
			l := limiter(t, client, "default=1000/1", func(o *Options) {
				stopped(o)
				o.Instances, o.Timeout, o.Log = 4, timeout, slog.New(slog.NewTextHandler(&log, nil))
			})
			before := l.Account("v:before", "")
			if !take(t, before, 800*Point).OK {
				t.Fatal("refused")
			}
			c.lose(s)
			calls := client.calls.Load()
			a, spent := l.Account("v:1", ""), 0
			for take(t, a, 10*Point).OK {
				spent += 10
			}
			if !l.Away() || spent != 250 {
				t.Errorf("without Redis it gives %d points, away %v", spent, l.Away())
			}
			// One that is known goes on with its part of what was left, beside what is leased.
			spent = 0
			for take(t, before, Point).OK {
				spent++
			}
			if spent < 64 || spent > 66 { // 20 leased, 180 / 4
				t.Errorf("the rest of a budget is %d points", spent)
			}
			for range 1000 {
				take(t, l.Account("v:2", ""), Point)
			}
			if n := client.calls.Load() - calls; n != 1 {
				t.Errorf("Redis was asked %d times, not once", n)
			}
			l.sweep() // it asks, and goes on alone
			if !l.Away() {
				t.Error("it takes Redis for back")
			}
			c.regain(s)
			await(t, "Redis to be back", func() bool { l.sweep(); return !l.Away() })
			began := time.Now()
			spent = 0
			b := l.Account("v:3", "")
			for take(t, b, 10*Point).OK {
				spent += 10
			}
			if spent < 1000 || spent > 1000+back(began) || l.Away() {
				t.Errorf("with Redis again it gives %d points, away %v", spent, l.Away())
			}
			if got := log.String(); strings.Count(got, "level=WARN") != 1 || strings.Count(got, "level=INFO") != 1 {
				t.Errorf("logged %s", got)
			}
		})
	}
}

// The sweeps that a limiter runs by itself find Redis again and return leases.
func TestSweepsByThemselves(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	l := limiter(t, s.client(), "default=1000/1", func(o *Options) { o.Sweep, o.Timeout = 10*time.Millisecond, 5*time.Second })
	a := l.Account("v:1", "")
	take(t, a, Point)
	await(t, "the lease to be returned", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.lease == 0
	})
	s.kill()
	await(t, "Redis to be lost", func() bool { take(t, l.Account("v:2", ""), 30*Point); return l.Away() })
	s.start()
	await(t, "Redis to be back", func() bool { return !l.Away() })
}

// text collects a log.
type text struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *text) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *text) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
