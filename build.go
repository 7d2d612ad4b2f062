package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"backline/gateway"
	"backline/gateway/playground"
	"backline/gateway/throttle"
	"backline/graph/breadth"
	"backline/graph/cachecontrol"
	"backline/graph/cost"
	"backline/loaders"
	"backline/redisurl"
	"backline/resolvers"
	"backline/store"
	"backline/store/embedded"
	"backline/store/migrations"
	"backline/store/seed"
	"backline/telemetry"
)

// app is what was built, and how to end it.
type app struct {
	gateway *gateway.Gateway
	store   *store.Store
	limiter *throttle.Limiter     // nil if nobody is throttled
	keeping *keeping              // nil if nothing is kept
	redis   redis.UniversalClient // of the whole process; nothing stops when it does not answer
	// seeded says what the shards hold: "demo at scale 1", "found as they were".
	seeded   string
	embedded *embedded.Cluster // nil if all databases are somebody else's
	closers  []func(ctx context.Context) error
}

// close ends what was started, last first.
func (a *app) close(ctx context.Context) error {
	var errs []error
	for _, f := range slices.Backward(a.closers) {
		errs = append(errs, f(ctx))
	}
	return errors.Join(errs...)
}

// build starts and joins the parts, from the databases up. After an error nothing is left running.
func build(ctx context.Context, c Config, tel *telemetry.Telemetry, out io.Writer) (_ *app, err error) {
	a := &app{}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close(context.WithoutCancel(ctx)))
		}
	}()
	urls, err := a.databases(ctx, c, tel.Log)
	if err != nil {
		return nil, err
	}
	if err := a.openRedis(ctx, c, tel.Log); err != nil {
		return nil, err
	}
	if a.store, err = store.Open(ctx, store.Config{
		URLs: urls, Observer: tel, MaxConns: c.PostgresConns,
		Timeout:        c.RequestTimeout * 2 / 3, // what the other shards gave is still to be answered
		ReferenceShard: rand.IntN(len(urls)),     //nolint:gosec // instances spread the load
	}); err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func(context.Context) error { a.store.Close(); return nil })
	tel.ObservePools(func() []telemetry.Pool { return poolsOf(a.store) })
	if err := a.migrate(ctx, tel.Log); err != nil {
		return nil, err
	}
	if err := a.seed(ctx, c, tel.Log, out); err != nil {
		return nil, err
	}
	auditor, err := a.openAudit(c.Audit, tel)
	if err != nil {
		return nil, err
	}
	var executing []breadth.Option
	if c.CacheSubtrees && c.CacheMode() != cacheOff {
		executing = append(executing, resolvers.KeepSubtrees())
	}
	schema := resolvers.Executable(&resolvers.Resolver{Auditor: auditor}, resolvers.Executor(c.Executor), executing...)
	table, err := cost.NewTable(schema.Schema())
	if err != nil {
		return nil, fmt.Errorf("read what operations cost: %w", err)
	}
	ages, err := cachecontrol.NewTable(schema.Schema())
	if err != nil {
		return nil, fmt.Errorf("read how long answers may be kept: %w", err)
	}
	authenticator, signIn, err := a.openIdentity(c, tel.Log)
	if err != nil {
		return nil, err
	}
	budgets, err := a.openThrottle(c, tel.Log)
	if err != nil {
		return nil, err
	}
	if a.keeping, err = a.openCache(ctx, c, urls, tel); err != nil {
		return nil, err
	}
	options := &loaders.Options{Store: a.store, Observer: tel, Auditor: auditor}
	var details func() (map[string]any, bool)
	if a.keeping != nil {
		options.Cache, details = a.keeping.cache, a.keeping.healthDetails
	}
	a.gateway, err = gateway.New(gateway.Config{
		Schema: schema,
		Attach: func(ctx context.Context, trace bool) context.Context {
			return loaders.Attach(ctx, options, trace)
		},
		Trace:        func(ctx context.Context) any { return loaders.TraceOf(ctx) },
		Ready:        func(ctx context.Context) error { return ready(ctx, a.store) },
		Details:      details,
		Identity:     authenticator,
		SignIn:       signIn,
		Playground:   playground.Handler(playground.Options{SignInEndpoint: signInEndpoint(signIn)}),
		Development:  c.Env == development,
		Compress:     c.Compress,
		Documents:    c.Documents.gateway(a.redis),
		CORS:         c.CORS.gateway(),
		Price:        gateway.Price{Table: table, Maximum: int64(c.MaxCost)},
		CacheControl: ages,
		Throttle:     budgets,
		Load:         c.Overload.gateway(a.connections()),
		Door:         tel,
		Log:          tel.Log,
		Observer:     tel,
		Limits:       c.Limits.gateway(c.RequestTimeout),
	})
	if err != nil {
		return nil, err
	}
	tel.ObserveLoad(a.load)
	if c.Documents.File != "" {
		a.watchDocuments()
	}
	return a, nil
}

// documentsTick is how often the manifest of documents is looked at: its modification time, mostly.
const documentsTick = 2 * time.Second

// watchDocuments follows the manifest until the application is closed.
func (a *app) watchDocuments() {
	a.background(func(ctx context.Context) {
		ticker := time.NewTicker(documentsTick)
		defer ticker.Stop()
		a.gateway.WatchDocuments(ctx, ticker.C)
	})
}

