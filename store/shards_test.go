package store_test

import (
	"slices"
	"strings"
	"testing"

	"backline/store"
	"backline/store/storetest"
)

func TestShards(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t, 3)
	shards, err := c.Store.Shards(t.Context())
	if err != nil || len(shards) != 3 {
		t.Fatalf("got %+v, %v", shards, err)
	}
	buckets := 0
	seen := map[string]bool{}
	for i, s := range shards {
		buckets += s.Buckets
		seen[s.Database] = true
		if s.Shard != c.Store.Topology().Name(i) || s.Bytes <= 0 || s.Version == "" || strings.Contains(s.Database, "@") {
			t.Errorf("got %+v", s)
		}
	}
	if buckets != 1024 || len(seen) != 3 {
		t.Errorf("%d buckets in %v", buckets, seen)
	}
}

func TestSplitURLs(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		"":                            nil,
		" ":                           nil,
		"postgres://a/b":              {"postgres://a/b"},
		"postgres://a/b,postgres://c": {"postgres://a/b", "postgres://c"},
		"postgres://a,b/c, postgresql://d:5,e/f ": {"postgres://a,b/c", "postgresql://d:5,e/f"},
	} {
		if got := store.SplitURLs(list); !slices.Equal(got, want) {
			t.Errorf("%q: got %q", list, got)
		}
	}
}
