package gateway

import (
	"bytes"
	"net"
	"strings"
	"testing"
)

// recorder is a connection that remembers its writes.
type recorder struct {
	net.Conn
	writes []string
}

func (r *recorder) Write(p []byte) (int, error) {
	r.writes = append(r.writes, string(p))
	return len(p), nil
}

// TestGatherHoldsBack: the beginning of an answer waits for its end, and nothing else waits.
func TestGatherHoldsBack(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", writeBuffer) + "\r\nContent-Length: 10\r\n\r\n"
	for _, c := range []struct {
		name   string
		writes []string
		held   int // writes until something is sent
	}{
		{"a whole answer", []string{head + "0123456789"}, 1},
		{"less than the buffer", []string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234", "56789"}, 1},
		{"an answer in two pieces", []string{head + "01234", "56789"}, 2},
		{"an answer in three pieces", []string{head + "01234", "567", "89"}, 2},
		{"two answers", []string{head + "01234", "56789", head + "0123456789"}, 2},
		{"a head alone, as to HEAD", []string{head, head}, 1},
		{"a body of unknown length", []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234", "\r\n0\r\n\r\n"}, 1},
		{"no HTTP/1.1", []string{"PRI * HTTP/2.0\r\nContent-Length: 10\r\n\r\n01", "2345"}, 1},
		{"a strange length", []string{strings.Replace(head, "10", "-1", 1) + "01", "2345"}, 1},
	} {
		inner := &recorder{}
		conn := &gathered{Conn: inner}
		for i, w := range c.writes {
			p := []byte(w)
			n, err := conn.Write(p)
			if n != len(p) || err != nil {
				t.Errorf("%s: write %d: %d of %d bytes, %v", c.name, i, n, len(p), err)
			}
			copy(p, bytes.Repeat([]byte("?"), len(p))) // net/http uses its buffer again
			if sent := len(inner.writes) > 0; sent != (i+1 >= c.held) {
				t.Errorf("%s: after write %d sent is %v", c.name, i, sent)
			}
		}
		if got, want := strings.Join(inner.writes, ""), strings.Join(c.writes, ""); got != want {
			t.Errorf("%s: sent %q, want %q", c.name, got, want)
		}
	}
}
