package store

import (
	"context"
	"fmt"

	"backline/store/shard"
)

// ShardInfo describes one shard, for operators.
type ShardInfo struct {
	Shard    shard.Name
	Buckets  int    // that it owns
	Database string // HOST:PORT/NAME, without user and password
	Version  string // of Postgres
	Bytes    int64  // of its database
}

// Shards describes all shards, in the order of the topology.
func (s *Store) Shards(ctx context.Context) ([]ShardInfo, error) {
	all := make([]ShardInfo, len(s.pools))
	for b := range shard.Bucket(shard.Buckets) {
		all[s.topology.Owner(b)].Buckets++
	}
	err := s.eachShard(func(i int) error {
		c := s.pools[i].Config().ConnConfig
		all[i].Shard, all[i].Database = s.topology.Name(i), fmt.Sprintf("%s:%d/%s", c.Host, c.Port, c.Database)
		return s.pools[i].QueryRow(ctx, "SELECT split_part(current_setting('server_version'), ' ', 1), pg_database_size(current_database())").
			Scan(&all[i].Version, &all[i].Bytes)
	}, "describe")
	return all, err
}
