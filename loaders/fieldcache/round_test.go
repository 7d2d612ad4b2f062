package fieldcache_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"backline/loaders/fieldcache"
)

func TestTiers(t *testing.T) {
	t.Parallel()
	a := setup(t, options{})
	b := setup(t, options{table: a.table})
	ids := []int64{1, 2, 3}
	cold := a.get("Album", "", "", ids...)
	want(t, "cold", cold.Counts, fieldcache.Counts{Missed: 3})
	want(t, "again", a.get("Album", "", "", ids...).Counts, fieldcache.Counts{Local: 3})
	a.until("the values are in Redis", func() bool { return a.count("Album filled") == 3 })
	warm := b.get("Album", "", "", ids...)
	want(t, "in another process", warm.Counts, fieldcache.Counts{Redis: 3})
	want(t, "there again", b.get("Album", "", "", 4, 1, 2, 3).Counts, fieldcache.Counts{Local: 3, Missed: 1})
	for i := range ids {
		want(t, "a value", *warm.Values[i].(*album), *cold.Values[i].(*album))
	}
	want(t, "calls to read", a.count("called read"), 1)
	want(t, "calls to fill", a.count("called fill"), 1)
	want(t, "loads", a.table.loads.Load(), 4)
}

// TestManyBatchesOfARoundGoTogether: they are read in one call, which takes leases as well if they are few.
func TestManyBatchesOfARoundGoTogether(t *testing.T) {
	t.Parallel()
	for rows, leases := range map[int]int{2: 0, 20: 1} {
		t.Run(fmt.Sprint(rows, " rows"), func(t *testing.T) {
			t.Parallel()
			manyBatches(t, rows, leases)
		})
	}
}

func manyBatches(t *testing.T, rows, leases int) {
	t.Helper()
	f := setup(t, options{})
	r := f.Session("anna").Round()
	defer r.Close()
	batches := []*fieldcache.Batch{
		r.Add(f.Space("Album"), "", sequence(1, rows), nil),
		r.Add(f.Space("Artist.albums"), "first: 10", []int64{1, 2}, nil),
		r.Add(f.Space("Artist.albums"), "first: 20", []int64{1, 2}, nil),
		r.Add(f.Space("Query.me"), "", []int64{1}, nil),
	}
	rounds := 0
	for r.Next(t.Context()) {
		rounds++
		for n, b := range batches {
			for i := range b.Misses() {
				b.Put(i, &album{ID: int64(n), Title: fmt.Sprint(n, i)}, nil)
			}
		}
	}
	want(t, "rounds", rounds, 1)
	want(t, "reads", f.count("called read"), 1)
	want(t, "leases", f.count("called lease"), leases)
	f.until("all is filled", func() bool { return f.count("called fill") == 1 })
	want(t, "a page", batches[2].Values[1].(*album).Title, "2 1")
	other := setup(t, options{})
	want(t, "a page in another process", titleOf(t, other.get("Artist.albums", "first: 20", "", 2)), "2 1")
	want(t, "its loads", other.table.loads.Load(), 0)
}

func TestWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	a := setup(t, options{})
	b := setup(t, options{table: a.table, clock: a.clock})
	want(t, "cold", a.title(1000), "")
	want(t, "warm", a.title(1000), "")
	a.until("it is in Redis", func() bool { return a.count("Album filled") == 1 })
	want(t, "elsewhere", b.title(1000), "")
	want(t, "loads", a.table.loads.Load(), 1)
	a.table.set(1000, "now")
	a.clock.advance(11*time.Second + time.Second/10) // ten seconds and a tenth of them
	a.ready()
	want(t, "its own, shorter life is over", a.title(1000), "now")
}

