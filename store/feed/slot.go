package feed

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Slot is how the slot of a database's feed is.
type Slot struct {
	// Exists is false where no feed was ever begun, or it was removed.
	Exists bool
	// Read says that a process reads it.
	Read bool
	// KeptBytes of WAL are on the server's disk for it.
	KeptBytes int64
}

// SlotOf looks at the slot of a database. It needs no feed, and changes nothing.
func SlotOf(ctx context.Context, url string) (s Slot, err error) {
	config, err := connConfig(url, usualTiming())
	if err != nil {
		return s, fmt.Errorf("look for the slot: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return s, fmt.Errorf("look for the slot: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	p := &preparation{conn: conn}
	if err := p.nameSlot(ctx); err != nil {
		return s, err
	}
	if err := p.readSlot(ctx); err != nil {
		return s, err
	}
	return Slot{Exists: p.facts.slotExists, Read: p.facts.slotActive != 0, KeptBytes: p.facts.slotKeeps}, nil
}

// nameSlot finds what the slot of this database is called.
func (p *preparation) nameSlot(ctx context.Context) error {
	err := p.conn.QueryRow(ctx, "SELECT $1 || oid FROM pg_database WHERE datname = current_database()", slotPrefix).Scan(&p.facts.slot)
	if err != nil {
		return fmt.Errorf("name the slot: %w", err)
	}
	return nil
}
