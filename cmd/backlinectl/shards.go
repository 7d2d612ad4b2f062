package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"backline/store/migrations"
)

// shardsCommand is `backlinectl shards`.
type shardsCommand struct {
	Databases databasesFlag `embed:""`
	JSON      bool          `name:"json" help:"Write JSON instead of a table."`
}

// Help is what `--help` adds.
func (*shardsCommand) Help() string {
	return `Examples:

  backlinectl shards --postgres-urls postgres://…/shard0,postgres://…/shard1
  BACKLINE_POSTGRES_URLS=… backlinectl shards --json`
}

// shardRow is what is told about a shard.
type shardRow struct {
	Shard     string `json:"shard"`
	Buckets   int    `json:"buckets"`
	Database  string `json:"database"`
	Postgres  string `json:"postgres"`
	Migration int64  `json:"migration"`
	Pending   int    `json:"pending"`
	Bytes     int64  `json:"bytes"`
}

// Run asks all shards.
func (s *shardsCommand) Run(c *console) error {
	db, err := s.Databases.open(c)
	if err != nil {
		return err
	}
	defer db.Close()
	shards, err := db.Shards(c.ctx)
	if err != nil {
		return err
	}
	status, err := db.MigrationStatus(c.ctx, migrations.Files)
	if err != nil {
		return err
	}
	rows := make([]shardRow, len(shards))
	for i, sh := range shards {
		rows[i] = shardRow{string(sh.Shard), sh.Buckets, sh.Database, sh.Version, status[i].Version, len(status[i].Pending), sh.Bytes}
	}
	if s.JSON {
		encoder := json.NewEncoder(c.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SHARD\tBUCKETS\tDATABASE\tPOSTGRES\tMIGRATION\tPENDING\tMiB")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%04d\t%d\t%d\n", r.Shard, r.Buckets, r.Database, r.Postgres, r.Migration, r.Pending, r.Bytes>>20)
	}
	return table.Flush()
}
