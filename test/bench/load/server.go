package load

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// generator is the state of the load generator's process.
type generator struct {
	groups      map[string]*group
	connections map[string][]*connection // by address, idle
	used        map[string]time.Time     // the same, since when
}

// group is a set of requests with the lengths of their answers.
type group struct {
	requests [][]byte
	lengths  []atomic.Int64 // 0: not answered yet
}

// Serve runs jobs until in ends.
func Serve(in io.Reader, out io.Writer) error {
	g := &generator{groups: map[string]*group{}, connections: map[string][]*connection{}, used: map[string]time.Time{}}
	enc, dec := gob.NewEncoder(out), gob.NewDecoder(in)
	for {
		var j Job
		if err := dec.Decode(&j); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := enc.Encode(g.run(&j)); err != nil {
			return err
		}
	}
}

func (g *generator) group(j *Job) *group {
	if set := g.groups[j.Group]; set != nil {
		return set
	}
	set := &group{lengths: make([]atomic.Int64, len(j.Bodies))}
	for _, body := range j.Bodies {
		head := "POST " + j.Path + " HTTP/1.1\r\nHost: " + j.Addr +
			"\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
		if j.Credential != "" {
			head += j.Credential + "\r\n"
		}
		head += "\r\n"
		set.requests = append(set.requests, append([]byte(head), body...))
	}
	g.groups[j.Group] = set
	return set
}

func (g *generator) run(j *Job) (r Result) {
	set := g.group(j)
	conns, err := g.connect(j)
	if err != nil {
		return Result{Error: err.Error()}
	}
	if j.KeepAnswers {
		r.Answers = make([][]byte, j.Requests)
	}
	var next atomic.Int64
	errs := make([]error, len(conns))
	took := make([][]time.Duration, len(conns))
	sizes := make([]int64, len(conns))
	start := time.Now()
	var all sync.WaitGroup
	for w, c := range conns {
		all.Go(func() {
			times := make([]time.Duration, 0, 4096)
			for errs[w] == nil {
				n := int(next.Add(1)) - 1
				sent := time.Now()
				if j.Requests > 0 && n >= j.Requests || j.Requests == 0 && sent.Sub(start) >= j.Duration {
					break
				}
				i := (j.Start + n) % len(set.requests)
				var body []byte
				if body, errs[w] = c.ask(set.requests[i]); errs[w] != nil {
					break
				}
				times = append(times, time.Since(sent))
				sizes[w] += int64(len(body))
				if j.KeepAnswers {
					r.Answers[n] = slices.Clone(body)
				}
				errs[w] = set.check(i, body)
			}
			took[w] = times
		})
	}
	all.Wait()
	r.Took = time.Since(start)
	times := slices.Concat(took...)
	slices.Sort(times)
	if len(times) > 0 {
		r.P50, r.P99 = times[len(times)/2], times[len(times)*99/100]
	}
	r.Requests = len(times)
	for w := range conns {
		r.Bytes += sizes[w]
		if errs[w] != nil && r.Error == "" {
			r.Error = errs[w].Error()
		}
	}
	if r.Error != "" {
		for _, c := range conns {
			c.close()
		}
		return r
	}
	g.connections[j.Addr], g.used[j.Addr] = conns, time.Now()
	return r
}

// check compares an answer with what the same request got before.
func (g *group) check(i int, body []byte) error {
	n := int64(len(body))
	if !g.lengths[i].CompareAndSwap(0, n) && g.lengths[i].Load() != n {
		return fmt.Errorf("the answer to request %d has %d bytes and had %d before: %.300s", i, n, g.lengths[i].Load(), body)
	}
	return nil
}

// keepAlive is how long a connection without requests is used again. Some servers close theirs after
// 5 s, and others' turns take longer.
const keepAlive = 2 * time.Second

// connect gives as many connections as the job wants, and closes those that are too many, so that
// no server has others open than those that are in use.
func (g *generator) connect(j *Job) ([]*connection, error) {
	conns := g.connections[j.Addr]
	delete(g.connections, j.Addr)
	if time.Since(g.used[j.Addr]) > keepAlive {
		for _, c := range conns {
			c.close()
		}
		conns = nil
	}
	for len(conns) > j.Connections {
		conns[len(conns)-1].close()
		conns = conns[:len(conns)-1]
	}
	for len(conns) < j.Connections {
		c, err := dial(j.Addr)
		if err != nil {
			return nil, err
		}
		conns = append(conns, c)
	}
	return conns, nil
}
