package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store/embedded"
)

// TestCachedEntities: what somebody writes past the server is seen, and what nobody writes is not asked
// for again.
func TestCachedEntities(t *testing.T) {
	t.Parallel()
	shards, err := embedded.Start(t.Context(), embedded.Options{Shards: 2, Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shards.Stop(context.Background()) })
	urls := shards.PostgresURLs()
	more := []string{"--cache=entities", "--postgres-urls=" + strings.Join(urls, ","), "--redis-url=" + shards.RedisURL(), "--seed=demo"}
	one, two := start(t, settings(t, more...)), start(t, settings(t, more...))
	_, body := one.query(`{ artists(first: 1) { nodes { id name } } }`)
	_, rest, _ := strings.Cut(body, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	query := `{ artist(id: "` + id + `") { name } }`
	ask := func(r *running) string {
		_, body := r.query(query)
		_, name, _ := strings.Cut(body, `"name":"`)
		name, _, _ = strings.Cut(name, `"`)
		return name
	}
	until := func(what string, ok func() bool) { t.Helper(); until(t, what, ok) }
	for _, r := range []*running{one, two} {
		until("the row is kept", func() bool {
			_, body := r.query(query, "Backline-Trace: 1")
			return strings.Contains(body, `"name":`) && strings.Contains(body, `"statements":0`)
		})
	}
	for _, name := range []string{"first", "second"} {
		for _, url := range urls {
			c, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Exec(t.Context(), "UPDATE artist SET name = $1", name); err != nil {
				t.Fatal(err)
			}
			c.Close(t.Context())
		}
		for _, r := range []*running{one, two} {
			until("the change is seen", func() bool { return ask(r) == name })
		}
	}
	for _, r := range []*running{one, two} {
		until("the cache is whole", func() bool {
			_, body := r.get(r.url + "/health/ready?verbose")
			return strings.HasPrefix(body, `{"status":"UP","details":{"cache":{"mode":"entities","redis":"UP","local":true,"limited":false,"feeds":[{"shard":"0","state":"`)
		})
		for _, want := range []string{
			`backline_cache_lookups_total{result="local",space="Artist"} `, `backline_cache_invalidations_total{space="Artist"} `,
			`backline_cache_call_duration_seconds_count{call="read",outcome="ok"} `, "backline_cache_redis_available 1\n",
			`backline_feed_heard{shard="0"} 1`, `backline_feed_heard{shard="1"} 1`, `backline_feed_lag_bytes{shard="1"} `,
			`backline_feed_wal_kept_bytes{shard="0"} `,
		} {
			until("the metrics have "+want, func() bool {
				_, metrics := r.get(r.adminURL + "/metrics")
				return strings.Contains(metrics, want)
			})
		}
	}
}

// TestCacheWithoutAFeed: where changes cannot be heard the server says so, and what to do, and serves
// nothing that is older than it says.
func TestCacheWithoutAFeed(t *testing.T) {
	t.Parallel()
	shards, err := embedded.Start(t.Context(), embedded.Options{
		Shards: 1, Redis: true, Ephemeral: true, Settings: []string{"wal_level=replica"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shards.Stop(context.Background()) })
	r := start(t, settings(t, "--cache=entities", "--postgres-urls="+shards.PostgresURLs()[0], "--redis-url="+shards.RedisURL(), "--seed=demo"))
	line := r.log.await(t, "changes of a shard are not heard: the cache serves nothing that is older than five seconds", r.ended)
	if do, _ := line["do"].(string); line["level"] != "WARN" || !strings.Contains(do, "set wal_level = logical and restart Postgres") {
		t.Errorf("the log says %v", line)
	}
	if line := r.log.await(t, "keeping what is read", r.ended); line["heard"] != 0. || line["shards"] != 1. {
		t.Errorf("the log says %v", line)
	}
	status, body := r.get(r.url + "/health/ready")
	if status != 200 || !strings.Contains(body, `"status":"UP"`) || !strings.Contains(body, `"limited":true`) ||
		!strings.Contains(body, `"state":"unavailable","heard":false,"lagBytes":0,"lagMs":0,"reason":"wal_level is not logical"`) {
		t.Errorf("ready says %d %s", status, body)
	}
	_, body = r.query(`{ artists(first: 1) { nodes { id } } }`)
	_, rest, _ := strings.Cut(body, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	query := `{ artist(id: "` + id + `") { name } }`
	r.query(query)
	c, err := pgx.Connect(t.Context(), shards.PostgresURLs()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), "UPDATE artist SET name = 'changed'"); err != nil {
		t.Fatal(err)
	}
	// The policy would keep it for a minute, and serve it for ten more.
	for written := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		asked := time.Now()
		if _, body := r.query(query); strings.Contains(body, `"changed"`) {
			break
		}
		if asked.Sub(written) > 45*time.Second {
			t.Fatal("what is kept is older than five seconds by far")
		}
	}
}
