package seed

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"backline/store/shard"
)

// Target is where the rows go.
type Target struct {
	// Topology says which shard owns which bucket.
	Topology *shard.Topology
	// Pools are the shards' primaries, in the topology's order, migrated. A seed opens one
	// connection of its own beside each, and closes it afterwards.
	Pools []*pgxpool.Pool
}

// ErrNotEmpty says that the shards hold rows already: a complete seed, or rows of somebody else.
var ErrNotEmpty = errors.New("the shards are not empty")

// ErrNoTables says that a shard lacks tables that the seed fills: it has not been migrated, or the
// music store was replaced by another, which this seed is not for.
var ErrNoTables = errors.New("the tables of the music store are missing")

func (t Target) validate() error {
	if t.Topology == nil || len(t.Pools) != t.Topology.Len() {
		return fmt.Errorf("a seed needs one pool per shard of the topology, not %d", len(t.Pools))
	}
	return nil
}
