// Command differential holds the breadth-first executor against gqlgen's own one: random valid
// operations, the bytes of their data and the set of their errors.
//
//	go run ./test/differential -for 1h -schema exotic
//	go run ./test/differential -for 1h -schema store
//	go run ./test/differential -for 0 -n 100000 -schema kept
//	go run ./test/differential -for 0 -n 100000 -schema store -price
//
// It prints every operation that the executors answer differently, with its seed, and ends with an
// error then. What may differ is listed in graph/breadth/breadthtest/differences.go. With -price it
// holds what each operation costs against what it was estimated to, through the whole gateway.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"backline/graph/breadth/breadthtest"
	"backline/graph/rights"
)

// schemas are the pairs of executors, by the name that -schema takes. done ends what a pair runs on.
var schemas = map[string]func(ctx context.Context) (pair *subject, done func(), err error){
	"store": func(ctx context.Context) (*subject, func(), error) { return openStore(ctx, false) },
	// The same, where the second executor keeps what it may: rows, lists and whole answers.
	"kept": func(ctx context.Context) (*subject, func(), error) { return openStore(ctx, true) },
	"exotic": func(context.Context) (*subject, func(), error) {
		return &subject{Pair: breadthtest.Exotic(nil)}, func() {}, nil
	},
}

// subject is a pair of executors, and the schema of the second one if it has prices.
type subject struct {
	*breadthtest.Pair
	priced graphql.ExecutableSchema
	// viewers ask in turns; none: nobody does.
	viewers []*rights.Viewer
	// twice says that the second time an operation may be answered from what the first has left.
	twice bool
}

// asked is a check by one of the viewers, the same for the same operation.
func (s *subject) asked(check func(ctx context.Context, op breadthtest.Operation) error) func(ctx context.Context, op breadthtest.Operation) error {
	if len(s.viewers) == 0 {
		return check
	}
	return func(ctx context.Context, op breadthtest.Operation) error {
		v := s.viewers[int(crc32.ChecksumIEEE([]byte(op.Query)))%len(s.viewers)]
		err := check(rights.With(ctx, v), op)
		if err == nil && s.twice {
			err = check(rights.With(ctx, v), op)
		}
		if err != nil {
			return fmt.Errorf("asked by %q with the scopes %q: %w", v.Subject, v.Scopes, err)
		}
		return nil
	}
}

// options are the command's flags.
type options struct {
	schema   string
	length   time.Duration // 0: until count operations are done
	count    uint64        // operations; 0: until the time is over
	seed     uint64        // of the first operation; the next one's is one more
	workers  int
	failures int64 // after which to stop
	price    bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("differential", flag.ContinueOnError)
	flags.StringVar(&o.schema, "schema", "exotic", fmt.Sprintf("one of %v", slices.Sorted(maps.Keys(schemas))))
	flags.DurationVar(&o.length, "for", time.Minute, "how long to run; 0: until -n operations are done")
	flags.Uint64Var(&o.count, "n", 0, "how many operations; 0: until the time is over")
	flags.Uint64Var(&o.seed, "seed", 0, "seed of the first operation")
	flags.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "operations at a time")
	flags.Int64Var(&o.failures, "failures", 10, "stop after so many operations that differ")
	flags.BoolVar(&o.price, "price", false, "hold costs against estimates instead")
	if err := flags.Parse(args); err != nil {
		return err
	}
	open := schemas[o.schema]
	if open == nil {
		return fmt.Errorf("unknown schema %q: choose one of %v", o.schema, slices.Sorted(maps.Keys(schemas)))
	}
	s, done, err := open(ctx)
	if err != nil {
		return fmt.Errorf("open schema %s: %w", o.schema, err)
	}
	defer done()
	if !o.price {
		return o.compare(ctx, s.Random, s.asked(s.Check), out)
	}
	if s.priced == nil {
		return fmt.Errorf("schema %s has no prices", o.schema)
	}
	p, err := newPrices(s.priced, s.Prepare)
	if err != nil {
		return fmt.Errorf("price schema %s: %w", o.schema, err)
	}
	err = o.compare(ctx, s.Random, s.asked(p.check), out)
	fmt.Fprintf(out, "%d of them ran; the estimate of %d was reached\n", p.ran.Load(), p.reached.Load())
	return err
}

// compare runs until the time or the operations are over, or too many differ.
func (o options) compare(ctx context.Context, random func(seed uint64) breadthtest.Operation,
	check func(ctx context.Context, op breadthtest.Operation) error, out io.Writer,
) error {
	if o.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.length)
		defer cancel()
	}
	var next, done atomic.Uint64
	var failed atomic.Int64
	next.Store(o.seed)
	start := time.Now()
	report := func() {
		fmt.Fprintf(out, "%s: %d operations, %d differ\n", time.Since(start).Round(time.Second), done.Load(), failed.Load())
	}
	var mu sync.Mutex // of out
	var workers sync.WaitGroup
	for range o.workers {
		workers.Go(func() {
			for ctx.Err() == nil && failed.Load() < o.failures {
				seed := next.Add(1) - 1
				if o.count > 0 && seed-o.seed >= o.count {
					return
				}
				// The operation must not see the end of the time: its answers would differ.
				if err := check(context.WithoutCancel(ctx), random(seed)); err != nil {
					failed.Add(1)
					mu.Lock()
					fmt.Fprintf(out, "seed %d: %v\n\n", seed, err)
					mu.Unlock()
				}
				if n := done.Add(1); n%20_000 == 0 {
					mu.Lock()
					report()
					mu.Unlock()
				}
			}
		})
	}
	workers.Wait()
	report()
	if n := failed.Load(); n > 0 {
		return fmt.Errorf("%d operations of %d are not as they should be", n, done.Load())
	}
	return nil
}
