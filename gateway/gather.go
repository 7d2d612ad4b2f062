package gateway

import (
	"bytes"
	"net"
	"strconv"
)

// writeBuffer is how much net/http gathers on a connection before it writes.
const writeBuffer = 4 << 10

// Gather gives a listener whose connections send an answer of HTTP/1 in one piece. net/http has a
// buffer of 4 KiB on each connection: the head of a larger answer goes out with the beginning of its
// body, and the rest in a second system call, which also wakes the client twice.
func Gather(l net.Listener) net.Listener { return gatherer{l} }

type gatherer struct{ net.Listener }

func (g gatherer) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &gathered{Conn: c}, nil
}

// gathered keeps the beginning of an answer back until the next write, if its head says that one
// follows. net/http writes from one goroutine at a time.
type gathered struct {
	net.Conn
	held    []byte
	parts   [2][]byte
	buffers net.Buffers
}

// CloseWrite is what net/http ends the half of a connection with whose client still sends what nobody
// wants: without it the answer that says so may be lost to a reset.
func (c *gathered) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

func (c *gathered) Write(p []byte) (int, error) {
	if len(c.held) > 0 {
		return c.writeBoth(p)
	}
	if bodyFollows(p) {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (c *gathered) writeBoth(p []byte) (int, error) {
	c.parts = [2][]byte{c.held, p}
	c.buffers = c.parts[:]
	n, err := c.buffers.WriteTo(c.Conn)
	n = max(0, n-int64(len(c.held)))
	c.parts, c.buffers, c.held = [2][]byte{}, nil, c.held[:0]
	return int(n), err
}

// bodyFollows reports whether p begins an answer and holds a part of its body, not all. That fills
// net/http's buffer; the answer to a HEAD request has no body, whatever its head says.
func bodyFollows(p []byte) bool {
	if len(p) < writeBuffer || !bytes.HasPrefix(p, []byte("HTTP/1.1 ")) {
		return false
	}
	head, body, ok := bytes.Cut(p, []byte("\r\n\r\n"))
	if !ok || len(body) == 0 {
		return false
	}
	_, length, ok := bytes.Cut(head, []byte("\r\nContent-Length: "))
	if !ok {
		return false
	}
	length, _, _ = bytes.Cut(length, []byte("\r\n"))
	n, err := strconv.Atoi(string(length))
	return err == nil && n > len(body)
}
