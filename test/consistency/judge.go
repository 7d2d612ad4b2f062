package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// errStale is wrapped by what the run is for.
var errStale = errors.New("what was read is not right")

// checkWithin bounds the search of porcupine for one register.
const checkWithin = 5 * time.Minute

func valuesOf(data json.RawMessage) (values map[string]json.RawMessage, err error) {
	err = json.Unmarshal(data, &values)
	return values, err
}

// last writes into each group once more, with everything well again and readers at work, and finds what
// is stale afterwards.
func (r *runner) last(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healed)
	defer cancel()
	if err := r.marks.await(ctx, r.since()); err != nil {
		return err
	}
	rnd := rand.New(rand.NewPCG(r.seed, 4))
	for i, g := range r.groups {
		if err := r.overtake(ctx, g, i%servers, false, rnd); err != nil {
			return err
		}
	}
	written := r.since()
	if r.settle > 0 {
		pause(ctx, r.settle-(r.since()-written))
	} else {
		if err := r.marks.await(ctx, written); err != nil {
			return err
		}
		pause(ctx, trust)
	}
	var stale []string
	for server := range servers {
		for _, g := range r.groups {
			for some := range slices.Chunk(g.registers, 10) {
				for isAnswered := false; !isAnswered; { // what is not answered would pass for what is not stale
					err := r.read(ctx, server, some, func(of *register, value string) {
						isAnswered = true
						if value != of.current {
							stale = append(stale, fmt.Sprintf("%s is %s, and server %d says %s", of, of.current, server, value))
						}
					})
					if err == nil && !isAnswered {
						err = context.Cause(ctx)
					}
					if err != nil {
						return fmt.Errorf("read what server %d says after the last write: %w", server, err)
					}
				}
			}
		}
	}
	all := 0
	for _, g := range r.groups {
		all += len(g.registers)
	}
	when := "when the feed had told of the last write"
	if r.settle > 0 {
		when = r.settle.String() + " after the last write"
	}
	fmt.Fprintf(r.out, "%s: %d of %d registers are stale in one of %d servers\n", when, len(stale), all, servers)
	if len(stale) > 0 {
		return fmt.Errorf("%w: stale after the last write: %s", errStale, some(stale))
	}
	return nil
}

// judge checks the history of each register, and prints what there was.
func (r *runner) judge(ended time.Duration) error {
	began := r.started
	var all []*register
	var ages []time.Duration
	for _, g := range r.groups {
		all = append(all, g.registers...)
	}
	h := r.marks.horizon()
	errs := make([]error, len(all))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				errs[i] = all[i].check(h, checkWithin)
			}
		})
	}
	for i, of := range all {
		next <- i
		ages = append(ages, of.ages()...)
	}
	close(next)
	wg.Wait()
	fmt.Fprintf(r.out, "%d reads and %d transactions over %d registers in %v, %.0f a second; requests without an answer: %d\n",
		r.reads.Load(), r.writes.Load(), len(all), (ended - began).Round(time.Millisecond),
		float64(r.operations.Load())/(ended-began).Seconds(), r.failed.Load())
	r.sayFailures()
	r.sayFaults()
	fmt.Fprintf(r.out, "feed lag, from commit until the stream told: %s\n", quantiles(r.marks.lags(began, ended)))
	stale := len(slices.DeleteFunc(slices.Clone(ages), func(d time.Duration) bool { return d == 0 }))
	fmt.Fprintf(r.out, "reads of what was no longer current when they were sent: %d of %d; for how long it was not, all reads: %s\n", stale, len(ages), quantiles(ages))
	var wrong []string
	for _, err := range errs {
		if err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %d of %d registers: %s", errStale, len(wrong), len(all), some(wrong))
	}
	fmt.Fprintf(r.out, "porcupine: %d registers are linearizable within the feed's lag\n", len(all))
	return nil
}

// some are the first few of a list.
func some(list []string) string {
	const most = 5
	text := strings.Join(list[:min(most, len(list))], "\n  ")
	if len(list) > most {
		text += fmt.Sprintf("\n  and %d more", len(list)-most)
	}
	return "\n  " + text
}

// quantiles writes a few of them. It sorts the list.
func quantiles(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	at := func(q float64) time.Duration {
		return all[min(len(all)-1, int(q*float64(len(all))))].Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("p50 %v, p99 %v, p99.9 %v, most %v", at(0.5), at(0.99), at(0.999), all[len(all)-1].Round(10*time.Microsecond))
}
