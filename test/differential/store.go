package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/vektah/gqlparser/v2/ast"

	"backline/graph/breadth/breadthtest"
	"backline/graph/rights"
	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/resolvers"
	"backline/store"
	"backline/store/embedded"
	"backline/store/migrations"
	"backline/store/seed"
)

// openStore is the product's own schema over two real shards with a small catalogue. With keeps the second
// executor has a cache, and executes each operation once more, now that it is warm.
func openStore(ctx context.Context, keeps bool) (*subject, func(), error) {
	cluster, err := embedded.Start(ctx, embedded.Options{Shards: 2, Redis: keeps, Ephemeral: true})
	if err != nil {
		return nil, nil, err
	}
	stop := func() { cluster.Stop(context.WithoutCancel(ctx)) } //nolint:errcheck // nothing of it is kept
	s, err := store.Open(ctx, store.Config{URLs: cluster.PostgresURLs(), Timeout: time.Minute})
	if err != nil {
		stop()
		return nil, nil, err
	}
	done := func() { s.Close(); stop() }
	ids, err := fill(ctx, s)
	if err != nil {
		done()
		return nil, nil, err
	}
	reference := resolvers.Executable(&resolvers.Resolver{}, resolvers.Reference)
	executable := resolvers.Executable(&resolvers.Resolver{}, resolvers.Breadth)
	pair := breadthtest.NewPair(reference, executable,
		&breadthtest.Generator{Schema: reference.Schema(), Depth: 5, Fields: 25, Value: values(ids)})
	options := &loaders.Options{Store: s, Quiet: time.Millisecond}
	pair.Prepare = func(ctx context.Context) context.Context { return loaders.Attach(ctx, options, false) }
	if keeps {
		cache, closeCache, err := openCache(cluster.RedisURL())
		if err != nil {
			done()
			return nil, nil, err
		}
		kept := &loaders.Options{Store: s, Cache: cache}
		pair.PrepareOther = func(ctx context.Context) context.Context { return loaders.Attach(ctx, kept, false) }
		closeStore := done
		done = func() { closeCache(); closeStore() }
	}
	viewers, err := people(ctx, s)
	if err != nil {
		done()
		return nil, nil, err
	}
	return &subject{Pair: pair, priced: executable, viewers: viewers, twice: keeps}, done, nil
}

// people are those whose rights differ: mostly such as see something.
func people(ctx context.Context, s *store.Store) ([]*rights.Viewer, error) {
	admin := &rights.Viewer{Subject: "admin", Scopes: []string{"admin"}, Via: rights.ViaKey}
	viewers := []*rights.Viewer{admin, admin, {}}
	customer, employee := store.NodeID{Kind: store.KindCustomer}, store.NodeID{Kind: store.KindEmployee}
	for _, p := range s.Pools() {
		err := p.QueryRow(ctx, "SELECT id, support_rep_id FROM customer WHERE support_rep_id IS NOT NULL ORDER BY id LIMIT 1").Scan(&customer.ID, &employee.ID)
		if err != nil {
			return nil, fmt.Errorf("find people: %w", err)
		}
		viewers = append(viewers,
			&rights.Viewer{ID: customer.String(), Subject: customer.String(), Via: rights.ViaToken},
			&rights.Viewer{ID: employee.String(), Subject: employee.String(), Scopes: []string{"staff"}, Via: rights.ViaToken})
	}
	return viewers, nil
}

// fill migrates and seeds, and gives some ids of every type.
func fill(ctx context.Context, s *store.Store) ([]string, error) {
	if _, err := s.Migrate(ctx, migrations.Files, nil); err != nil {
		return nil, err
	}
	target := seed.Target{Topology: s.Topology(), Pools: s.Pools()}
	if _, err := seed.Demo(ctx, target, seed.DemoOptions{Scale: 0.05}, nil); err != nil && !errors.Is(err, seed.ErrNotEmpty) {
		return nil, err
	}
	var ids []string
	for typ, table := range map[string]string{
		"Artist": "artist", "Album": "album", "Track": "track", "Genre": "genre", "MediaType": "media_type", "Playlist": "playlist",
		"Customer": "customer", "Invoice": "invoice", "InvoiceLine": "invoice_line", "Employee": "employee",
	} {
		for _, p := range s.Pools() {
			rows, err := p.Query(ctx, "SELECT id FROM "+table+" ORDER BY id LIMIT 4")
			if err != nil {
				return nil, fmt.Errorf("find ids: %w", err)
			}
			for rows.Next() {
				var id store.ID
				if err := rows.Scan(&id); err != nil {
					return nil, fmt.Errorf("find ids: %w", err)
				}
				ids = append(ids, store.NodeID{Kind: store.KindOf(typ), ID: id}.String())
			}
			if err := rows.Err(); err != nil {
				return nil, fmt.Errorf("find ids: %w", err)
			}
		}
	}
	slices.Sort(ids) // a seed means the same operation in every run
	return ids, nil
}

// values are mostly such as have an answer: ids of the right type or another, small pages, few
// letters. Cursors are left out: none is known before the list has been asked for.
func values(ids []string) func(r *rand.Rand, coordinate string, def *ast.Definition) (any, bool) {
	return func(r *rand.Rand, coordinate string, def *ast.Definition) (any, bool) {
		switch {
		case strings.HasSuffix(coordinate, "(after:)"), strings.HasSuffix(coordinate, "(before:)"):
			if r.IntN(20) == 0 {
				return "bm90IGEgY3Vyc29y", true
			}
			return nil, true
		case strings.HasSuffix(coordinate, "(last:)"):
			if r.IntN(10) > 0 {
				return nil, true
			}
			return 1 + r.IntN(5), true
		case def.Name == "ID":
			return ids[r.IntN(len(ids))], true
		case def.Name == "Int":
			return r.IntN(8), true // 0 is refused
		case def.Name == "String":
			return string(rune('A' + r.IntN(26))), true
		case def.Name == "DateTime":
			return time.Date(2021+r.IntN(6), time.Month(1+r.IntN(12)), 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339), true
		default:
			return nil, false
		}
	}
}

// openCache keeps everything for as long as the run may take: nobody writes.
func openCache(redisURL string) (*fieldcache.Cache, func(), error) {
	o, err := redis.ParseURL(redisURL)
	if err != nil {
		return nil, nil, err
	}
	o.ContextTimeoutEnabled = true
	client := redis.NewClient(o)
	spaces := loaders.Spaces()
	for i := range spaces {
		spaces[i].Policy.TTL = 24 * time.Hour
	}
	cache, err := fieldcache.New(fieldcache.Config{
		Redis: client, Spaces: spaces, Schema: store.CacheLayout, LocalBytes: 32 << 20, Subtrees: resolvers.SubtreeFields(), Budget: time.Minute, Timing: fieldcache.PatientTiming(),
	})
	if err != nil {
		client.Close() //nolint:errcheck // nothing of it is kept
		return nil, nil, err
	}
	done := func() { cache.Close(); client.Close() } //nolint:errcheck // nothing of it is kept
	for deadline := time.Now().Add(time.Minute); !cache.IsAvailable() || !cache.ServesLocally(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			done()
			return nil, nil, errors.New("the cache does not come up")
		}
	}
	return cache, done, nil
}