// background runs f until the application is closed, which ends its context and waits for it.
func (a *app) background(f func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { f(ctx) })
	a.closers = append(a.closers, func(context.Context) error {
		cancel()
		running.Wait()
		return nil
	})
}

// databases are the URLs of the shards: the configured ones, or those of children that it starts.
func (a *app) databases(ctx context.Context, c Config, log *slog.Logger) ([]string, error) {
	urls := c.Databases()
	o := embedded.Options{
		Dir: c.DataDir, PostgresBin: c.PostgresBin, Reset: c.Reset, Redis: c.RedisURL == "", Log: log,
		Progress: func(message string) { log.Info(message) },
	}
	if urls == nil {
		o.Shards = c.EmbeddedShards
		if c.Env == production {
			log.Warn("production on embedded databases: they are for development; set " + variable("postgres-urls"))
		}
	}
	if o.Shards == 0 && !o.Redis {
		return urls, nil
	}
	cluster, err := embedded.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	a.embedded = cluster
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		<-cluster.Done() // a dead shard costs only the fields that need it
		if err := cluster.Err(); err != nil {
			log.Error("an embedded server died; start again to get it back", "err", err)
		}
	}()
	a.closers = append(a.closers, func(ctx context.Context) error {
		err := cluster.Stop(ctx)
		<-watched
		return err
	})
	if urls == nil {
		urls = cluster.PostgresURLs()
	}
	return urls, nil
}

// openRedis makes the client of the configured Redis, or of the embedded one.
func (a *app) openRedis(ctx context.Context, c Config, log *slog.Logger) error {
	url := c.RedisURL
	if url == "" {
		url = a.embedded.RedisURL()
	}
	client, err := redisurl.Open(url)
	if err != nil {
		return err
	}
	a.redis = client
	a.closers = append(a.closers, func(context.Context) error { return client.Close() })
	if err := redisurl.Ping(ctx, client); err != nil {
		log.Warn("Redis does not answer", "err", err)
	}
	return nil
}

// migrate brings the tables to what the schema expects.
func (a *app) migrate(ctx context.Context, log *slog.Logger) error {
	_, err := a.store.Migrate(ctx, migrations.Files, func(shard, file string) {
		log.Debug("migrated", "shard", shard, "file", file)
	})
	if err != nil {
		return err
	}
	return a.store.Check(ctx, loaders.KeptOf())
}

// seed fills empty shards.
func (a *app) seed(ctx context.Context, c Config, log *slog.Logger, out io.Writer) error {
	target := seed.Target{Topology: a.store.Topology(), Pools: a.store.Pools()}
	empty, err := seed.IsEmpty(ctx, target)
	if err != nil {
		return err
	}
	source := c.SeedSource()
	switch {
	case !empty:
		a.seeded = "as before"
		return nil
	case source == seedNone:
		a.seeded = "empty"
		return nil
	}
	start := time.Now()
	show := func(what string) seed.Progress {
		return seed.Show(out, telemetry.IsTerminal(out), log, what, time.Now)
	}
	var report seed.Report
	if source == seedDemo {
		a.seeded = fmt.Sprintf("demo at scale %g", c.SeedScale)
		report, err = seed.Demo(ctx, target, seed.DemoOptions{Scale: c.SeedScale}, show("demo"))
	} else {
		a.seeded = source
		report, err = seed.Chinook(ctx, target, source, show(source))
	}
	if err != nil {
		return err
	}
	log.Info("seeded", "from", a.seeded, "rows", report.Rows(), "took", time.Since(start).Round(time.Millisecond), "tables", report.String())
	return nil
}

// ready asks every shard, and says which ones do not answer.
func ready(ctx context.Context, s *store.Store) error {
	pools := s.Pools()
	errs := make([]error, len(pools))
	var wg sync.WaitGroup
	for i, p := range pools {
		wg.Go(func() {
			if err := p.Ping(ctx); err != nil {
				errs[i] = &shardDownError{string(s.Topology().Name(i)), err}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// shardDownError is a gateway.ClientError: probes may hear which shard it is, and nothing else.
type shardDownError struct {
	name  string
	cause error
}

func (e *shardDownError) Error() string       { return fmt.Sprintf("ping shard %s: %v", e.name, e.cause) }
func (e *shardDownError) Code() string        { return gateway.CodeUnavailable }
func (e *shardDownError) SafeMessage() string { return "shard " + e.name + " does not answer" }
func (e *shardDownError) Unwrap() error       { return e.cause }

// poolsOf is the state of the store's pools for the metrics.
func poolsOf(s *store.Store) []telemetry.Pool {
	list := make([]telemetry.Pool, len(s.Pools()))
	for i, p := range s.Pools() {
		st := p.Stat()
		list[i] = telemetry.Pool{
			Shard: string(s.Topology().Name(i)), Role: "primary",
			Max: int(st.MaxConns()), Total: int(st.TotalConns()), InUse: int(st.AcquiredConns()), Idle: int(st.IdleConns()),
			Acquired: st.AcquireCount(), Waited: st.EmptyAcquireCount(), Abandoned: st.CanceledAcquireCount(),
			WaitTime: st.AcquireDuration(),
		}
	}
	return list
}
