package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// fault is something that goes wrong, and is well again when it returns.
type fault struct {
	name   string
	weight int
	do     func(ctx context.Context, r *runner, rnd *rand.Rand) error
}

func between(rnd *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(rnd.Int64N(int64(most-least)))
}

var faults = []fault{
	{"a server is overtaken while it loads", 8, overtaken},
	{"a server is paused", 8, func(ctx context.Context, r *runner, rnd *rand.Rand) error {
		s := r.fleet.Servers[rnd.IntN(len(r.fleet.Servers))]
		s.Pause()
		pause(ctx, between(rnd, 20*time.Millisecond, 900*time.Millisecond))
		s.Resume()
		return nil
	}},
	{"a server is paused for so long that its feed is taken over", 1, func(ctx context.Context, r *runner, rnd *rand.Rand) error {
		s := r.fleet.Servers[rnd.IntN(len(r.fleet.Servers))]
		s.Pause()
		pause(ctx, between(rnd, 3500*time.Millisecond, 4500*time.Millisecond))
		s.Resume()
		return nil
	}},
	{"a server is killed and started", 2, func(ctx context.Context, r *runner, rnd *rand.Rand) error {
		s := r.fleet.Servers[rnd.IntN(len(r.fleet.Servers))]
		s.Kill()
		pause(ctx, between(rnd, 0, time.Second))
		return s.Start(context.WithoutCancel(ctx))
	}},
	{"a server is stopped and started", 1, func(ctx context.Context, r *runner, rnd *rand.Rand) error {
		s := r.fleet.Servers[rnd.IntN(len(r.fleet.Servers))]
		return errors.Join(s.Stop(), s.Start(context.WithoutCancel(ctx)))
	}},
	{"Redis is flushed", 3, func(ctx context.Context, r *runner, _ *rand.Rand) error {
		return r.client.FlushAll(context.WithoutCancel(ctx)).Err()
	}},
	{"Redis is paused", 3, func(ctx context.Context, r *runner, rnd *rand.Rand) error {
		r.fleet.Redis.Pause()
		pause(ctx, between(rnd, 20*time.Millisecond, 1500*time.Millisecond))
		r.fleet.Redis.Resume()
		return nil
	}},
	{"Redis is killed and started", 2, func(ctx context.Context, r *runner, rnd *rand.Rand) error {
		r.fleet.Redis.Kill()
		pause(ctx, between(rnd, 0, time.Second))
		return r.fleet.Redis.Start(context.WithoutCancel(ctx))
	}},
	{"Redis drops all connections", 2, func(ctx context.Context, r *runner, _ *rand.Rand) error {
		// This one among them, which is an error of it.
		_ = r.client.Do(context.WithoutCancel(ctx), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no").Err()
		return nil
	}},
	{"the reader of a feed is cut off", 3, func(ctx context.Context, r *runner, rnd *rand.Rand) error {
		_, err := r.pools[rnd.IntN(len(r.pools))].Exec(context.WithoutCancel(ctx),
			"SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active_pid IS NOT NULL")
		return err
	}},
	{"a feed loses its lock", 2, func(ctx context.Context, r *runner, rnd *rand.Rand) error {
		_, err := r.pools[rnd.IntN(len(r.pools))].Exec(context.WithoutCancel(ctx),
			"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()")
		return err
	}},
}

// breakThings does one thing after the other until ctx ends; then all is well.
func (r *runner) breakThings(ctx context.Context) error {
	rnd := rand.New(rand.NewPCG(r.seed, 3))
	var bag []int
	for i, f := range faults {
		for range f.weight {
			bag = append(bag, i)
		}
	}
	for ctx.Err() == nil {
		f := faults[bag[rnd.IntN(len(bag))]]
		r.tell("%7.2fs %s", r.since().Seconds(), f.name)
		if err := f.do(ctx, r, rnd); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		r.faults[f.name]++
		pause(ctx, between(rnd, 0, 500*time.Millisecond))
	}
	return nil
}

func (r *runner) sayFaults() {
	for _, name := range slices.Sorted(maps.Keys(r.faults)) {
		fmt.Fprintf(r.out, "  %3d × %s\n", r.faults[name], name)
	}
}
