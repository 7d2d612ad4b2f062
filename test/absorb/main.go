// Command absorb shows what the field cache saves: the same pages are asked for with the cache off and
// with it on, by how popular they are (Zipf), while some of the rows are written past the server.
//
//	go run ./test/absorb               # 100,000 tracks, 2 writes for each 100 requests
//	go run ./test/absorb -data /tmp/rows -warm 5000 -n 5000 -profile cpu.pprof
//
// It prints how many reads of rows and lists did not reach Postgres, and the processor time of server
// and Postgres for each request. It fails where less than 90 % of the rows came from the cache, or where
// a request costs more than a third of what it does without.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

type options struct {
	scale    float64
	shards   int
	warm     int
	requests int
	conns    int
	writes   float64
	skew     float64
	lenient  bool
	seed     uint64
	cache    string
	binary   string
	data     string
	profile  string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "absorb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	o := options{}
	f := flag.NewFlagSet("absorb", flag.ContinueOnError)
	f.SetOutput(out)
	f.Float64Var(&o.scale, "scale", 28.6, "size of the demo catalogue; 28.6 is 100,000 tracks")
	f.IntVar(&o.shards, "shards", 4, "shards")
	f.IntVar(&o.warm, "warm", 30_000, "requests before it is measured")
	f.IntVar(&o.requests, "n", 20_000, "requests that are measured")
	f.IntVar(&o.conns, "conns", 16, "requests at a time")
	f.Float64Var(&o.writes, "writes", 0.02, "writes for each request")
	f.Float64Var(&o.skew, "skew", 1.1, "exponent of Zipf's law, above 1")
	f.StringVar(&o.cache, "cache", "--cache=fields", "flags of the server that keeps something")
	f.StringVar(&o.binary, "binary", "", "of the server; none: it is built")
	f.StringVar(&o.data, "data", "", "directory that keeps the rows for the next run; none: nothing is kept")
	f.StringVar(&o.profile, "profile", "", "file for a CPU profile of the server that keeps something; its figures are those of a profiled one then")
	f.BoolVar(&o.lenient, "lenient", false, "print processor time, judge reads alone, and wait for Redis as long as it takes")
	f.Uint64Var(&o.seed, "seed", 1, "of what is asked for and written")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.shards < 1 || o.warm < 0 || o.requests < 1 || o.conns < 1 || o.writes < 0 || o.skew <= 1 || f.NArg() > 0 {
		return errors.New("nothing to do: see --help")
	}
	a := &absorb{options: o, out: out}
	defer func() { err = errors.Join(err, a.close()) }()
	if err := a.open(ctx); err != nil {
		return err
	}
	return a.all(ctx)
}
