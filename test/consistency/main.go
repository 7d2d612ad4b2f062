// Command consistency shows that the field cache is right: two processes of the server over four
// shards and one Redis answer random reads, while others write past them with SQL, and while the
// processes are paused, killed and started again, Redis is flushed, paused and killed, and the readers
// of the change feed are cut off. Each answer must be a value that was current, or that the change feed
// had not yet told to be another.
//
//	go run ./test/consistency                  # 100,000 operations
//	go run ./test/consistency -naive leases    # a server without leases, which must be found out
//	go run ./test/consistency -n 0 -lag 1000   # only how long a change takes
//
// # How it judges
//
// What is read as a whole is a register: a row, a page of a parent, a total, a list. Its history is
// held against a register that is linearizable, by porcupine, each by itself. A read may take effect
// before it was sent, but not before the change feed: markers are written into each shard all the
// time, and what was committed before a marker that had been heard when the read was sent must be
// seen. Values of a process may be older by the half second for which it trusts a silent stream.
//
// When all faults are over it writes once more, and a second later every register is read from both
// processes and must be as it is in the shards.
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
	"time"

	"github.com/redis/go-redis/v9/logging"
)

// options are the command's flags.
type options struct {
	operations int
	seed       uint64
	groups     int
	readers    int
	writers    int
	share      int // of writes, per cent
	pace       int // operations a second; 0: as many as it can
	calm       bool
	naive      string
	cache      string
	lag        int           // changes of which the lag is measured
	settle     time.Duration // from the last write until everything must be current; 0: until the feed has told of it
	binary     string
	verbose    bool
}

func main() {
	logging.Disable() // a Redis that is killed is what this is about
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "consistency:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o := options{}
	f := flag.NewFlagSet("consistency", flag.ContinueOnError)
	f.SetOutput(out)
	f.IntVar(&o.operations, "n", 100_000, "reads and writes of registers; 0: none, only -lag")
	f.Uint64Var(&o.seed, "seed", 1, "of what is read, written and broken; times are the machine's")
	f.IntVar(&o.groups, "groups", 24, "groups of rows; each is written by one writer at a time")
	f.IntVar(&o.readers, "readers", 8, "requests at a time")
	f.IntVar(&o.writers, "writers", 4, "transactions at a time")
	f.IntVar(&o.share, "writes", 20, "writes among the operations, per cent")
	f.IntVar(&o.pace, "pace", 800, "operations a second, in bursts, so that enough goes wrong meanwhile; 0: as many as it can")
	f.BoolVar(&o.calm, "calm", false, "break nothing")
	f.StringVar(&o.naive, "naive", "", "build a server that leaves something out, and fail unless that is found out: "+sayNaives())
	f.StringVar(&o.cache, "cache", "--cache=fields --cache-subtrees", "flags that say what the servers keep")
	f.IntVar(&o.lag, "lag", 1000, "changes of which the lag is measured, when nothing else happens; 0: none")
	f.DurationVar(&o.settle, "settle", time.Second, "from the last write until nothing may be stale; 0: until the feed has told of it")
	f.StringVar(&o.binary, "backline", "", "a binary of the server instead of one built from the source")
	f.BoolVar(&o.verbose, "v", false, "tell of each fault")
	if err := f.Parse(args); err != nil {
		return err
	}
	if o.naive != "" && naives[o.naive] == "" || o.groups < 2 || o.readers < 1 || o.writers < 1 || f.NArg() > 0 {
		return errors.New("these flags mean nothing together: see --help")
	}
	r, err := open(ctx, o, out)
	if err != nil {
		return err
	}
	return errors.Join(r.all(ctx), r.close())
}
