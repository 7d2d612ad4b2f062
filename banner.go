package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"backline/telemetry"
)

// places are what somebody who has just started the server wants to know.
type places struct {
	url, adminURL string
	shards        int
	where, seeded string
	cache         string // "" if nothing is kept
}

func (s *server) places() places {
	p := places{
		url:      urlOf(s.publicAddr),
		adminURL: urlOf(s.adminAddr),
		shards:   s.app.store.Topology().Len(),
		where:    "your databases",
		seeded:   s.app.seeded,
	}
	if len(s.config.Databases()) == 0 {
		p.where = s.app.embedded.Dir()
	}
	if s.app.keeping != nil {
		p.cache = s.app.keeping.String()
	}
	return p
}

// greet tells a person on a terminal, and the log elsewhere, where everything is.
func greet(out io.Writer, log *slog.Logger, p places) {
	if !telemetry.IsTerminal(out) {
		log.Info("serving", "url", p.url, "graphql", p.url+"/graphql", "metrics", p.adminURL+"/metrics",
			"shards", p.shards, "data", p.seeded)
		return
	}
	fmt.Fprint(out, p.banner())
}

func (p places) banner() string {
	shards := fmt.Sprintf("%d shards", p.shards)
	if p.shards == 1 {
		shards = "1 shard"
	}
	var b strings.Builder
	b.WriteString("\n  Backline is serving.\n\n")
	for _, line := range [][2]string{
		{"Playground", p.url + "/"},
		{"GraphQL", p.url + "/graphql"},
		{"Metrics", p.adminURL + "/metrics"},
		{"Data", fmt.Sprintf("%s in %s, %s", shards, p.where, p.seeded)},
		{"Cache", p.cache},
		{"Stop", "Ctrl-C"},
	} {
		if line[1] == "" {
			continue
		}
		fmt.Fprintf(&b, "  %-12s%s\n", line[0], line[1])
	}
	b.WriteString("\n")
	return b.String()
}

// urlOf is the URL at which a browser on this machine reaches a listener.
func urlOf(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil { // every address of a TCP listener has a port
		return "http://" + a.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
