package feed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// stateSQL makes the table that remembers what the last reader saw, so that the next one, perhaps
// another process after a failover, can tell whether the slot's changes follow on from there.
const stateSQL = `CREATE TABLE feed_state (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    system      text    NOT NULL, -- pg_control's identifier of the server
    timeline    integer NOT NULL,
    publication oid     NOT NULL,
    tables      text    NOT NULL, -- the fingerprint of their definitions
    follows     text[]  NOT NULL DEFAULT '{}', -- what the reader makes of changes
    pending     text              -- why caches must be flushed, until they are
)`

func (p *preparation) makeState(ctx context.Context) error {
	var exists, complete bool
	if err := p.conn.QueryRow(ctx, `SELECT to_regclass('feed_state') IS NOT NULL, EXISTS (
		SELECT FROM pg_attribute WHERE attrelid = to_regclass('feed_state') AND attname = 'follows')`).Scan(&exists, &complete); err != nil {
		return fmt.Errorf("look for the feed's state: %w", err)
	}
	sql := stateSQL
	switch {
	case complete:
		return nil
	case exists:
		sql = "ALTER TABLE feed_state ADD follows text[] NOT NULL DEFAULT '{}'"
	}
	if err := p.execute(ctx, sql); err != nil {
		return fmt.Errorf("make a table for the feed's state: %w", err)
	}
	return nil
}

// feedBegins is why all is flushed once where no feed was before.
const feedBegins = "the feed begins"

// compare makes sure that all changes since the last reader's will be read; where some may be lost,
// it flushes. What is pending is written down first: if this process dies before its flush has
// reached the caches, the next one repeats it.
func (p *preparation) compare(ctx context.Context) error {
	f := &p.facts
	var last shardFacts
	var follows []string
	var pending *string
	err := p.conn.QueryRow(ctx, "SELECT system, timeline, publication, tables, follows, pending FROM feed_state").
		Scan(&last.system, &last.timeline, &last.publication, &last.fingerprint, &follows, &pending)
	isNew := errors.Is(err, pgx.ErrNoRows)
	if err != nil && !isNew {
		return fmt.Errorf("read the feed's state: %w", err)
	}
	reason := ""
	tooMuch := p.keepBytes > 0 && f.slotKeeps > p.keepBytes
	switch {
	case pending != nil:
		reason = *pending
	case isNew:
		reason = feedBegins
	case f.system != last.system:
		reason = "another server has taken over"
	case f.timeline != last.timeline:
		reason = "a standby has taken over"
	case !f.slotExists:
		reason = "the slot was dropped"
	case f.slotLost:
		reason = "the slot was lost: more than max_slot_wal_keep_size was written while nobody read"
	case tooMuch:
		reason = "more WAL was waiting than is to be kept"
	case f.publication != last.publication:
		reason = "the publication was made anew"
	case f.fingerprint != last.fingerprint:
		reason = "the tables or their publication were altered"
	case !hasAll(follows, p.follows):
		reason = followedMore
	}
	if reason != "" {
		if err := p.writeState(ctx, last.publication, follows, &reason); err != nil {
			return err
		}
	}
	// What was written before the publication was made cannot be decoded with it.
	useless := f.slotLost || tooMuch || f.publication != last.publication
	if err := p.makeSlot(ctx, useless); err != nil {
		return err
	}
	if reason == "" && hasAll(p.follows, follows) {
		return nil
	}
	if reason != "" {
		if err := p.flush(ctx, reason); err != nil {
			return fmt.Errorf("flush because %s: %w", reason, err)
		}
	}
	return p.writeState(ctx, f.publication, p.follows, nil)
}

func (p *preparation) writeState(ctx context.Context, publication uint32, follows []string, pending *string) error {
	f := &p.facts
	if _, err := p.conn.Exec(ctx, `INSERT INTO feed_state (system, timeline, publication, tables, follows, pending) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (one) DO UPDATE SET (system, timeline, publication, tables, follows, pending) = ($1, $2, $3, $4, $5, $6)`,
		f.system, f.timeline, publication, f.fingerprint, append([]string{}, follows...), pending); err != nil {
		return fmt.Errorf("write the feed's state: %w", err)
	}
	return nil
}

// makeSlot ends whoever else reads from the slot, and makes one where there is none or useless says
// that it is of no use. Making one waits for the transactions that write at the moment.
func (p *preparation) makeSlot(ctx context.Context, useless bool) error {
	f := &p.facts
	free := p.freeSlot
	if useless {
		free = p.dropSlot
	}
	if err := free(ctx); err != nil {
		return err
	}
	if !f.slotExists {
		if _, err := p.conn.Exec(ctx, "SELECT pg_create_logical_replication_slot($1, 'pgoutput')", f.slot); err != nil {
			return fmt.Errorf("make a slot: %w", unavailable(p.shard, f.user, err))
		}
		if err := errors.Join(p.readSlot(ctx), p.settle(ctx)); err != nil {
			return err
		}
	}
	p.plan.from = f.slotPosition
	return nil
}

// settle comes between a new slot and its flush: a transaction whose commit is before the slot's
// beginning may not be visible yet (see waitUntilVisible), and nobody will tell of it. Which ones
// those are cannot be known, so it gives all that run a moment to end.
func (p *preparation) settle(ctx context.Context) error {
	const moment = 2 * time.Second
	s, err := readSnapshot(ctx, p.conn)
	if err != nil {
		return err
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	running := make([]uint32, len(s.running))
	for i, xid := range s.running {
		running[i] = uint32(xid) //nolint:gosec // the lower half
	}
	return waitUntilVisible(ctx, p.conn, running, timer.C)
}
