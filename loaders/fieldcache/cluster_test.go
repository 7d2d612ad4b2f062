package fieldcache_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"backline/loaders/fieldcache"
)

// cluster starts three nodes that share the slots.
func cluster(t *testing.T) *redis.ClusterClient {
	t.Helper()
	var nodes []*server
	var addresses []string
	for range 3 {
		s := clusterNode(t)
		nodes, addresses = append(nodes, s), append(addresses, s.options().Addr)
	}
	for i, s := range nodes {
		c := s.client(t)
		if err := c.ClusterAddSlotsRange(t.Context(), i*16384/3, (i+1)*16384/3-1).Err(); err != nil {
			t.Fatal(err)
		}
		other := nodes[(i+1)%3]
		if err := c.Do(t.Context(), "CLUSTER", "MEET", "127.0.0.1", other.port, other.args[3]).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(patience); ; {
		ready := 0
		for _, s := range nodes {
			if info := s.client(t).ClusterInfo(t.Context()).Val(); strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3") {
				ready++
			}
		}
		if ready == 3 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a cluster of three nodes does not come up")
		}
		time.Sleep(20 * time.Millisecond)
	}
	c := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: addresses, ContextTimeoutEnabled: true, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience,
	})
	t.Cleanup(func() { c.Close() })
	return c
}

// clusterNode starts one, on other ports if somebody has taken the first in between.
func clusterNode(t *testing.T) *server {
	t.Helper()
	var err error
	for range 8 {
		ports := freePorts(t, 2)
		s := &server{dir: t.TempDir(), port: ports[0], args: []string{
			"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(ports[1]), "--cluster-node-timeout", "15000",
		}}
		if err = s.start(); err == nil {
			t.Cleanup(s.end)
			return s
		}
		s.end()
	}
	t.Fatal(err)
	return nil
}

func freePorts(t *testing.T, n int) []int {
	t.Helper()
	ports := make([]int, n)
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports
}

// TestOtherServers: what is promised holds on a Cluster, and on the stand-in of machines without Redis.
func TestOtherServers(t *testing.T) {
	t.Parallel()
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		testServer(t, cluster(t))
	})
	t.Run("in this process", func(t *testing.T) {
		t.Parallel()
		m := miniredis.RunT(t)
		c := redis.NewClient(&redis.Options{Addr: m.Addr(), ContextTimeoutEnabled: true})
		t.Cleanup(func() { c.Close() })
		testServer(t, c)
	})
}

func testServer(t *testing.T, client redis.UniversalClient) {
	t.Helper()
	policy := fieldcache.Policy{TTL: time.Minute, StaleWhileRevalidate: time.Hour}
	a := setup(t, options{client: client, policy: policy})
	b := setup(t, options{client: client, policy: policy, table: a.table, clock: a.clock})
	ids := make([]int64, 60)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	want(t, "cold", a.get("Album", "", "", ids...).Counts, fieldcache.Counts{Missed: 60})
	a.get("Artist.albums", "first: 5", "", ids...)
	a.until("all is filled", func() bool { return a.count("Album filled") == 60 && a.count("Artist.albums filled") == 60 })
	want(t, "warm", b.get("Album", "", "", ids...).Counts, fieldcache.Counts{Redis: 60})
	want(t, "pages", b.get("Artist.albums", "first: 5", "", ids...).Counts, fieldcache.Counts{Redis: 60})
	want(t, "local", b.get("Artist.albums", "first: 5", "", ids...).Counts, fieldcache.Counts{Local: 60})
	refs := make([]fieldcache.Ref, 0, 2*len(ids))
	for _, id := range ids[:30] {
		a.table.set(id, "second")
		refs = append(refs, fieldcache.Ref{Space: "Album", ID: id}, fieldcache.Ref{Space: "Artist.albums", ID: id})
	}
	if err := a.Invalidate(t.Context(), refs...); err != nil {
		t.Fatal(err)
	}
	b.until("b has heard", func() bool { return b.count("Artist.albums invalidated") == 30 })
	for i, v := range b.get("Artist.albums", "first: 5", "", ids...).Values {
		if (v.(*album).Title == "second") != (i < 30) {
			t.Errorf("page %d: %q", i, v.(*album).Title)
		}
	}
	want(t, "albums", b.get("Album", "", "", ids...).Counts, fieldcache.Counts{Local: 30, Missed: 30})
	b.until("all is filled again", func() bool { return b.count("Album filled") == 30 })
	a.clock.advance(2 * time.Minute)
	b.ready()
	want(t, "stale", b.get("Album", "", "", ids...).Counts, fieldcache.Counts{Stale: 60})
	b.until("all is loaded anew", func() bool { return b.count("Album refreshed") == 60 })
	if err := a.Invalidate(t.Context(), fieldcache.Ref{}); err != nil {
		t.Fatal(err)
	}
	b.until("b has heard", func() bool { return b.count(" invalidated") == 1 })
	want(t, "after all", b.get("Album", "", "", ids...).Counts, fieldcache.Counts{Missed: 60})
}
