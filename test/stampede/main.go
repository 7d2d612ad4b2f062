// Command stampede has everybody ask for one row at once, in two processes of the server, when the cache
// has it, when its time is over, when nothing of it may be served any more, and when somebody has just
// written it. It prints how many statements reached the shards, and how long the answers took.
//
//	go run ./test/stampede             # 10,000 requests at once
//
// It fails if more than two statements were needed, or if the 99th percentile of the answers is twice
// what it is from a warm cache where stale values may be served.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store"
	"backline/store/shard"
	"backline/test/fleet"
)

const (
	servers = 2
	// The times of the row that is asked for, as in the schema.
	fresh, stale = time.Minute, 10 * time.Minute
	// settled bounds the time until what goes on behind the answers is over.
	settled = 5 * time.Minute
	// most is how many statements a stampede may take.
	most = 2
)

type options struct {
	requests int
	rounds   int
	lenient  bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "stampede:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	o := options{}
	f := flag.NewFlagSet("stampede", flag.ContinueOnError)
	f.SetOutput(out)
	f.IntVar(&o.requests, "n", 10_000, "requests at once")
	f.IntVar(&o.rounds, "rounds", 5, "stampedes of each sort")
	f.BoolVar(&o.lenient, "lenient", false, "print how long answers take, judge statements alone, and wait for Redis as long as it takes")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.requests < servers || o.rounds < 1 || f.NArg() > 0 {
		return errors.New("nothing to do: see --help")
	}
	s := &stampede{options: o, out: out}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx); err != nil {
		return err
	}
	return s.all(ctx)
}

// stampede is one run.
type stampede struct {
	options
	out   io.Writer
	fleet *fleet.Fleet
	web   *http.Client
	row   store.NodeID
	clock string        // the file that says how far the servers' caches are ahead
	ahead time.Duration // what it says
}

func (s *stampede) open(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "backline-stampede-")
	if err != nil {
		return err
	}
	s.clock = filepath.Join(dir, "clock")
	edits := jumping
	if s.lenient {
		edits = slices.Concat(jumping, fleet.Patient())
	}
	s.fleet, err = fleet.Open(ctx, fleet.Options{
		Shards: 1, Servers: servers, Edits: edits, Env: []string{clockFile + "=" + s.clock},
		Flags: []string{"--cache=fields", "--throttle=off", "--max-concurrency=0", "--request-timeout=1m"},
	})
	if err != nil {
		return err
	}
	s.web = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: s.requests, MaxIdleConns: s.requests}, Timeout: settled}
	id, err := shard.Imported(1, shard.BucketOf(1))
	if err != nil {
		return err
	}
	s.row = store.NodeID{Kind: store.KindArtist, ID: id}
	if err := s.served(ctx); err != nil { // until then nothing is kept for long
		return err
	}
	return s.exec(ctx, fmt.Sprintf("INSERT INTO artist VALUES (%d, %d, 'before')", id, id.Bucket()))
}

func (s *stampede) close() error {
	if s.web != nil {
		s.web.CloseIdleConnections()
	}
	var err error
	if s.fleet != nil {
		err = s.fleet.Close()
	}
	if s.clock != "" {
		err = errors.Join(err, os.RemoveAll(filepath.Dir(s.clock)))
	}
	return err
}

func (s *stampede) exec(ctx context.Context, sql string) error {
	c, err := pgx.Connect(ctx, s.fleet.Shards.PostgresURLs()[0])
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, sql)
	return err
}

