package main

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"backline/redisurl"
	"backline/store/embedded"
)

// TestEmbedded: what is printed leads to the servers that run.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got := call(t, "embedded", "--data-dir="+dir); got.status != exitProblem || !strings.Contains(got.err, "no databases have run") {
		t.Errorf("where there are none: %+v", got)
	}
	servers, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, Shards: 2, Redis: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Stop(context.Background()) })
	got := call(t, "embedded", "--data-dir="+dir)
	variables := map[string]string{}
	for line := range strings.Lines(got.out) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		variables[name] = strings.Trim(value, "'")
	}
	urls := strings.Split(variables["BACKLINE_POSTGRES_URLS"], ",")
	if got.status != exitGood || len(urls) != 2 {
		t.Fatalf("got %+v", got)
	}
	for i, url := range urls {
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		var place string
		if err := c.QueryRow(t.Context(), "SELECT current_setting('data_directory')").Scan(&place); err != nil || !strings.HasSuffix(place, "shard-"+string('0'+rune(i))) {
			t.Errorf("URL %d leads to %s, %v", i, place, err)
		}
		c.Close(t.Context())
	}
	if variables["BACKLINE_REDIS_URL"] == "" {
		t.Skip("no redis-server is on this machine, so Redis was in the process")
	}
	client, err := redisurl.Open(variables["BACKLINE_REDIS_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := redisurl.Ping(t.Context(), client); err != nil {
		t.Error(err)
	}
}
