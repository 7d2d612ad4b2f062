package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"backline/loaders"
	"backline/store"
	"backline/store/migrations"
)

// migrateCommand is `backlinectl migrate`.
type migrateCommand struct {
	Databases databasesFlag `embed:""`
	DryRun    bool          `name:"dry-run" help:"Only tell what would be applied. It ends with 1 if there is anything."`
}

// Help is what `--help` adds.
func (*migrateCommand) Help() string {
	return `The server does the same at its start. It may be run at any time and by several at once: migrations only go forward, each in a transaction of its own.

Examples:

  backlinectl migrate --postgres-urls postgres://…/shard0,postgres://…/shard1
  BACKLINE_POSTGRES_URLS=… backlinectl migrate --dry-run`
}

// Run migrates and compares the tables with what the schema expects.
func (m *migrateCommand) Run(c *console) error {
	s, err := m.Databases.open(c)
	if err != nil {
		return err
	}
	defer s.Close()
	if m.DryRun {
		return m.tell(c, s)
	}
	applied, err := s.Migrate(c.ctx, migrations.Files, func(shard, file string) {
		fmt.Fprintf(c.err, "shard %s: %s\n", shard, file)
	})
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, a := range applied {
		fmt.Fprintf(table, "shard %s\t%s\t%v\n", a.Shard, a.File, a.Took.Round(time.Millisecond))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print what was applied: %w", err)
	}
	if err != nil {
		return err
	}
	if len(applied) == 0 {
		fmt.Fprintln(c.out, "nothing to apply")
	}
	return s.Check(c.ctx, loaders.KeptOf())
}

// tell prints what waits.
func (m *migrateCommand) tell(c *console, s *store.Store) error {
	status, err := s.MigrationStatus(c.ctx, migrations.Files)
	if err != nil {
		return err
	}
	waiting := false
	for _, shard := range status {
		pending := "nothing waits"
		if len(shard.Pending) > 0 {
			waiting, pending = true, strings.Join(shard.Pending, ", ")
		}
		fmt.Fprintf(c.out, "shard %s  at %04d  %s\n", shard.Shard, shard.Version, pending)
	}
	if waiting {
		return errFound
	}
	return nil
}
