package main

import (
	"context"
	"fmt"
	"time"
)

// measure writes one row after the other, while nothing else happens, and looks how long it takes until
// Redis has forgotten the old one, and until each process answers with the new one. Every process has
// the row in its L1 each time.
func (r *runner) measure(ctx context.Context) error {
	// First what the feed takes alone: a row that no cache has.
	from := r.since()
	for n := range r.options.lag {
		sent := r.since()
		if _, err := r.marks.write(ctx, n%len(r.pools), 0); err != nil {
			return err
		}
		if err := r.marks.awaitOf(ctx, n%len(r.pools), sent); err != nil {
			return err
		}
	}
	fmt.Fprintf(r.out, "from sending an INSERT until Redis has forgotten it and the stream told: %s\n", quantiles(r.marks.lags(from, r.since())))
	seen := make([][]time.Duration, servers)
	for n := range r.options.lag {
		g := r.groups[n%len(r.groups)]
		of := g.registers[0]
		for server := range servers {
			if err := r.read(ctx, server, []*register{of}, func(*register, string) {}); err != nil {
				return err
			}
		}
		a := &g.artists[0]
		a.name = g.text()
		called := r.since()
		if _, err := r.pools[g.shard].Exec(ctx, "UPDATE artist SET name = $1 WHERE id = $2", a.name, a.id); err != nil {
			return fmt.Errorf("write what shall be seen: %w", err)
		}
		returns := r.since()
		for _, changed := range g.registers {
			if now := changed.value(g, changed.id.ID); now != changed.current {
				changed.current = now
				changed.record(operation{write: true, value: now, call: called, returns: returns})
			}
		}
		for i := range servers {
			server, current := (i+n)%servers, false // each is the first to be asked half of the times
			for !current {
				err := r.read(ctx, server, []*register{of}, func(_ *register, value string) { current = value == of.current })
				if err != nil {
					return err
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
			}
			if i == 0 { // the second one had time meanwhile
				seen[server] = append(seen[server], r.since()-returns)
			}
		}
	}
	for server := range servers {
		fmt.Fprintf(r.out, "from COMMIT until server %d answers with it: %s\n", server, quantiles(seen[server]))
	}
	return nil
}
