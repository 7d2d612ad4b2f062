package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"backline/loaders"
	"backline/loaders/fieldcache"
	"backline/redisurl"
	"backline/store"
	"backline/store/embedded"
)

// TestPurge: what is purged by name is forgotten by a server that had it in its process, and nothing else.
func TestPurge(t *testing.T) {
	t.Parallel()
	servers, err := embedded.Start(t.Context(), embedded.Options{Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { servers.Stop(context.Background()) })
	client, err := redisurl.Open(servers.RedisURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	cache, err := fieldcache.New(fieldcache.Config{
		Redis: client, Spaces: loaders.Spaces(), Schema: store.CacheLayout, LocalBytes: 1 << 20,
		Budget: time.Minute, LeaseWait: time.Minute, Timing: fieldcache.PatientTiming(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	until(t, "the cache is in use", func() bool { return cache.IsAvailable() && cache.ServesLocally() })
	// kept says whether a row is there, and puts it there if it is not.
	kept := func(id int64) bool {
		r := cache.Session("").Round()
		defer r.Close()
		b := r.Add(cache.Space("Artist"), "", []int64{id}, nil)
		for r.Next(t.Context()) {
			b.Put(0, &store.Artist{Name: "somebody"}, nil)
		}
		return b.Counts.Missed == 0
	}
	fill := func() {
		t.Helper()
		until(t, "both are kept", func() bool { one, two := kept(1<<22), kept(2<<22); return one && two })
	}
	one := store.NodeID{Kind: store.KindOf("Artist"), ID: 1 << 22}.String()
	purge := func(args ...string) outcome {
		return call(t, append([]string{"cache", "purge", "--redis-url=" + servers.RedisURL()}, args...)...)
	}
	for _, c := range []struct {
		args      []string
		told      string
		one, both bool // whether the first is forgotten, and whether all are
	}{
		{args: []string{"Artist:" + one}, told: "forgotten: Artist of " + one + "\nforgotten: Artist.albums of " + one + "\n", one: true},
		{args: []string{"Artist"}, told: "forgotten: all rows of Artist\nforgotten: all of Artist.albums\n", both: true},
		{args: []string{"Artist.albums", "Query.search"}, told: "forgotten: all of Artist.albums\nforgotten: all of Artist.albums#total\nforgotten: all of Query.search\n"},
		{args: []string{"Artist.albums:" + one}, told: "forgotten: Artist.albums of " + one + "\n"},
		{args: []string{"--all"}, told: "forgotten: everything\n", both: true},
	} {
		fill()
		got := purge(c.args...)
		if got.status != exitGood || !strings.HasPrefix(got.out, c.told) {
			t.Errorf("%v: got %+v", c.args, got)
		}
		if c.one || c.both {
			until(t, "it is forgotten", func() bool { return !kept(1 << 22) })
		}
		if got := kept(2 << 22); got == c.both {
			t.Errorf("%v: the other one is kept: %v", c.args, got)
		}
	}
	for args, want := range map[string]string{
		"":                     "name what to purge",
		"--all Artist":         "--all takes no names",
		"Artiste":              "nothing is kept of Artiste; kept are Album, Artist, ",
		"Artist.songs":         "nothing is kept of Artist.songs",
		"Artist:alb_1":         "ID",
		"Query.artists:" + one: "Query has no rows of its own",
		"Album:" + one:         "type Album is asked for",
	} {
		if got := purge(strings.Fields(args)...); got.status != exitProblem || !strings.Contains(got.err, want) {
			t.Errorf("%q: got %+v", args, got)
		}
	}
	if got := call(t, "cache", "purge", "--all", "--redis-url=redis://u:s3cret@127.0.0.1:1"); got.status != exitProblem || strings.Contains(got.err, "s3cret") {
		t.Errorf("without a Redis: got %+v", got)
	}
}
