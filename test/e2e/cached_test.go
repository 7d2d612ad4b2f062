package e2e

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"backline/graph/rights"
	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/resolvers"
	"backline/store"
	"backline/store/embedded"
	"backline/store/storetest"
)

// keeper makes servers that keep what they may, each by itself, and for so long that nothing ends.
type keeper struct {
	cluster *storetest.Cluster
	redis   *redis.Client
}

func newKeeper(t *testing.T, c *storetest.Cluster) *keeper {
	t.Helper()
	servers, err := embedded.Start(t.Context(), embedded.Options{Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Stop(context.Background()) })
	o, err := redis.ParseURL(servers.RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	o.ContextTimeoutEnabled, o.ReadTimeout, o.WriteTimeout = true, time.Minute, time.Minute
	k := &keeper{c, redis.NewClient(o)}
	t.Cleanup(func() { k.redis.Close() })
	return k
}

func (k *keeper) serve(t *testing.T, name string, executor resolvers.Executor, localBytes uint64) *server {
	t.Helper()
	spaces := loaders.Spaces()
	for i := range spaces {
		spaces[i].Policy.TTL, spaces[i].Policy.Negative = time.Hour, time.Hour
	}
	cache, err := fieldcache.New(fieldcache.Config{
		Redis: k.redis, Namespace: name, Spaces: spaces, Schema: store.CacheLayout, LocalBytes: localBytes,
		Budget: time.Minute, Timing: fieldcache.PatientTiming(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	for deadline := time.Now().Add(3 * time.Minute); !cache.IsAvailable() || localBytes > 0 && !cache.ServesLocally(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the cache does not come up")
		}
	}
	return serveKeeping(t, k.cluster, executor, cache)
}

// TestKeptQueries asks every query of a server with an empty cache, then again and again, and then as
// everybody else: the answers are those of a server without one, byte for byte, and take the statements
// that the goldens say. Warm these are none where policy says so; cold there may be more than without a
// cache, since parents whose rows are kept do not come along with others.
func TestKeptQueries(t *testing.T) {
	t.Parallel()
	plain := start(t, 4, resolvers.Breadth)
	keeper := newKeeper(t, plain.Cluster)
	ids := newIDs(start(t, 1, resolvers.Breadth)) // one shard finds every row
	p := plain.people(t)
	everybody := []*rights.Viewer{admin, nil, p.customer, person(p.theirs.customer), p.staff, p.retired, {Subject: "reports", Via: rights.ViaKey}}
	cases, err := filepath.Glob("*/query.graphql")
	if err != nil || len(cases) < 40 {
		t.Fatalf("found %d queries: %v", len(cases), err)
	}
	for _, path := range cases {
		dir := filepath.Dir(path)
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			query, variables := read(t, dir, ids)
			viewer := readViewer(t, dir, ids)
			keeping := keeper.serve(t, dir, resolvers.Breadth, 16<<20)
			ask := func(who *rights.Viewer, what string) plan {
				t.Helper()
				want := plain.as(who).ask(t, query, variables, false)
				got := keeping.as(who).ask(t, query, variables, true)
				if !bytes.Equal(got.Data, want.Data) || got.messages() != want.messages() {
					t.Errorf("%s %v is answered otherwise:\n%s\n%s\nnot\n%s\n%s", what, who, got.Data, got.messages(), want.Data, want.messages())
				}
				return planOf(got.Extensions.Backline)
			}
			for _, state := range []string{"cold", "warm"} {
				plan := ask(viewer, "the "+state).bytes()
				if len(plan) == 0 {
					plan = []byte("nothing\n")
				}
				golden(t, filepath.Join(dir, "plan."+state+".golden"), plan)
			}
			for _, who := range slices.Concat(everybody, everybody) {
				ask(who, "what others have warmed, to")
			}
			ask(viewer, "what others have warmed, to")
		})
	}
}

// TestKeptInRedis is the same through Redis alone, with either executor.
func TestKeptInRedis(t *testing.T) {
	t.Parallel()
	plain := start(t, 2, resolvers.Breadth)
	keeper := newKeeper(t, plain.Cluster)
	ids := newIDs(start(t, 1, resolvers.Breadth)) // one shard finds every row
	p := plain.people(t)
	servers := []*server{
		keeper.serve(t, "all", resolvers.Breadth, 0), keeper.serve(t, "all", resolvers.Reference, 0), keeper.serve(t, "all", resolvers.Breadth, 0),
	}
	cases, err := filepath.Glob("*/query.graphql")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range cases {
		dir := filepath.Dir(path)
		query, variables := read(t, dir, ids)
		for _, who := range []*rights.Viewer{readViewer(t, dir, ids), nil, p.customer, p.staff, admin} {
			want := plain.as(who).ask(t, query, variables, false)
			for i, s := range servers {
				got := s.as(who).ask(t, query, variables, false)
				if !bytes.Equal(got.Data, want.Data) || got.messages() != want.messages() {
					t.Errorf("%s: server %d answers %v otherwise:\n%s\n%s\nnot\n%s\n%s", dir, i, who, got.Data, got.messages(), want.Data, want.messages())
				}
			}
		}
	}
}