func TestInvalidation(t *testing.T) {
	t.Parallel()
	a := setup(t, options{})
	b := setup(t, options{table: a.table})
	for name, ref := range map[string]fieldcache.Ref{
		"id": {Space: "Album", ID: 7}, "space": {Space: "Album"}, "everything": {},
	} {
		both := func(title string) {
			t.Helper()
			for n, f := range []*fixture{a, b, a, b} {
				want(t, fmt.Sprintf("%s, read %d", name, n), f.title(7), title)
			}
		}
		heard := func(n int) func() bool { return func() bool { return b.count(ref.Space+" invalidated") >= n } }
		n := b.count(ref.Space + " invalidated")
		a.table.set(7, "before "+name)
		if err := a.Invalidate(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
		a.until("b has heard", heard(n+1))
		both("before " + name)
		n = b.count(ref.Space + " invalidated")
		a.table.set(7, "after "+name)
		if err := a.Invalidate(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
		a.until("b has heard again", heard(n+1))
		both("after " + name)
	}
}

func TestInvalidationOfAllVariants(t *testing.T) {
	t.Parallel()
	a := setup(t, options{})
	pages := []string{"first: 1", "first: 2", `first: 2, after: "x"`}
	for _, page := range pages {
		a.get("Artist.albums", page, "", 1, 2)
	}
	b := setup(t, options{table: a.table})
	a.until("all is filled", func() bool { return a.count("Artist.albums filled") == 6 })
	for _, page := range pages {
		want(t, page, b.get("Artist.albums", page, "", 1, 2).Counts, fieldcache.Counts{Redis: 2})
	}
	a.table.set(1, "second")
	if err := a.Invalidate(t.Context(), fieldcache.Ref{Space: "Artist.albums", ID: 1}); err != nil {
		t.Fatal(err)
	}
	a.until("b has heard", func() bool { return b.count("Artist.albums invalidated") >= 1 })
	for i, page := range pages {
		got := a.get("Artist.albums", page, "", 1, 2)
		want(t, page, got.Counts, fieldcache.Counts{Local: 1, Missed: 1})
		want(t, page, got.Values[0].(*album).Title, "second")
		a.until("it is filled anew", func() bool { return a.count("Artist.albums filled") == 7+i })
		want(t, page, b.get("Artist.albums", page, "", 1, 2).Counts, fieldcache.Counts{Local: 1, Redis: 1})
	}
}

func TestPrivateValues(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	f.table.set(1, "of anna")
	want(t, "anna", titleOf(t, f.get("Query.me", "", "anna", 1)), "of anna")
	f.table.set(1, "of berta")
	want(t, "berta", titleOf(t, f.get("Query.me", "", "berta", 1)), "of berta")
	want(t, "anna again", titleOf(t, f.get("Query.me", "", "anna", 1)), "of anna")
	f.table.set(1, "of nobody")
	for range 2 {
		got := f.get("Query.me", "", "", 1)
		want(t, "nobody", titleOf(t, got), "of nobody")
		want(t, "nobody", got.Counts, fieldcache.Counts{Missed: 1})
	}
	f.until("two are filled", func() bool { return f.count("Query.me filled") == 2 })
	other := setup(t, options{})
	want(t, "anna elsewhere", titleOf(t, other.get("Query.me", "", "anna", 1)), "of anna")
	want(t, "berta elsewhere", titleOf(t, other.get("Query.me", "", "berta", 1)), "of berta")
}

func TestArgumentsAndViewersDoNotMeet(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	for i, c := range [][2]string{{"a", "b"}, {"a\x00b", ""}, {"", "a\x00b"}, {"ab", ""}} {
		f.table.set(1, fmt.Sprint(i))
		if c[1] == "" {
			continue // nobody has nothing
		}
		want(t, fmt.Sprint(c), titleOf(t, f.get("Query.me", c[0], c[1], 1)), fmt.Sprint(i))
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	down := errors.New("down")
	f.table.fail(down)
	got := f.get("Album", "", "", 1, 2)
	for i := range 2 {
		if !errors.Is(got.Errs[i], down) {
			t.Errorf("error %d: %v", i, got.Errs[i])
		}
	}
	f.table.fail(nil)
	f.until("the leases are given back", func() bool { return f.count("called fill") == 1 })
	want(t, "then", f.title(1), "first")
	want(t, "leases waited for", f.count("called read"), 2)
}

func TestARoundGivenUp(t *testing.T) {
	t.Parallel()
	f := setup(t, options{})
	r := f.Session("").Round()
	b := r.Add(f.Space("Album"), "", []int64{1}, nil)
	if !r.Next(t.Context()) || len(b.Misses()) != 1 {
		t.Fatal("nothing to load")
	}
	joined := make(chan string)
	go func() { joined <- f.title(1) }()
	// The other waits for this one until it gives up; then it loads by itself.
	r.Close()
	want(t, "the other", <-joined, "first")
}

func TestConfig(t *testing.T) {
	t.Parallel()
	client := sharedRedis(t).client(t)
	good := fieldcache.SpaceConfig{Name: "A", Policy: minute, Codec: albumCodec}
	for name, c := range map[string]fieldcache.Config{
		"no schema":      {Redis: client},
		"no client":      {Schema: "s"},
		"deaf client":    {Schema: "s", Redis: sharedRedis(t).deaf(t)},
		"no TTL":         {Schema: "s", Redis: client, Spaces: []fieldcache.SpaceConfig{{Name: "A", Codec: albumCodec}}},
		"no codec":       {Schema: "s", Redis: client, Spaces: []fieldcache.SpaceConfig{{Name: "A", Policy: minute}}},
		"no name":        {Schema: "s", Redis: client, Spaces: []fieldcache.SpaceConfig{{Policy: minute, Codec: albumCodec}}},
		"a bad name":     {Schema: "s", Redis: client, Spaces: []fieldcache.SpaceConfig{{Name: "A B", Policy: minute, Codec: albumCodec}}},
		"twice the same": {Schema: "s", Redis: client, Spaces: []fieldcache.SpaceConfig{good, good}},
	} {
		if cache, err := fieldcache.New(c); err == nil {
			cache.Close()
			t.Errorf("%s: no error", name)
		}
	}
}
