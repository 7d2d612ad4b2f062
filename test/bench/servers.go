package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"backline/test/bench/data"
	"backline/test/bench/proc"
	"backline/test/bench/query"
	"backline/test/bench/report"
)

// server is one that can be measured.
type server struct {
	name    string
	title   string
	dialect query.Dialect
	shards  int
	// build makes ready what is started; nil if there is nothing to do.
	build func(ctx context.Context, b *bench) error
	// start gives the command, which listens on addr and, if it is a Go program, serves profiles on
	// debug.
	start func(b *bench, c *data.Cluster, addr, debug string) *exec.Cmd
	// debugged says that it does.
	debugged bool
	// peer says that Backline is compared with it, but can be measured without it.
	peer bool
	// program is the binary of a server in Go that is not called as its program is; "" otherwise.
	program string
	// modules of Go and packages of npm whose versions are told.
	modules, packages []string
}

// connections is how many each server may open to Postgres, to all shards together: Backline's own number
// for one. It suits the others as well: with two processors nobody gains by more.
const connections = 16

// servers in the order of the tables.
var servers = []*server{
	{
		name: "limit", title: "handwritten net/http + pgx: the limit", dialect: query.Plain, shards: 1, debugged: true,
		modules: []string{"github.com/jackc/pgx/v5"},
		build:   func(ctx context.Context, b *bench) error { return b.goBuild(ctx, ".", "./limit", "limit") },
		start: func(b *bench, c *data.Cluster, addr, debug string) *exec.Cmd {
			return exec.Command(b.binary("limit"), "-addr", addr, "-debug", debug, "-postgres", c.URLs[0], "-conns", fmt.Sprint(connections))
		},
	},
	backline("backline", "Backline", 1, "breadth"),
	backline("backline-2", "Backline on 2 shards", 2, "breadth"),
	backline("backline-4", "Backline on 4 shards", 4, "breadth"),
	backline(reference, "Backline with gqlgen's own executor", 1, "reference"),
	doorless(),
	doored(),
	dooredByID(),
	caching(report.Cached, "Backline that keeps fields"),
	caching(report.Bytes, "Backline that keeps subtrees, in Redis only", "BACKLINE_CACHE_SUBTREES=true", "BACKLINE_CACHE_BYTES=0"),
	caching(report.BytesL1, "Backline that keeps subtrees, in the process and in Redis", "BACKLINE_CACHE_SUBTREES=true"),
	redisGet(),
	backline(baseline, "another build of Backline", 1, "breadth"),
	backline(baseline4, "another build of Backline on 4 shards", 4, "breadth"),
	gqlgen(),
	node("yoga", "GraphQL Yoga with graphql-jit and dataloaders", query.Plain, "graphql-yoga", "@envelop/graphql-jit", "dataloader", "graphql"),
	node("mercurius", "Mercurius with its JIT and loaders", query.Plain, "mercurius", "graphql-jit", "fastify", "graphql"),
	node("postgraphile", "PostGraphile", query.PostGraphile, "postgraphile", "grafast", "@dataplan/pg", "graphql"),
	node("apollo", "Apollo Server with dataloaders", query.Plain, "@apollo/server", "@as-integrations/fastify", "fastify", "dataloader", "graphql"),
}

// backline is the product itself, in production mode.
func backline(name, title string, shards int, executor string) *server {
	return &server{
		name: name, title: title, dialect: dialectOfProduct, shards: shards, debugged: true,
		modules: []string{"github.com/99designs/gqlgen", "github.com/graph-gophers/dataloader/v7", "github.com/jackc/pgx/v5"},
		build: func(ctx context.Context, b *bench) error {
			if err := b.makeKey(ctx); err != nil || b.product(name) != b.binary("backline") {
				return err
			}
			return b.goBuild(ctx, "../..", ".", "backline")
		},
		start: func(b *bench, c *data.Cluster, addr, debug string) *exec.Cmd {
			cmd := exec.Command(b.product(name))
			cmd.Dir = b.temp
			for _, v := range os.Environ() {
				if !strings.HasPrefix(v, "BACKLINE_") && !strings.HasPrefix(v, "OTEL_") {
					cmd.Env = append(cmd.Env, v)
				}
			}
			cmd.Env = append(cmd.Env,
				"BACKLINE_ENV=production", "BACKLINE_ADDR="+addr, "BACKLINE_ADMIN_ADDR="+debug,
				"BACKLINE_POSTGRES_URLS="+strings.Join(c.URLs, ","), "BACKLINE_REDIS_URL="+c.RedisURL,
				"BACKLINE_SEED=none", "BACKLINE_EXECUTOR="+executor, "BACKLINE_LOG=json", "BACKLINE_LOG_LEVEL=warn",
				"BACKLINE_REQUEST_TIMEOUT=20s",
				"BACKLINE_MAX_COST=0", "BACKLINE_THROTTLE=off", // the peers have no prices and no budgets
				"BACKLINE_MAX_CONCURRENCY=1000") // as many as ask, however long they wait for the processor
			cmd.Env = append(cmd.Env, b.rights(b.product(name))...)
			cmd.Env = append(cmd.Env, b.connections(b.product(name), shards)...)
			return cmd
		},
	}
}

// connections divides them among the shards; an older build, as a baseline, has a fixed number for each.
func (b *bench) connections(binary string, shards int) []string {
	help, err := exec.Command(binary, "--help").Output()
	if err != nil || !strings.Contains(string(help), "--postgres-conns") {
		return nil
	}
	return []string{"BACKLINE_POSTGRES_CONNS=" + fmt.Sprint(connections/shards)}
}

// dialectOfProduct is what Backline speaks, and nobody else.
const dialectOfProduct = query.Backline

// reference is Backline with gqlgen's own executor.
const reference = "reference"

// baseline is the server that --baseline names, and baseline4 that server on 4 shards.
const baseline, baseline4 = "baseline", "baseline-4"

// product is the binary of a server of Backline's.
func (b *bench) product(name string) string {
	if name == baseline || name == baseline4 {
		return b.baseline
	}
	return cmp.Or(b.backline, b.binary("backline"))
}

func (b *bench) binary(name string) string { return filepath.Join(b.temp, name) }

// goBuild builds a program of a module, once.
func (b *bench) goBuild(ctx context.Context, module, pkg, name string) error {
	if _, err := os.Stat(b.binary(name)); err == nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", b.binary(name), pkg)
	cmd.Dir = filepath.Join(b.home, module)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", name, err, out)
	}
	return nil
}

// running is a server that was started.
type running struct {
	*server
	*proc.Child
	cluster     *data.Cluster
	addr, debug string
}

func (b *bench) launch(ctx context.Context, s *server, c *data.Cluster) (*running, error) {
	if s.build != nil {
		if err := s.build(ctx, b); err != nil {
			return nil, err
		}
	}
	r := &running{server: s, cluster: c}
	var err error
	if r.addr, err = proc.FreeAddr(); err != nil {
		return nil, err
	}
	if r.debug, err = proc.FreeAddr(); err != nil {
		return nil, err
	}
	if r.Child, err = proc.Start(b.temp, s.name, s.start(b, c, r.addr, r.debug)); err != nil {
		return nil, err
	}
	b.children = append(b.children, r.Child)
	return r, r.Ready(ctx, r.addr)
}
