package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience bounds the start of a process, on a machine that has much else to do.
const patience = 5 * time.Minute

// Server is one process of the server. All that is done to it is done from one goroutine at a time;
// its addresses may be asked for by all.
type Server struct {
	Name    string
	starter *starter
	binary  string
	args    []string
	env     []string
	log     *log
	process *process

	mu         sync.Mutex
	url, admin string
}

// URL is where it serves, HTTP and without a slash at the end. It is another one after each start.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// AdminURL is where its metrics are.
func (s *Server) AdminURL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.admin
}

// PID is that of its process.
func (s *Server) PID() int { return s.process.pid() }

// Log is the end of what it has written.
func (s *Server) Log() string { return s.log.String() }

// Start starts it, after Kill or Stop, and waits until it is ready.
func (s *Server) Start(ctx context.Context) error {
	cmd := exec.Command(s.binary, s.args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BACKLINE_") { // settings of whoever runs this
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, s.env...)
	places := s.log.places()
	var err error
	if s.process, err = s.starter.start(s.Name, cmd, s.log); err != nil {
		return err
	}
	select {
	case p := <-places:
		s.mu.Lock()
		s.url, s.admin = p[0], strings.TrimSuffix(p[1], "/metrics")
		s.mu.Unlock()
	case <-s.process.ended:
		return fmt.Errorf("start %s: it ended: %w\n%s", s.Name, errors.Join(s.process.err), s.log)
	case <-ctx.Done():
		s.process.kill()
		return fmt.Errorf("start %s: %w", s.Name, context.Cause(ctx))
	case <-time.After(patience):
		s.process.kill()
		return fmt.Errorf("start %s: it does not serve\n%s", s.Name, s.log)
	}
	err = until(ctx, s.process, func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/health/ready", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("it is not ready: %s", answer.Status)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("start %s: %w\n%s", s.Name, err, s.log)
	}
	return nil
}

// Kill ends it without a word.
func (s *Server) Kill() { s.process.kill() }

// Stop ends it as an operator does.
func (s *Server) Stop() error { return s.process.stop() }

// Pause freezes it in whatever it does.
func (s *Server) Pause() { s.process.signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (s *Server) Resume() { s.process.signal(syscall.SIGCONT) }

// until tries until it works, the process has ended, or patience has.
func until(ctx context.Context, p *process, try func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-p.ended:
			return fmt.Errorf("it has ended: %w", errors.Join(err, p.err))
		case <-ctx.Done():
			return err
		}
	}
}

// log keeps the end of what a process writes, and finds where it serves.
type log struct {
	mu      sync.Mutex
	text    []byte
	waiting chan [2]string
}

const logBytes = 64 << 10

func newLog() *log { return &log{} }

var serving = regexp.MustCompile(`"msg":"serving","url":"([^"]+)".*"metrics":"([^"]+)"`)

// places gives the URLs that are written from now on.
func (l *log) places() <-chan [2]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text, l.waiting = nil, make(chan [2]string, 1)
	return l.waiting
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	if l.waiting != nil {
		if m := serving.FindSubmatch(l.text); m != nil {
			l.waiting <- [2]string{string(m[1]), string(m[2])}
			l.waiting = nil
		}
	}
	if len(l.text) > 2*logBytes {
		l.text = bytes.Clone(l.text[len(l.text)-logBytes:])
	}
	return len(b), nil
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// AddFlags adds to its command line, from its next start on.
func (s *Server) AddFlags(flags ...string) { s.args = append(s.args, flags...) }

// Use makes it a server of another build, with more in its environment, from its next start on.
func (s *Server) Use(binary string, env ...string) {
	s.binary, s.env = binary, append(slices.Clone(s.env), env...)
}
