package embedded

import (
	"errors"
	"fmt"
)

// Places are where the servers of a data directory are, or were when they last ran.
type Places struct {
	// Postgres has a URL for each shard, in their order, over TCP. They hold the password.
	Postgres []string
	// Redis is "" where none ran as a process with this data.
	Redis string
}

// PlacesOf reads where the servers of a data directory are. It asks none of them.
func PlacesOf(dir string) (p Places, err error) {
	s, ok, err := readState(dir)
	if err != nil {
		return p, err
	}
	if !ok || len(s.Ports) < s.Shards {
		return p, fmt.Errorf("read state: %w", errNeverRan)
	}
	for _, port := range s.Ports[:s.Shards] {
		p.Postgres = append(p.Postgres, (&instance{port: port, password: s.Password}).tcpURL())
	}
	if port := s.Ports[s.Shards:]; len(port) > 0 && port[0] != 0 {
		p.Redis = (&redisServer{port: port[0], password: s.Password}).url()
	}
	return p, nil
}

var errNeverRan = errors.New("no databases have run with this directory")
