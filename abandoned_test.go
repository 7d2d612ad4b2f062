package main

import (
	"context"
	"testing"
	"time"

	"backline/store/embedded"
	"backline/store/feed"
)

// TestAbandonedFeed: a server without a cache says that a shard keeps WAL for nobody, and leaves it there.
func TestAbandonedFeed(t *testing.T) {
	t.Parallel()
	shards, err := embedded.Start(t.Context(), embedded.Options{Shards: 1, Redis: true, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shards.Stop(context.Background()) })
	url := shards.PostgresURLs()[0]
	args := []string{"--postgres-urls=" + url, "--redis-url=" + shards.RedisURL(), "--seed=demo"}
	with := start(t, settings(t, append(args, "--cache=entities")...))
	if err := with.wait(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		slot, err := feed.SlotOf(t.Context(), url)
		if err == nil && !slot.Read { // the shard has noticed
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the slot is %+v, %v", slot, err)
		}
	}
	without := start(t, settings(t, append(args, "--cache=off")...))
	const message = "a shard keeps WAL for a change feed that nobody reads: if no server runs with --cache any more, backlinectl feed remove takes it away"
	if line := without.log.await(t, message, without.ended); line["level"] != "WARN" {
		t.Errorf("got %v", line)
	}
	if err := without.wait(); err != nil {
		t.Fatal(err)
	}
	if slot, err := feed.SlotOf(t.Context(), url); err != nil || !slot.Exists || slot.Read {
		t.Errorf("the slot is %+v, %v", slot, err)
	}
}
