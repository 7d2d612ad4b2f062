package store_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"backline/store"
	"backline/store/shard"
	"backline/store/storetest"
)

// shelfOn makes shelf n, whose name is given, in some bucket of a shard.
func shelfOn(t testing.TB, topology *shard.Topology, n int64, on int, name string) store.FamilyShelf {
	t.Helper()
	for b := range shard.Bucket(shard.Buckets) {
		if topology.Owner(b) == on {
			return store.FamilyShelf{ID: imported(n, b+shard.Bucket(n%5)), Name: name}
		}
	}
	t.Fatalf("shard %d owns nothing", on)
	return store.FamilyShelf{}
}

// shelves makes a cluster whose only rows are shelves: shard on[i] has the i-th of them by name.
func shelves(t testing.TB, c *storetest.Cluster, on []int) (want []store.ID) {
	t.Helper()
	for i := range c.Store.Pools() {
		if _, err := c.Store.Pools()[i].Exec(t.Context(), "DELETE FROM shelf"); err != nil {
			t.Fatal(err)
		}
	}
	ids, buckets, names := make([][]int64, len(c.URLs)), make([][]int16, len(c.URLs)), make([][]string, len(c.URLs))
	for i, at := range on {
		s := shelfOn(t, c.Store.Topology(), int64(i+1), at, fmt.Sprintf("%04d", i/2)) // two of each name
		ids[at], buckets[at], names[at] = append(ids[at], int64(s.ID)), append(buckets[at], int16(s.ID.Bucket())), append(names[at], s.Name)
		want = append(want, s.ID)
	}
	for i := range c.Store.Pools() {
		_, err := c.Store.Pools()[i].Exec(t.Context(), "INSERT INTO shelf (id, bucket, name) SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::text[])", ids[i], buckets[i], names[i])
		if err != nil {
			t.Fatal(err)
		}
	}
	return want
}

// wantPages reads the list from both ends, in pages of a size, and says how many statements the first
// page took.
func wantPages(t testing.TB, c *storetest.Cluster, l *store.List[store.FamilyShelf], order *store.Order[store.FamilyShelf], size int32, want []store.ID) (first int) {
	t.Helper()
	var after, before *string
	for at := 0; ; at += int(size) {
		c.Statements.Reset()
		p := page(t, c.Store, l, store.PageArgs{First: &size, After: after}, order, nil, store.Root)
		if after == nil {
			first = c.Statements.Total()
		}
		if most := 2 * len(c.URLs); c.Statements.Total() > most {
			t.Fatalf("%d statements for one page of %d shards", c.Statements.Total(), len(c.URLs))
		}
		end := min(at+int(size), len(want))
		if got := ids(p.Nodes, func(s *store.FamilyShelf) store.ID { return s.ID }); !slices.Equal(got, want[at:end]) {
			t.Fatalf("%d a page, from %d: got %v, want %v", size, at, got, want[at:end])
		}
		if p.HasNextPage != (end < len(want)) {
			t.Fatalf("%d a page, from %d of %d: hasNextPage is %v", size, at, len(want), p.HasNextPage)
		}
		if after = p.Info().EndCursor(); !p.HasNextPage {
			break
		}
	}
	for end := len(want); ; end -= int(size) {
		p := page(t, c.Store, l, store.PageArgs{Last: &size, Before: before}, order, nil, store.Root)
		at := max(0, end-int(size))
		if got := ids(p.Nodes, func(s *store.FamilyShelf) store.ID { return s.ID }); !slices.Equal(got, want[at:end]) {
			t.Fatalf("%d a page, up to %d: got %v, want %v", size, end, got, want[at:end])
		}
		if p.HasPreviousPage != (at > 0) {
			t.Fatalf("%d a page, up to %d: hasPreviousPage is %v", size, end, p.HasPreviousPage)
		}
		if before = p.Info().StartCursor(); !p.HasPreviousPage {
			return first
		}
	}
}

// TestSharesOfAPage: however unevenly the rows of a list lie, its pages are those that one shard would
// give, and only a shard whose share has not sufficed is asked twice.
func TestSharesOfAPage(t *testing.T) {
	t.Parallel()
	const shards = 4
	c := storetest.NewCluster(t, shards, storetest.WithMigrations(store.FamilyMigrations()))
	f := store.NewFamily()
	check := func(name string, n int, on func(i int) int, first int) {
		all := make([]int, n)
		for i := range all {
			all[i] = on(i)
		}
		want := shelves(t, c, all)
		if got := wantPages(t, c, f.Shelves, f.ShelfOrder, 60, want); got != first {
			t.Errorf("%s: the first page took %d statements, want %d", name, got, first)
		}
	}
	check("evenly", 200, func(i int) int { return i % shards }, shards)
	check("all on one shard", 200, func(int) int { return 2 }, shards+1)
	check("all but one on one shard", 200, func(i int) int {
		if i == 30 {
			return 1
		}
		return 3
	}, shards+1)
	check("one half and the other", 200, func(i int) int { return i / 30 % 2 }, shards+2)
	check("on two shards", 200, func(i int) int { return i % 2 }, shards+2)
	check("fewer than a page", 50, func(int) int { return 0 }, shards+1)
	check("as many as the share", 26, func(int) int { return 0 }, shards+1) // it may have more, it may not
	check("fewer than the share", 25, func(int) int { return 0 }, shards)
	check("none", 0, nil, shards)

	rapid.Check(t, func(rt *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(0, 9), shards, shards).Draw(rt, "weights")
		weights[rapid.IntRange(0, shards-1).Draw(rt, "heaviest")]++
		var lots []int
		for i, w := range weights {
			for range w {
				lots = append(lots, i)
			}
		}
		run := rapid.IntRange(1, 40).Draw(rt, "run")
		all := make([]int, rapid.IntRange(0, 250).Draw(rt, "rows"))
		for i := range all {
			if i%run == 0 {
				all[i] = rapid.SampledFrom(lots).Draw(rt, "shard")
			} else {
				all[i] = all[i-1]
			}
		}
		want := shelves(t, c, all)
		wantPages(t, c, f.Shelves, f.ShelfOrder, rapid.Int32Range(15, 100).Draw(rt, "size"), want)
	})
}
