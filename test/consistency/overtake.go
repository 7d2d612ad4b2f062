package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// overtake freezes a server while it loads the rows of a group, changes them, and lets it go on when the
// feed has told of the change: what it has loaded is old, and must be of no use to anybody. With late it
// is frozen for longer, and others ask meanwhile, who must not get it either.
func (r *runner) overtake(ctx context.Context, g *group, server int, late bool, rnd *rand.Rand) error {
	ctx = context.WithoutCancel(ctx)
	if err := r.touch(ctx, g); err != nil {
		return err
	}
	var reading sync.WaitGroup
	chunks := slices.Collect(slices.Chunk(g.registers, 4))
	errs := make([]error, 1+2*len(chunks))
	for i, some := range chunks {
		reading.Go(func() { errs[1+i] = r.read(ctx, server, some, nil) })
	}
	time.Sleep(between(rnd, 0, r.within))
	s := r.fleet.Servers[server]
	s.Pause()
	for range 5 {
		if errs[0] = errors.Join(errs[0], r.write(ctx, g, rnd)); errs[0] != nil {
			break
		}
	}
	r.awaitFor(ctx, g.shard, 300*time.Millisecond)
	if late {
		pause(ctx, trust+50*time.Millisecond)
		for i, some := range chunks {
			reading.Go(func() { errs[1+len(chunks)+i] = r.read(ctx, server, some, nil) })
		}
		time.Sleep(5 * time.Millisecond) // until they are at its door
	}
	s.Resume()
	reading.Wait()
	return errors.Join(errs...)
}

// touch has all rows of a group forgotten, and changes none of them.
func (r *runner) touch(ctx context.Context, g *group) error {
	sql := ""
	for _, table := range []string{"artist SET name = name", "album SET title = title", "track SET name = name", "playlist SET name = name"} {
		sql += fmt.Sprintf("UPDATE %s WHERE bucket = %d;", table, g.bucket)
	}
	g.mu.Lock()
	_, err := r.pools[g.shard].Exec(ctx, sql)
	g.mu.Unlock()
	if err != nil {
		return fmt.Errorf("touch the rows of a group: %w", err)
	}
	r.awaitFor(ctx, g.shard, 300*time.Millisecond)
	return nil
}

// awaitFor waits until the feed has told of what has been written, but not longer than that: the server
// that reads the feed may be the one that is frozen.
// It says whether that is so.
func (r *runner) awaitFor(ctx context.Context, shard int, most time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return r.marks.awaitOf(ctx, shard, r.since()) == nil
}

// bystander finds a server that does not read the feed of a shard: what it does not hear, others do.
func (r *runner) bystander(ctx context.Context, shard int, rnd *rand.Rand) int {
	for _, server := range rnd.Perm(servers) {
		s := r.fleet.Servers[server]
		s.Pause()
		told := r.awaitFor(ctx, shard, 100*time.Millisecond)
		s.Resume()
		if told {
			return server
		}
	}
	return rnd.IntN(servers)
}

// overtaken overtakes a group that is seldom written, and has the other server read it when nothing of
// the old may be left.
func overtaken(ctx context.Context, r *runner, rnd *rand.Rand) error {
	g := r.groups[len(r.groups)/2+rnd.IntN(len(r.groups)/2)]
	server := r.bystander(ctx, g.shard, rnd)
	if err := r.overtake(ctx, g, server, rnd.IntN(2) == 0, rnd); err != nil {
		return err
	}
	pause(ctx, trust+50*time.Millisecond)
	var errs []error
	for some := range slices.Chunk(g.registers, 10) {
		errs = append(errs, r.read(ctx, (server+1)%servers, some, nil))
	}
	return errors.Join(errs...)
}
