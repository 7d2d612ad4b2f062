package seed

import (
	"context"
	"fmt"
	"os"
	"sync"
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

// server is one real Postgres for all tests of this package, started by the first that needs it;
// every shard of every test is a database of its own in it, made from a migrated template.
var server struct {
	start   sync.Once
	cluster *embedded.Cluster
	url     string
	err     error
	next    atomic.Int64
}

const template = "migrated"

func TestMain(m *testing.M) {
	code := m.Run()
	if server.cluster != nil {
		if err := server.cluster.Stop(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func startServer() {
	ctx := context.Background()
	server.cluster, server.err = embedded.Start(ctx, embedded.Options{Shards: 1, Ephemeral: true})
	if server.err == nil {
		server.url = server.cluster.PostgresURLs()[0]
		server.err = migrateTemplate(ctx)
	}
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
	if server.start.Do(startServer); server.err != nil {
		t.Fatal(server.err)
	}
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
