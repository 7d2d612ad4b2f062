package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"backline/test/bench/data"
	"backline/test/bench/query"
)

// errMissing is why a peer that cannot be installed or started here is left out.
var errMissing = errors.New("not on this machine")

// gqlgen is a server as its documentation shows.
func gqlgen() *server {
	return &server{
		name: "gqlgen", title: "gqlgen with dataloaders", dialect: query.Plain, shards: 1, debugged: true, peer: true,
		modules: []string{"github.com/99designs/gqlgen", "github.com/graph-gophers/dataloader/v7", "github.com/jackc/pgx/v5"},
		build:   func(ctx context.Context, b *bench) error { return b.goBuild(ctx, ".", "./gqlgen", "gqlgen") },
		start: func(b *bench, c *data.Cluster, addr, debug string) *exec.Cmd {
			return exec.Command(b.binary("gqlgen"), "-addr", addr, "-debug", debug, "-postgres", c.URLs[0], "-conns", fmt.Sprint(connections))
		},
	}
}

// node is a peer that Node runs: node/NAME.js, as one process in production mode. Its packages are
// those whose versions matter.
func node(name, title string, dialect query.Dialect, packages ...string) *server {
	return &server{
		name: name, title: title, dialect: dialect, shards: 1, peer: true, packages: append(packages, "pg"),
		build: func(ctx context.Context, b *bench) error { return b.npmInstall(ctx) },
		start: func(b *bench, c *data.Cluster, addr, _ string) *exec.Cmd {
			cmd := exec.Command("node", name+".js")
			cmd.Dir = filepath.Join(b.home, "node")
			for _, v := range os.Environ() {
				if !strings.HasPrefix(v, "NODE_OPTIONS=") {
					cmd.Env = append(cmd.Env, v)
				}
			}
			cmd.Env = append(cmd.Env, "NODE_ENV=production", "GRAPHILE_ENV=production", "BENCH_ADDR="+addr,
				"BENCH_POSTGRES_URL="+c.URLs[0], fmt.Sprintf("BENCH_CONNECTIONS=%d", connections))
			return cmd
		},
	}
}

// npmTimeout is for a slow registry; a run must not wait for one that does not answer.
const npmTimeout = 3 * time.Minute

// npmInstall installs the packages of package-lock.json, once for each content of that file. Where
// it cannot, the peers of Node are missing, and it is not tried for each of them.
func (b *bench) npmInstall(ctx context.Context) error {
	if b.npm == nil {
		err := npmInstall(ctx, filepath.Join(b.home, "node"), func() { b.say("installing the peers' packages, this once") })
		b.npm = &err
	}
	return *b.npm
}

func npmInstall(ctx context.Context, dir string, installing func()) error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%w: there is no %s", errMissing, program)
		}
	}
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return fmt.Errorf("read the peers' packages: %w", err)
	}
	sum := sha256.Sum256(lock)
	want := hex.EncodeToString(sum[:])
	mark := filepath.Join(dir, "node_modules", ".installed")
	if have, err := os.ReadFile(mark); err == nil && string(have) == want {
		return nil
	}
	installing()
	ctx, cancel := context.WithTimeout(ctx, npmTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: npm ci: %w: %s", errMissing, err, head(out))
	}
	if err := os.WriteFile(mark, []byte(want), 0o600); err != nil {
		return fmt.Errorf("mark the peers' packages as installed: %w", err)
	}
	return nil
}

// head is the first that a program has said, on one line.
func head(out []byte) string {
	return strings.Join(strings.Fields(string(out[:min(len(out), 300)])), " ")
}

// packageVersions are what package-lock.json pins, "graphql-yoga 5.24.1, pg 8.23.1".
func packageVersions(lock []byte, names []string) (string, error) {
	var l struct {
		Packages map[string]struct{ Version string }
	}
	if err := json.Unmarshal(lock, &l); err != nil {
		return "", fmt.Errorf("read package-lock.json: %w", err)
	}
	var out []string
	for _, name := range names {
		p, ok := l.Packages["node_modules/"+name]
		if !ok {
			return "", fmt.Errorf("read package-lock.json: it has no %s", name)
		}
		out = append(out, name+" "+p.Version)
	}
	return strings.Join(out, ", "), nil
}
