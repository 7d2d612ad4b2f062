package storetest

import (
	"context"
	"io/fs"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"backline/store"
	"backline/store/migrations"
)

// Cluster is a store with fresh shards that belong to one test.
type Cluster struct {
	Store *store.Store
	// URLs of the databases, one per shard; behind the proxies, if there are any.
	URLs []string
	// Statements that the store ran.
	Statements *Recorder

	faults []*proxy
}

type config struct {
	migrations fs.FS
	observer   store.Observer
	timeout    time.Duration
	reference  int
	faults     bool
}

// An Option changes what NewCluster makes.
type Option func(*config)

// WithMigrations applies fsys instead of the product's migrations; nil leaves the databases empty.
func WithMigrations(fsys fs.FS) Option { return func(c *config) { c.migrations = fsys } }

// WithObserver tells o of the statements, besides the recorder.
func WithObserver(o store.Observer) Option { return func(c *config) { c.observer = o } }

// WithTimeout is the store's; without it the store has a minute, so that a busy machine fails no
// test.
func WithTimeout(d time.Duration) Option { return func(c *config) { c.timeout = d } }

// WithReferenceShard says which shard answers for reference tables; without it the first does.
func WithReferenceShard(i int) Option { return func(c *config) { c.reference = i } }

// WithFaults puts a proxy in front of every shard, which can cut it off or freeze it.
func WithFaults() Option { return func(c *config) { c.faults = true } }

// NewCluster makes a store with this many shards, migrated and empty, and removes them after the
// test. Where no Postgres can be found the test is skipped.
func NewCluster(t testing.TB, shards int, options ...Option) *Cluster {
	t.Helper()
	o := config{migrations: migrations.Files, timeout: time.Minute}
	for _, option := range options {
		option(&o)
	}
	s := running(t)
	template, err := s.template(t.Context(), o.migrations)
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{URLs: make([]string, shards), Statements: &Recorder{next: o.observer}}
	c.createShards(t, s, template, o.faults)
	c.Store, err = store.Open(t.Context(), store.Config{
		URLs: c.URLs, ReferenceShard: o.reference,
		Timeout: o.timeout, MaxConns: 4, Observer: c.Statements,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Store.Close) // before the databases are dropped
	return c
}

// createShards makes all databases at once.
func (c *Cluster) createShards(t testing.TB, s *server, template string, faults bool) {
	t.Helper()
	names, errs := make([]string, len(c.URLs)), make([]error, len(c.URLs))
	t.Cleanup(func() {
		each(names, func(i int) {
			if names[i] != "" {
				errs[i] = s.drop(names[i])
			}
		})
		report(t, errs)
	})
	ctx := t.Context()
	each(names, func(i int) {
		if names[i], errs[i] = s.create(ctx, template); errs[i] == nil {
			c.URLs[i], errs[i] = s.url(names[i], faults)
		}
	})
	report(t, errs)
	if t.Failed() {
		t.FailNow()
	}
	if faults {
		for i := range c.URLs {
			c.faults = append(c.faults, startProxy(t, &c.URLs[i]))
		}
	}
}

func report(t testing.TB, errs []error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}

func each(names []string, f func(i int)) {
	var wg sync.WaitGroup
	for i := range names {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// Exec runs SQL on every shard.
func (c *Cluster) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	for i := range c.URLs {
		c.ExecOn(t, i, sql, args...)
	}
}

// ExecOn runs SQL on one shard.
func (c *Cluster) ExecOn(t testing.TB, shard int, sql string, args ...any) {
	t.Helper()
	if _, err := c.Store.Pools()[shard].Exec(context.WithoutCancel(t.Context()), sql, args...); err != nil {
		t.Fatalf("run %q on shard %d: %v", sql, shard, err)
	}
}

// Cut ends all connections to a shard and refuses new ones, as if its server had died.
func (c *Cluster) Cut(shard int) { c.faults[shard].set(cut) }

// Freeze keeps all connections to a shard open and silent, as if its server were stopped or the
// network lost every packet.
func (c *Cluster) Freeze(shard int) { c.faults[shard].set(frozen) }

// Restore makes a shard reachable again; what a frozen one held back arrives.
func (c *Cluster) Restore(shard int) { c.faults[shard].set(healthy) }

func startProxy(t testing.TB, databaseURL *string) *proxy {
	t.Helper()
	u, err := url.Parse(*databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(l, u.Host)
	t.Cleanup(p.close)
	u.Host = l.Addr().String()
	*databaseURL = u.String()
	return p
}
