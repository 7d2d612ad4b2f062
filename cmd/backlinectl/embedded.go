package main

import (
	"fmt"
	"strings"

	"backline/store/embedded"
)

// embeddedCommand is `backlinectl embedded`.
type embeddedCommand struct {
	DataDir string `name:"data-dir" env:"BACKLINE_DATA_DIR" default:".backline" placeholder:"DIR" help:"Where the server keeps their data."`
}

// Help is what `--help` adds.
func (*embeddedCommand) Help() string {
	return `A server that runs without databases of yours starts its own, in a directory. This says where they are, for other
commands, for another server over the same data, and for psql. It prints a password: they take no other.

Examples:

  eval "$(backlinectl embedded)"
  backlinectl cache purge --all
  psql "${BACKLINE_POSTGRES_URLS%%,*}"     # the first shard
  unset BACKLINE_POSTGRES_URLS BACKLINE_REDIS_URL  # before the server starts again: it would take them for yours`
}

// Run prints them as a shell reads them.
func (e *embeddedCommand) Run(c *console) error {
	places, err := embedded.PlacesOf(e.DataDir)
	if err != nil {
		return fmt.Errorf("look for embedded databases in %s: %w", e.DataDir, err)
	}
	fmt.Fprintf(c.out, "export BACKLINE_POSTGRES_URLS='%s'\n", strings.Join(places.Postgres, ","))
	if places.Redis != "" {
		fmt.Fprintf(c.out, "export BACKLINE_REDIS_URL='%s'\n", places.Redis)
	}
	return nil
}
