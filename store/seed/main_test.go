package seed

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"go.uber.org/goleak"

	"backline/store/embedded"
	"backline/store/migrations"
	"backline/store/shard"
)

// server is one real Postgres for all tests of this package; every shard of every test is a
// database of its own in it, made from a migrated template.
var server struct {
	url  string
	next atomic.Int64
}

const template = "migrated"

func TestMain(m *testing.M) {
	cluster, err := startServer()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := cluster.Stop(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func startServer() (*embedded.Cluster, error) {
	ctx := context.Background()
	cluster, err := embedded.Start(ctx, embedded.Options{Shards: 1, Ephemeral: true})
	if err != nil {
		return nil, err
	}
	server.url = cluster.PostgresURLs()[0]
	if err := migrateTemplate(ctx); err != nil {
		return nil, fmt.Errorf("%w; %v", err, cluster.Stop(ctx))
	}
	return cluster, nil
}

func migrateTemplate(ctx context.Context) error {
	if err := admin(ctx, "CREATE DATABASE "+template); err != nil {
		return err
	}
	config, err := pgx.ParseConfig(server.url)
	if err != nil {
		return err
	}
	config.Database = template
	return migrate(ctx, config)
}

func migrate(ctx context.Context, config *pgx.ConnConfig) error {
	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// admin runs one statement in the server's own database.
func admin(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, server.url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

// setup makes n empty, migrated shards.
func setup(t testing.TB, n int) Target {
	t.Helper()
	top, err := shard.Even(n)
	if err != nil {
		t.Fatal(err)
	}
	target := Target{Topology: top}
	for range n {
		name := fmt.Sprintf("seed_%d", server.next.Add(1))
		// On another connection than the test's context, so that cleaning up never hangs on it.
		if err := admin(context.Background(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
			t.Fatal(err)
		}
		config, err := pgxpool.ParseConfig(server.url)
		if err != nil {
			t.Fatal(err)
		}
		config.ConnConfig.Database = name
		pool, err := pgxpool.NewWithConfig(context.Background(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			pool.Close()
			if err := admin(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
				t.Error(err)
			}
		})
		target.Pools = append(target.Pools, pool)
	}
	return target
}
