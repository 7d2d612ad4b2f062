// Command bench compares Backline with a handwritten server and with the servers that its users
// might have chosen instead: the same rows in the same Postgres, the same questions, answers that
// are checked to be the same. docs/BENCHMARKS.md says what is measured and how.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"backline/test/bench/load"
	"backline/test/bench/query"
)

// options are what the command line says.
type options struct {
	quick, check bool
	conns        []int
	queries      []string
	names        []string // of servers
	out, data    string
	scale        float64
	rounds       int
	duration     time.Duration
	warmup       time.Duration
	verified     int // answers of each server that are compared
	profile      string
	backline     string // a binary of it; "": built from the source
	baseline     string // another, to compare with; "": none
}

func (o *options) chosen(server string) bool {
	if server == baseline {
		return o.baseline != ""
	}
	if server == baseline4 {
		return o.baseline != "" && slices.Contains(o.names, server)
	}
	return len(o.names) == 0 || slices.Contains(o.names, server)
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == load.Argument {
		if err := load.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "load generator:", err)
			os.Exit(1)
		}
		return
	}
	// Children die with the thread that started them.
	runtime.LockOSThread()
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = run(ctx, o)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	o := options{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.BoolVar(&o.quick, "quick", false, "end within five minutes: fewer and shorter rounds")
	f.BoolVar(&o.check, "check", false, "fail if a figure that Backline must reach is missed")
	conns := f.String("conns", "1,16,64", "connections, each measured by itself")
	queries := f.String("queries", "", "questions, such as Q1,Q2 (default: all)")
	names := f.String("servers", "", "servers (default: all): "+serverNames())
	f.StringVar(&o.out, "out", "", "directory for results.json and chart.svg (default: none are written)")
	f.StringVar(&o.data, "data", filepath.Join(os.TempDir(), "backline-bench"), "directory that keeps the databases for the next run")
	f.Float64Var(&o.scale, "scale", 28, "size of the demo catalogue; 28 is 98,000 tracks and 280,000 invoices")
	f.IntVar(&o.rounds, "rounds", 5, "rounds, of which the medians are taken")
	f.DurationVar(&o.duration, "duration", 3*time.Second, "length of one measurement")
	f.StringVar(&o.profile, "profile", "", "write CPU and allocation profiles of one question, for each server that has them, and measure nothing")
	f.StringVar(&o.backline, "backline", "", "measure this binary of Backline instead of one built from the source around")
	f.StringVar(&o.baseline, "baseline", "", "measure this binary of Backline as well, as the server "+baseline+"; and as "+baseline4+", where that is among --servers")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	given := map[string]bool{}
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	o.warmup, o.verified = o.duration/3, 100
	if o.quick {
		if !given["rounds"] {
			o.rounds = 3
		}
		if !given["duration"] {
			o.duration = 500 * time.Millisecond
		}
		o.warmup, o.verified = o.duration/3, 20
	}
	if o.profile != "" {
		*queries = o.profile
		if o.out == "" {
			o.out = "."
		}
	}
	if *names != "" {
		o.names = strings.Split(*names, ",")
	}
	for _, name := range o.names {
		if !slices.ContainsFunc(servers, func(s *server) bool { return s.name == name }) {
			return o, fmt.Errorf("no server %q: there are %s", name, serverNames())
		}
	}
	for _, q := range append(slices.Clone(query.All), query.Twice) {
		if *queries == "" || slices.Contains(strings.Split(*queries, ","), q.ID) {
			o.queries = append(o.queries, q.ID)
		}
	}
	for text := range strings.SplitSeq(*conns, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return o, fmt.Errorf("--conns has %q, which is no number of connections", text)
		}
		o.conns = append(o.conns, n)
	}
	if len(o.queries) == 0 || o.rounds < 1 || o.duration <= 0 || f.NArg() > 0 {
		return o, errors.New("nothing to measure: see --help")
	}
	return o, nil
}

func serverNames() string {
	var names []string
	for _, s := range servers {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

func run(ctx context.Context, o options) (err error) {
	b := &bench{options: o}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(ctx); err != nil {
		return err
	}
	for _, q := range append(slices.Clone(query.All), query.Twice) {
		if slices.Contains(o.queries, q.ID) {
			b.asked = append(b.asked, q)
		}
	}
	if err := b.fillCaches(ctx); err != nil {
		return err
	}
	for _, q := range b.asked {
		if err := b.verify(q); err != nil {
			return err
		}
	}
	b.say("all servers give the same answers")
	if o.profile != "" {
		return b.profiles(ctx)
	}
	return b.measure(ctx)
}