// all is the whole run.
func (s *stampede) all(ctx context.Context) error {
	if _, err := s.wave(ctx); err != nil { // opens the connections
		return err
	}
	sorts := []struct {
		name    string
		prepare func(ctx context.Context) error
		always  int // statements at least
		judged  bool
	}{
		{"from a warm cache", s.warm, 0, false},
		{"when its time is over", s.after(fresh * 11 / 10), 1, true},
		{"when it may not be served stale", s.after(fresh*11/10 + stale), 1, false},
		{"when somebody has written it", s.written, 1, false},
	}
	var errs []error
	var warm time.Duration
	for _, sort := range sorts {
		var took []time.Duration
		statements := 0
		for range s.rounds {
			if err := sort.prepare(ctx); err != nil {
				return err
			}
			before, err := s.statements(ctx)
			if err != nil {
				return err
			}
			some, err := s.wave(ctx)
			if err != nil {
				return err
			}
			took = append(took, some...)
			n, err := s.until(ctx, before+sort.always)
			if err != nil {
				return fmt.Errorf("%s: %w", sort.name, err)
			}
			statements = max(statements, n-before)
		}
		slices.Sort(took)
		p99 := took[len(took)*99/100]
		fmt.Fprintf(s.out, "%d requests at once %s: at most %d statements; p50 %v, p99 %v\n", s.requests, sort.name, statements,
			took[len(took)/2].Round(time.Millisecond/10), p99.Round(time.Millisecond/10))
		if warm == 0 {
			warm = p99
		}
		if statements > most {
			errs = append(errs, fmt.Errorf("%s: %d statements, and not %d", sort.name, statements, most))
		}
		if sort.judged && !s.lenient && p99 >= 2*warm {
			errs = append(errs, fmt.Errorf("%s: p99 %v is twice the %v from a warm cache", sort.name, p99, warm))
		}
	}
	return errors.Join(errs...)
}

// wave sends all requests at once, half of them to each server, and gives how long each took.
func (s *stampede) wave(ctx context.Context) ([]time.Duration, error) {
	took, errs := make([]time.Duration, s.requests), make([]error, s.requests)
	release := make(chan struct{})
	var wg sync.WaitGroup
	for i := range s.requests {
		wg.Go(func() {
			<-release
			took[i], errs[i] = s.ask(ctx, i%servers)
		})
	}
	close(release)
	wg.Wait()
	return took, errors.Join(errs...)
}

func (s *stampede) ask(ctx context.Context, server int) (time.Duration, error) {
	began := time.Now()
	a, err := s.fleet.Servers[server].Ask(ctx, s.web, `query ($id: ID!) { artist(id: $id) { name } }`, map[string]any{"id": s.row.String()})
	switch {
	case err != nil:
		return 0, err
	case len(a.Errors) > 0:
		return 0, fmt.Errorf("%s: %s", a.Codes(), a.Errors[0].Message)
	}
	return time.Since(began), nil
}

// statements is how many both servers have sent so far.
func (s *stampede) statements(ctx context.Context) (int, error) {
	n, err := s.fleet.Sum(ctx, "backline_statement_duration_seconds_count")
	return int(n), err
}

// until waits until there have been so many statements: a stale value is loaded anew behind the answers.
func (s *stampede) until(ctx context.Context, least int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, settled)
	defer cancel()
	for {
		n, err := s.statements(ctx)
		if err != nil {
			return n, err
		}
		if n >= least {
			return n, nil
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// warm has both servers know the row, and has just been loaded.
func (s *stampede) warm(ctx context.Context) error {
	if err := s.written(ctx); err != nil {
		return err
	}
	for range 2 {
		for server := range servers {
			if _, err := s.ask(ctx, server); err != nil {
				return err
			}
		}
	}
	return nil
}

// after is warm, some time ago.
func (s *stampede) after(d time.Duration) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		if err := s.warm(ctx); err != nil {
			return err
		}
		return s.jump(ctx, d)
	}
}

// written changes the row, and waits until both servers have forgotten it.
func (s *stampede) written(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settled)
	defer cancel()
	before := make([]float64, servers)
	const heard, artists = "backline_cache_invalidations_total", `space="Artist"`
	for i, server := range s.fleet.Servers {
		var err error
		if before[i], err = server.Metric(ctx, heard, artists); err != nil {
			return err
		}
	}
	if err := s.exec(ctx, fmt.Sprintf("UPDATE artist SET name = name || '.' WHERE id = %d", s.row.ID)); err != nil {
		return err
	}
	for i, server := range s.fleet.Servers {
		for n := before[i]; n == before[i]; time.Sleep(5 * time.Millisecond) {
			var err error
			if n, err = server.Metric(ctx, heard, artists); err != nil {
				return err
			}
		}
	}
	return nil
}
