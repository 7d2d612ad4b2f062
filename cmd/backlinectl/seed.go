package main

import (
	"fmt"
	"log/slog"
	"time"

	"backline/loaders"
	"backline/store"
	"backline/store/seed"
	"backline/telemetry"
)

// seedCommand is `backlinectl seed`.
type seedCommand struct {
	Databases databasesFlag `embed:""`
	Scale     float64       `name:"scale" default:"1" placeholder:"N" help:"The size: 1, the default, is 300 artists, 3,500 tracks, 1,000 customers and 10,000 invoices; up to 10000."`
}

// Help is what `--help` adds.
func (*seedCommand) Help() string {
	return `The shards must be migrated and empty. Equal sizes give equal rows, on any number of shards.

Example:

  backlinectl seed --scale 100 --postgres-urls postgres://…/shard0,postgres://…/shard1`
}

// Run fills the shards.
func (s *seedCommand) Run(c *console) error {
	return fill(c, s.Databases, "demo", func(t seed.Target, p seed.Progress) (seed.Report, error) {
		return seed.Demo(c.ctx, t, seed.DemoOptions{Scale: s.Scale}, p)
	})
}

// importCommand is `backlinectl import`.
type importCommand struct {
	Databases databasesFlag `embed:""`
	Script    string        `arg:"" placeholder:"FILE" help:"The official Chinook_PostgreSql.sql. It is read and checked, not run."`
}

// Help is what `--help` adds.
func (*importCommand) Help() string {
	return `The shards must be migrated and empty. Rows keep the keys that they had.

Example:

  backlinectl import Chinook_PostgreSql.sql --postgres-urls postgres://…/shard0,postgres://…/shard1`
}

// Run fills the shards.
func (i *importCommand) Run(c *console) error {
	return fill(c, i.Databases, i.Script, func(t seed.Target, p seed.Progress) (seed.Report, error) {
		return seed.Chinook(c.ctx, t, i.Script, p)
	})
}

// fill loads rows into shards, and tells how many.
func fill(c *console, databases databasesFlag, what string, load func(seed.Target, seed.Progress) (seed.Report, error)) error {
	s, err := databases.open(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Check(c.ctx, loaders.KeptOf()); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.err, nil))
	report, err := load(targetOf(s), seed.Show(c.err, telemetry.IsTerminal(c.err), log, what, time.Now))
	if err != nil {
		return err
	}
	for _, t := range report.Tables {
		fmt.Fprintf(c.out, "%-16s %d\n", t.Table, t.Rows)
	}
	return nil
}

func targetOf(s *store.Store) seed.Target {
	return seed.Target{Topology: s.Topology(), Pools: s.Pools()}
}
