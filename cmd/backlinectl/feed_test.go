package main

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"backline/store/feed"
	"backline/store/storetest"
)

// nowhere is where changes go.
type nowhere struct{}

func (nowhere) Apply(context.Context, string, feed.Batch) error { return nil }
func (nowhere) Flush(context.Context, string, string) error     { return nil }

// TestFeeds removes feeds when nobody reads them any more, and not before.
func TestFeeds(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t, 2)
	urls := "--postgres-urls=" + strings.Join(c.URLs, ",")
	// How much WAL is kept is what the server has written since, of itself too.
	expect := func(status int, out, err string, args ...string) {
		t.Helper()
		got := call(t, append(args, urls)...)
		if got.status != status || !regexp.MustCompile(out).MatchString(got.out) || !strings.Contains(got.err, err) {
			t.Errorf("%q: got %+v", args, got)
		}
	}
	expect(exitGood, "0      none  0\n1      none  0\n", "", "feed", "status")
	expect(exitGood, "shard 1: there was none", "", "feed", "remove")
	f, err := feed.Start(feed.Config{
		Shards: []feed.Shard{{Name: "1", URL: c.URLs[1]}}, Tables: []feed.Table{{Name: "artist", Columns: []string{"id"}}}, Sink: nowhere{},
	})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			f.Close()
		}
	}()
	until(t, "it reads", func() bool { return f.Status()[0].State == feed.Reading })
	expect(exitGood, `(?m)^1 +read +\d+$`, "", "feed", "status")
	expect(exitProblem, "", "the changes of shard 1 are being read", "feed", "remove")
	f.Close()
	closed = true
	until(t, "the server has noticed", func() bool {
		slot, err := feed.SlotOf(t.Context(), c.URLs[1])
		return err == nil && !slot.Read
	})
	expect(exitGood, `(?m)^1 +nobody reads +\d+$`, "", "feed", "status")
	expect(exitGood, "shard 1: removed, which frees", "", "feed", "remove")
	expect(exitGood, "1      none  0\n", "", "feed", "status")
}
