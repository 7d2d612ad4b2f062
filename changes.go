package main

import (
	"context"
	"fmt"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/store/feed"
)

// changes invalidates what a feed says has changed.
type changes struct {
	invalidator *fieldcache.Invalidator
	tables      []loaders.Dependent // as the feed was given them
}

// feed are the tables that must be followed.
func (c changes) feed() []feed.Table {
	tables := make([]feed.Table, len(c.tables))
	for i, t := range c.tables {
		tables[i] = feed.Table{Name: t.Table, Columns: t.Columns}
	}
	return tables
}

// follows is what is made of them, as releases tell each other.
func (c changes) follows() []string {
	var all []string
	for _, t := range c.tables {
		all = append(all, t.Effects()...)
	}
	return all
}

// Apply names what a batch touches.
func (c changes) Apply(ctx context.Context, _ string, batch feed.Batch) error {
	return c.invalidator.Invalidate(ctx, c.refs(batch.Changes)...)
}

// refs are what changes touch, each once if they come one behind the other.
func (c changes) refs(all []feed.Change) []fieldcache.Ref {
	refs := make([]fieldcache.Ref, 0, 4*len(all))
	add := func(r fieldcache.Ref) {
		if len(refs) == 0 || refs[len(refs)-1] != r {
			refs = append(refs, r)
		}
	}
	var before, after []loaders.Value
	for i := range all {
		change := &all[i]
		before, after = values(before, change.Old), values(after, change.New)
		for _, t := range c.tables[change.Table].Touches {
			ids, all := t.IDs(rowIf(change.Old != nil, before), rowIf(change.New != nil, after))
			if all {
				add(fieldcache.Ref{Space: t.Space})
				continue
			}
			for _, id := range ids {
				if id != 0 { // else there is no parent
					add(fieldcache.Ref{Space: t.Space, ID: id})
				}
			}
		}
	}
	return refs
}

func rowIf(is bool, row []loaders.Value) []loaders.Value {
	if !is {
		return nil
	}
	return row
}

// values are those of a row as the loaders want them, in the room of out.
func values(out []loaders.Value, row feed.Row) []loaders.Value {
	out = out[:0]
	for _, v := range row {
		id, isInt := v.Int()
		out = append(out, loaders.Value{ID: id, IsKnown: isInt || v.IsNull()})
	}
	return out
}

// Flush forgets everything: rows of one shard cannot be told from those of others.
func (c changes) Flush(ctx context.Context, shard, reason string) error {
	if err := c.invalidator.Invalidate(ctx, fieldcache.Ref{}); err != nil {
		return fmt.Errorf("flush after %s on shard %s: %w", reason, shard, err)
	}
	return nil
}
