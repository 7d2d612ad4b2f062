package abuse

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"backline/gateway"
	"backline/store/storetest"
)

// patience is how long the servers of these tests wait; what they wait for never comes.
const patience = time.Second

func impatient(c *gateway.Config, s *http.Server) {
	c.Limits.Timeout = patience
	c.Development = true
	s.ReadHeaderTimeout = patience
	s.WriteTimeout = 10 * patience
}

// dial opens a connection that the test gives up after a while, if the server does not.
func (s *target) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// drip writes a text again and again until the server hangs up.
func drip(ctx context.Context, conn net.Conn, text string) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	s := serve(t, storetest.NewCluster(t, 1), impatient)
	for name, start := range map[string]string{
		"nothing":      "",
		"half a line":  "POST /graphql HT",
		"drop by drop": "POST /graphql HTTP/1.1\r\nHost: a\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := s.dial(t)
			if _, err := io.WriteString(conn, start); err != nil {
				t.Fatal(err)
			}
			if name == "drop by drop" {
				go drip(t.Context(), conn, "X: y\r\n")
			}
			if rest, err := io.ReadAll(conn); isTimeout(err) || strings.Contains(string(rest), "200 OK") {
				t.Errorf("the server still waits: %q, %v", rest, err)
			}
		})
	}
}

func TestSlowBodies(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t, 1)
	s := serve(t, c, impatient)
	for name, request := range map[string]struct{ head, drop string }{
		"nothing":      {"Content-Length: 1000\r\n\r\n", ""},
		"half":         {"Content-Length: 1000\r\n\r\n{\"query\":\"s3cret", ""},
		"drop by drop": {"Content-Length: 100000\r\n\r\n{\"query\":\"{genres{totalCount}}\"", " "},
		"for another":  {"Accept: text/html\r\nContent-Length: 1000\r\n\r\n", ""},
		"too large":    {"Content-Length: 200000\r\n\r\n", ""},
		"in pieces":    {"Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := s.dial(t)
			head := "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + request.head
			if _, err := io.WriteString(conn, head); err != nil {
				t.Fatal(err)
			}
			if request.drop != "" {
				go drip(t.Context(), conn, request.drop)
			}
			in := bufio.NewReader(conn)
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Fatal(err)
			}
			want := map[string]int{"for another": http.StatusNotAcceptable, "too large": http.StatusRequestEntityTooLarge}[name]
			if want == 0 {
				want = http.StatusRequestTimeout
			}
			if resp.StatusCode != want || strings.Contains(string(body), secret) {
				t.Errorf("got %d %s", resp.StatusCode, body)
			}
			if _, err := in.ReadByte(); err == nil || isTimeout(err) {
				t.Errorf("the connection is still there: %v", err)
			}
		})
	}
	t.Cleanup(func() {
		if n := c.Statements.Total(); n > 0 {
			t.Errorf("%d statements were run", n)
		}
	})
}

// A client that asks and never reads is hung up on, however much it asks for.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	s := serve(t, storetest.NewCluster(t, 1), impatient)
	conn := s.dial(t)
	request := post(nil, `{"query":"{__schema{types{name description fields{name description args{name description}}}}}"}`)
	start := time.Now()
	var err error
	for err == nil && time.Since(start) < 5*time.Minute { // the answers fill what the systems buffer
		_, err = conn.Write(request)
	}
	if err == nil || isTimeout(err) {
		t.Errorf("after %v the server still waits: %v", time.Since(start), err)
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// What stands behind a request on the same connection is a request of its own, or none at all: a
// body does not say otherwise than its length.
func TestPipelines(t *testing.T) {
	t.Parallel()
	s := serve(t, storetest.NewCluster(t, 1), nil)
	const good = `{"query":"{genres{totalCount}}"}`
	one := string(post(nil, good))
	for name, c := range map[string]struct {
		wire string
		want []int
	}{
		"two":                           {one + one, []int{200, 200}},
		"a short length":                {strings.Replace(one, "Content-Length: 32", "Content-Length: 31", 1) + one, []int{400, 400}},
		"a request in a body":           {string(post(nil, one)) + one, []int{400, 200}},
		"a request in a refused body":   {string(post([]string{"Content-Type: text/plain"}, one)) + one, []int{415, 200}},
		"a request in a body too large": {string(post(nil, strings.Repeat(one, 800))) + one, []int{413}},
		"pieces and a length":           {strings.Replace(one, "Content-Length: 32\r\n\r\n"+good, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n"+good+"\r\n0\r\n\r\n", 1) + one, []int{200, 200}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := s.dial(t)
			go io.WriteString(conn, c.wire+"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
			var got []int
			in := bufio.NewReader(conn)
			for {
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					break
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil {
					break
				}
				resp.Body.Close()
				got = append(got, resp.StatusCode)
			}
			if len(got) < len(c.want) || !equal(got[:len(c.want)], c.want) || len(got) > len(c.want)+1 {
				t.Errorf("got %v, want %v and at most one more", got, c.want)
			}
		})
	}
}

func equal(a, b []int) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}
