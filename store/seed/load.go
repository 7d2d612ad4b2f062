package seed

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// load brings a catalogue into empty shards. Each shard is one transaction; none commits before all
// have everything, so that an error leaves every shard as it was.
func load(ctx context.Context, target Target, cat catalogue, progress Progress) (Report, error) {
	if err := target.validate(); err != nil {
		return Report{}, err
	}
	report := Report{}
	for t := range tableCount {
		report.Tables = append(report.Tables, TableReport{Table: t, Rows: cat.rows(t)})
	}
	l := &loader{target: target, catalogue: cat, tally: newTally(progress)}
	defer l.close()
	if err := l.lock(ctx); err != nil {
		return Report{}, err
	}
	pending, err := l.pending()
	if err != nil {
		return Report{}, err
	}
	for i := range l.shards {
		if l.shards[i].done {
			report.Already = append(report.Already, target.Topology.Name(i))
		}
	}
	if err := l.load(ctx, pending); err != nil {
		return Report{}, err
	}
	if err := l.commit(ctx, pending); err != nil {
		return Report{}, err
	}
	return report, nil
}

// commitTimeout bounds the commits of all shards together; what they commit has been written before.
const commitTimeout = time.Minute

// loader is one run of load.
type loader struct {
	target    Target
	catalogue catalogue
	tally     *tally
	shards    []*shardLoad
}

// lock takes every shard's lock, in the order of the topology, so that of two processes that seed
// the same shards one waits for the other at the first of them.
func (l *loader) lock(ctx context.Context) error {
	for i, pool := range l.target.Pools {
		s, err := lockShard(ctx, pool)
		if err != nil {
			return fmt.Errorf("lock shard %s for seeding: %w", l.target.Topology.Name(i), err)
		}
		s.loader, s.index, s.name = l, i, l.target.Topology.Name(i)
		l.shards = append(l.shards, s)
	}
	return nil
}

// pending decides which shards are to be loaded: all of them, or what an interrupted run of the
// same seed has left.
func (l *loader) pending() ([]*shardLoad, error) {
	states := make([]state, len(l.shards))
	for i, s := range l.shards {
		states[i] = s.state
	}
	is, err := judge(l.target.Topology, states)
	if err != nil {
		return nil, err
	}
	if is == filled {
		return nil, ErrNotEmpty
	}
	same := true
	for _, s := range states {
		same = same && (s.fingerprint == "" ||
			s.fingerprint == l.catalogue.fingerprint() && s.shards == len(l.shards))
	}
	var pending []*shardLoad
	for _, s := range l.shards {
		if s.done = same && s.state.fingerprint != ""; !s.done {
			pending = append(pending, s)
		}
	}
	return pending, nil
}

func (l *loader) load(ctx context.Context, pending []*shardLoad) error {
	if err := l.expectRows(ctx); err != nil {
		return err
	}
	for _, step := range []func(*shardLoad, context.Context) error{
		(*shardLoad).prepare, (*shardLoad).load,
	} {
		g, ctx := errgroup.WithContext(ctx)
		for _, s := range pending {
			g.Go(func() error {
				if err := step(s, ctx); err != nil {
					return fmt.Errorf("seed shard %s: %w", s.name, err)
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// expectRows tells the tally how many rows will be written, without those of shards that are done.
func (l *loader) expectRows(ctx context.Context) error {
	for t := range tableCount {
		n := l.catalogue.rows(t)
		if layouts[t].reference {
			n *= int64(len(l.shards))
		}
		l.tally.expect(Loading, n)
	}
	for _, s := range l.shards {
		if !s.done {
			continue
		}
		n, err := s.countRows(ctx)
		if err != nil {
			return fmt.Errorf("count rows on shard %s: %w", s.name, err)
		}
		l.tally.expect(Loading, -n)
	}
	return nil
}

// commit makes the rows visible and, once all shards have committed, marks them complete. Between
// the first of these steps and the last a crash leaves an interrupted seed.
func (l *loader) commit(ctx context.Context, pending []*shardLoad) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// From here on it is quicker to finish than to clean up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	for _, s := range pending {
		if err := s.tx.Commit(ctx); err != nil {
			return fmt.Errorf("commit seed of shard %s (start again to finish it): %w", s.name, err)
		}
	}
	for _, s := range l.shards {
		if _, err := s.conn.Exec(ctx, completeState); err != nil {
			return fmt.Errorf("mark seed of shard %s complete (start again to finish it): %w", s.name, err)
		}
	}
	return nil
}

func (l *loader) close() {
	for _, s := range l.shards {
		s.close()
	}
}
