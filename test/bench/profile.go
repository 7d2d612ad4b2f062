package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"backline/test/bench/load"
	"backline/test/bench/proc"
)

// profiles writes a CPU profile and an allocation profile of each server that has them, at 16
// connections: NAME-QUERY-cpu.pprof and NAME-QUERY-allocs.pprof.
func (b *bench) profiles(ctx context.Context) error {
	for _, r := range b.servers {
		for _, q := range b.asked {
			if !r.debugged || ctx.Err() != nil {
				continue
			}
			j, err := b.job(r, q, 16)
			if err != nil {
				return err
			}
			j.Duration = b.warmup
			if _, err := b.load.Run(j); err != nil {
				return err
			}
			j.Duration = b.duration + 2*b.warmup
			done := make(chan error, 1)
			go func() { done <- b.profileBoth(r, r.name+"-"+q.ID) }()
			var result load.Result
			result, err = b.load.Run(j)
			if err = errors.Join(err, <-done); err != nil {
				return err
			}
			b.say("%s %s: %d requests under profile", r.name, q.ID, result.Requests)
		}
	}
	return nil
}

func (b *bench) profileBoth(r *running, name string) error {
	seconds := max(1, int(b.duration.Seconds()))
	for what, file := range map[string]string{
		"profile?seconds=" + itoa(seconds): name + "-cpu.pprof", "allocs?seconds=" + itoa(seconds): name + "-allocs.pprof",
	} {
		f, err := os.Create(filepath.Join(b.out, file))
		if err != nil {
			return err
		}
		if err := errors.Join(proc.Profile(r.debug, what, f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}
