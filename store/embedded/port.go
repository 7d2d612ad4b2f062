package embedded

import (
	"net"
	"strconv"
)

// freePort returns a TCP port of the loopback interface that nobody listens on:
// the preferred one if possible. It may be taken before it is used, so users of
// it try again.
func freePort(preferred int) (int, error) {
	if preferred != 0 {
		if listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(preferred))); err == nil {
			return preferred, listener.Close()
		}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

const loopback = "127.0.0.1"
