package storetest

import (
	"net"
	"sync"
)

// state of a proxy.
type state int

const (
	healthy state = iota
	cut
	frozen
)

// proxy stands between a store and a server, and can be told to fail.
type proxy struct {
	listener net.Listener
	target   string
	running  sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond
	state   state
	closed  bool
	conns   map[net.Conn]struct{}
}

func newProxy(l net.Listener, target string) *proxy {
	p := &proxy{listener: l, target: target, conns: map[net.Conn]struct{}{}}
	p.changed = sync.NewCond(&p.mu)
	p.running.Go(p.accept)
	return p
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(client) })
	}
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	if !p.keep(client) || !p.pass() {
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	if !p.keep(server) {
		return
	}
	p.running.Go(func() { p.copy(server, client) })
	p.copy(client, server)
}

// copy until either side ends, and end the other.
func (p *proxy) copy(to, from net.Conn) {
	defer p.forget(to, from)
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if !p.pass() {
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// keep remembers a connection that cut and close end, and says whether it may live.
func (p *proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.state == cut {
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(p.conns, c)
	}
}

// pass waits while the proxy is frozen and says whether bytes may go on.
func (p *proxy) pass() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.state == frozen && !p.closed {
		p.changed.Wait()
	}
	return p.state == healthy && !p.closed
}

func (p *proxy) set(s state) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = s
	if s == cut {
		p.endAll()
	}
	p.changed.Broadcast()
}

func (p *proxy) endAll() {
	for c := range p.conns {
		c.Close()
	}
}

func (p *proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.endAll()
	p.changed.Broadcast()
	p.mu.Unlock()
	p.running.Wait()
}
