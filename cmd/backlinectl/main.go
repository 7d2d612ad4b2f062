// Backlinectl is the operator's tool: what is done to a server or prepared for one, from a shell or
// from CI, and is not a request.
//
// This package owns the command line: one file for each command, whose Run gets a [console]. What a
// command does stands in the packages that serve requests too, so that both agree; a command reads,
// calls and prints. Nothing imports it.
//
// A command ends with 0 if all is good, with 1 if it found or met a problem, and with 2 if it was
// called wrongly. What it found goes to the standard output, progress and errors to the standard
// error, so that its output can be piped.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit statuses.
const (
	exitGood    = 0
	exitProblem = 1
	exitUsage   = 2
)

// commandLine is all commands.
type commandLine struct {
	Cache     cacheCommand     `cmd:"" help:"Look after what servers keep."`
	Documents documentsCommand `cmd:"" help:"Look at persisted operations."`
	Embedded  embeddedCommand  `cmd:"" help:"Say where the databases are that a server has started for itself."`
	Feed      feedCommand      `cmd:"" help:"Look after the change feeds of shards."`
	Import    importCommand    `cmd:"" help:"Fill empty shards with the Chinook data."`
	Key       keyCommand       `cmd:"" help:"Make API keys."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the tables of all shards to what the server expects."`
	Schema    schemaCommand    `cmd:"" help:"Look at the schema."`
	Seed      seedCommand      `cmd:"" help:"Fill empty shards with a made-up music store."`
	Shards    shardsCommand    `cmd:"" help:"Describe the shards: buckets, databases, migrations."`
	Token     tokenCommand     `cmd:"" help:"Mint a token that a server in development accepts."`
	Version   kong.VersionFlag `name:"version" help:"Print the version and exit."`
}

// console is where a command runs: it ends when ctx does, and writes nowhere else.
type console struct {
	ctx      context.Context
	out, err io.Writer
}

// errFound is the end of a command that has printed what is wrong.
var errFound = errors.New("problems found")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(&console{ctx, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(status)
}

// run is the whole program but for its process.
func run(c *console, args []string) int {
	var line commandLine
	answered := false
	parser, err := kong.New(&line,
		kong.Name("backlinectl"),
		kong.Description("The operator's tool of Backline. It ends with 0 if all is good, 1 if something is wrong, 2 if it was called wrongly."),
		kong.Vars{"version": version()},
		kong.Writers(c.out, c.err),
		kong.Exit(func(int) { answered = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		fmt.Fprintln(c.err, "backlinectl: read the command line:", err)
		return exitProblem
	}
	if len(args) == 0 { // somebody who looks what there is
		args = []string{"--help"}
	}
	chosen, err := parser.Parse(args)
	switch {
	case answered:
		return exitGood
	case err != nil:
		fmt.Fprintf(c.err, "backlinectl: %v\nbacklinectl --help lists all commands.\n", err)
		return exitUsage
	}
	switch err := chosen.Run(c); {
	case err == nil:
		return exitGood
	case errors.Is(err, errFound):
		return exitProblem
	default:
		fmt.Fprintln(c.err, "backlinectl:", err)
		return exitProblem
	}
}

// version is what the build recorded: a tag, or a revision.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
