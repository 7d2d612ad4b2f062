package guide

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"backline/graph/codegen/codegentest"
)

// patience bounds the start and the end of a server.
const patience = 5 * time.Minute

// server is the project's binary, running.
type server struct {
	command *exec.Cmd
	url     string
	log     *log
	ended   chan error
}

// log keeps what a server prints, and finds where it serves.
type log struct {
	mu     sync.Mutex
	text   bytes.Buffer
	url    string
	serves chan struct{}
}

var serving = regexp.MustCompile(`"url":"([^"]+)"`)

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(b)
	if m := serving.FindSubmatch(l.text.Bytes()); m != nil && l.url == "" {
		l.url = string(m[1])
		close(l.serves)
	}
	return len(b), nil
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// goRun does what `go run .` does, with the data in a folder of the test.
func goRun(t *testing.T, dir, data string) *server {
	t.Helper()
	binary := data + ".backline" // the same each time: it is large
	codegentest.MustGo(t, dir, nil, "build", "-o", binary, ".")
	s := &server{log: &log{serves: make(chan struct{})}, ended: make(chan error, 1)}
	s.command = exec.CommandContext(context.WithoutCancel(t.Context()), binary)
	s.command.Dir = dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "BACKLINE_") { // settings of whoever runs this
			s.command.Env = append(s.command.Env, v)
		}
	}
	s.command.Env = append(s.command.Env, "BACKLINE_ADDR=127.0.0.1:0", "BACKLINE_ADMIN_ADDR=127.0.0.1:0",
		"BACKLINE_DATA_DIR="+data, "BACKLINE_LOG=json", "BACKLINE_REQUEST_TIMEOUT=1m")
	s.command.Stdout, s.command.Stderr = s.log, s.log
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.command.Wait() }()
	select {
	case <-s.log.serves:
		s.url = s.log.url
	case err := <-s.ended:
		t.Fatalf("the server ended: %v\n%s", err, s.log)
	case <-time.After(patience):
		s.stop(t)
		t.Fatalf("the server does not serve\n%s", s.log)
	}
	return s
}

// stop ends the server as Ctrl-C does.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
		t.Errorf("stop the server: %v", err)
	}
	select {
	case err := <-s.ended:
		if err != nil {
			t.Errorf("the server ended with %v\n%s", err, s.log)
		}
	case <-time.After(patience):
		_ = s.command.Process.Kill() // what is wrong is said below
		t.Errorf("the server does not end\n%s", s.log)
	}
}

// ask gives the answer to a query.
func (s *server) ask(t *testing.T, query string) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
