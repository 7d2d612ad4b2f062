package main

import (
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
	t.Cleanup(func() { shards.Stop(t.Context()) })
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
	until := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("waited in vain until %s", what)
			}
		}
	}
	for _, r := range []*running{one, two} {
		until("the row is kept", func() bool {
			_, body := r.query(query, "Backline-Trace: 1")
			return strings.Contains(body, `"name":`) && !strings.Contains(body, `"ArtistByID"`)
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
}
