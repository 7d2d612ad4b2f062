package feed

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// freeSlot ends the connection that reads from the slot. It belongs to a reader that has lost its
// lock and does not know yet, because it hangs or its machine is gone.
//
// Postgres lets a user end connections of its own; those of another one only with pg_signal_backend.
// Without that it takes until Postgres ends the connection, which is wal_sender_timeout after the last
// word of a reader that hangs: twice timing.silence.
func (p *preparation) freeSlot(ctx context.Context) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for forbidden := false; p.facts.slotActive != 0; {
		if !forbidden {
			_, err := p.conn.Exec(ctx, "SELECT pg_terminate_backend($1)", p.facts.slotActive)
			if forbidden = codeOf(err) == codeNotPermitted; forbidden {
				mayNotEnd(p.log, p.shard, p.conn, "Postgres ends it when it has not heard of it for some seconds")
			} else if err != nil {
				return fmt.Errorf("end the reader before: %w", err)
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := p.readSlot(ctx); err != nil {
			return err
		}
	}
	return nil
}

// dropSlot ends whoever reads from the slot and drops it, if there is one. A reader that was about to
// begin when its process ended may come in between.
func (p *preparation) dropSlot(ctx context.Context) error {
	for {
		if err := p.freeSlot(ctx); err != nil || !p.facts.slotExists {
			return err
		}
		_, err := p.conn.Exec(ctx, "SELECT pg_drop_replication_slot($1)", p.facts.slot)
		switch codeOf(err) {
		case codeInUse:
			if err := p.readSlot(ctx); err != nil {
				return err
			}
			continue
		case codeUndefinedObject:
			err = nil
		}
		if err != nil {
			return fmt.Errorf("drop the slot: %w", unavailable(p.shard, p.facts.user, err))
		}
		p.facts.slotExists = false
		return nil
	}
}

// mayNotEnd says that the reader before is of another user, and what would help.
func mayNotEnd(log *slog.Logger, shard string, conn *pgx.Conn, otherwise string) {
	user := conn.Config().User
	log.Warn("change feed: the reader before uses another database user, and this one may not end its connection",
		"shard", shard, "user", user, "otherwise", otherwise,
		"do", "let all instances use the same user, or say GRANT pg_signal_backend TO "+pgx.Identifier{user}.Sanitize())
}
