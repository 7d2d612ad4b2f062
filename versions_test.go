package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/redisurl"
	"backline/store/embedded"
	"backline/store/feed"
)

// release is the half of an instance of another release that matters to others: it reads the shard's
// changes, and makes of them what that release knows of.
func release(t *testing.T, shards *embedded.Cluster, adjust func(*loaders.Dependent)) *feed.Feed {
	t.Helper()
	client, err := redisurl.Open(shards.RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	tables := loaders.Dependents()
	for i := range tables {
		adjust(&tables[i])
	}
	c := changes{invalidator: fieldcache.NewInvalidator(client, "", "another"), tables: tables}
	f, err := feed.Start(feed.Config{
		Shards: []feed.Shard{{Name: "0", URL: shards.PostgresURLs()[0]}},
		Tables: c.feed(), Follows: c.follows(), Sink: c, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	until(t, "the other release reads", func() bool { return f.Status()[0].State == feed.Reading })
	return f
}

// withoutAlbums takes out that pages of albums are kept.
func withoutAlbums(d *loaders.Dependent) {
	kept := d.Touches[:0:0]
	for _, touch := range d.Touches {
		if !strings.HasPrefix(touch.Space, "Artist.albums") {
			kept = append(kept, touch)
		}
	}
	d.Touches = kept
}

// TestTwoReleases: this one keeps pages that the release whose instance reads the changes knows nothing
// of. If that one knows of nothing else, an instance of this one takes its place; otherwise nothing is
// kept for more than five seconds here, until the other has ended.
func TestTwoReleases(t *testing.T) {
	t.Parallel()
	for name, adjust := range map[string]func(*loaders.Dependent){
		"it knows of less": withoutAlbums,
		"it knows of something else": func(d *loaders.Dependent) {
			withoutAlbums(d)
			if d.Table == "album" {
				more := d.Touches[0]
				more.Space = "Album.reviews"
				d.Touches = append(d.Touches, more)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shards, err := embedded.Start(t.Context(), embedded.Options{Shards: 1, Redis: true, Ephemeral: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { shards.Stop(context.Background()) })
			args := settings(t, "--postgres-urls="+shards.PostgresURLs()[0], "--redis-url="+shards.RedisURL(), "--seed=demo")
			if err := start(t, append(args, "--cache=off")).wait(); err != nil { // makes the tables
				t.Fatal(err)
			}
			other := release(t, shards, adjust)
			r := start(t, append(args, "--cache=fields"))
			health := func() string {
				_, body := r.get(r.url + "/health/ready?verbose")
				return body
			}
			if name == "it knows of less" {
				until(t, "this release reads", func() bool { return strings.Contains(health(), `"limited":false`) })
				until(t, "the other one stands by", func() bool {
					s := other.Status()[0]
					return s.State == feed.Standby && s.Covers
				})
			} else {
				until(t, "it is known why", func() bool { return strings.Contains(health(), `an instance of another release reads`) })
			}

			query := `{ artists(first: 1) { nodes { albums(first: 1) { nodes { title } } } } }`
			until(t, "the page is kept", func() bool {
				_, body := r.query(query, "Backline-Trace: 1")
				return strings.Contains(body, `"statements":0,`)
			})
			db, err := pgx.Connect(t.Context(), shards.PostgresURLs()[0])
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close(context.Background())
			if _, err := db.Exec(t.Context(), "UPDATE album SET title = 'another'"); err != nil {
				t.Fatal(err)
			}
			until(t, "the change is seen", func() bool {
				_, body := r.query(query)
				return strings.Contains(body, `"title":"another"`)
			})
			if name == "it knows of less" {
				until(t, "it is told that pages of albums have changed", func() bool {
					_, body := r.get(r.adminURL + "/metrics")
					return strings.Contains(body, `backline_cache_invalidations_total{space="Artist.albums"} `)
				})
				return
			}
			if got := health(); !strings.Contains(got, `"limited":true`) {
				t.Errorf("what nobody tells of is kept for long: %s", got)
			}
			other.Close()
			until(t, "this release reads", func() bool { return strings.Contains(health(), `"limited":false`) })
		})
	}
}
