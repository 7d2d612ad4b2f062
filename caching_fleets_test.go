package main

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"backline/loaders/fieldcache"
	"backline/redisurl"
	"backline/store/embedded"
)

// TestTwoFleetsOneRedis: servers over different databases that hold rows of the same ids do not read each
// other's values, those over the same databases share theirs, by whatever URL they reach them, unless they
// are given different names. Purging reaches all.
func TestTwoFleetsOneRedis(t *testing.T) {
	t.Parallel()
	var urls []string
	var client redis.UniversalClient
	var redisURL string
	for i := range 2 {
		c, err := embedded.Start(t.Context(), embedded.Options{Shards: 1, Redis: i == 0, Ephemeral: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Stop(context.Background()) })
		if i == 0 {
			redisURL = c.RedisURL()
			if client, err = redisurl.Open(redisURL); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { client.Close() })
		}
		urls = append(urls, c.PostgresURLs()[0])
	}
	with := func(url string, more ...string) []string {
		return settings(t, append(more, "--postgres-urls="+url, "--redis-url="+redisURL, "--seed=demo")...)
	}
	for i, url := range urls { // before anybody keeps or hears anything
		if err := start(t, with(url, "--cache=off")).wait(); err != nil {
			t.Fatal(err)
		}
		rename(t, url, "of fleet "+string("ab"[i]))
	}
	open := func(url string, more ...string) *running {
		r := start(t, with(url, append(more, "--cache=fields")...))
		until(t, "the cache is whole", func() bool {
			_, body := r.get(r.url + "/health/ready?verbose")
			return strings.Contains(body, `"redis":"UP","local":true,"limited":false`)
		})
		return r
	}
	a, b := open(urls[0]), open(urls[1])
	ids := make([]string, 2)
	for i, r := range []*running{a, b} {
		_, body := r.query(`{ artists(first: 1) { nodes { id } } }`, "Backline-Trace: 1") // else the row is remembered, and not in Redis
		_, rest, _ := strings.Cut(body, `"id":"`)
		ids[i], _, _ = strings.Cut(rest, `"`)
	}
	if ids[0] != ids[1] || ids[0] == "" {
		t.Fatalf("the fleets have rows of different ids, %q, and nothing to mistake", ids)
	}
	query := `{ artist(id: "` + ids[0] + `") { name } }`
	// kept is how many values of the row lie in Redis.
	kept := func() (n int) {
		keys, err := client.Keys(t.Context(), "backline:cache:*:Artist:*").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if strings.HasSuffix(k, ":_g") {
				continue
			}
			if v := client.Get(t.Context(), k).Val(); v != "" && v[0] != 'L' { // else it is being loaded
				n++
			}
		}
		return n
	}
	// settle has a server keep the row as it is now in its database.
	settle := func(r *running, name string, keeps int) {
		t.Helper()
		until(t, "the row is kept", func() bool {
			_, body := r.query(query, "Backline-Trace: 1")
			return strings.Contains(body, `"name":"`+name+`"`) && strings.Contains(body, `"statements":0`) && kept() == keeps
		})
	}
	settle(a, "of fleet a", 1)
	if _, body := b.query(query); !strings.Contains(body, `"name":"of fleet b"`) {
		t.Errorf("another fleet's row is given out: %s", body)
	}
	settle(b, "of fleet b", 2)

	same := open(urls[0] + separator(urls[0]) + "application_name=another")
	if _, body := same.query(query, "Backline-Trace: 1"); !strings.Contains(body, `"statements":0`) || !strings.Contains(body, `"name":"of fleet a"`) {
		t.Errorf("what another server of the fleet keeps is not found: %s", body)
	}
	named := open(urls[0], "--cache-name=named")
	settle(named, "of fleet a", 3)

	rename(t, urls[0], "anew")
	for _, r := range []*running{a, same, named} {
		until(t, "the change is seen", func() bool {
			_, body := r.query(query)
			return strings.Contains(body, `"name":"anew"`)
		})
	}
	for r, name := range map[*running]string{a: "anew", b: "of fleet b", named: "anew"} {
		until(t, "the row is kept again", func() bool {
			_, body := r.query(query, "Backline-Trace: 1")
			return strings.Contains(body, `"name":"`+name+`"`) && strings.Contains(body, `"statements":0`)
		})
	}
	generations := func() int { return len(client.Keys(t.Context(), "backline:cache:*:Artist:_g").Val()) }
	if n := generations(); n != 3 {
		t.Fatalf("%d generations of artists, of three names", n)
	}
	if err := fieldcache.NewInvalidator(client, "").Invalidate(t.Context(), fieldcache.Ref{Space: "Artist"}); err != nil {
		t.Fatal(err)
	}
	if n := generations(); n != 0 {
		t.Errorf("%d of them were not forgotten", n)
	}
}

// rename gives all artists of a database one name.
func rename(t *testing.T, url, name string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(t.Context(), "UPDATE artist SET name = $1", name); err != nil {
		t.Fatal(err)
	}
}

func separator(url string) string {
	if strings.Contains(url, "?") {
		return "&"
	}
	return "?"
}
