package loaders_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/graph-gophers/dataloader/v7"

	"backline/loaders"
	"backline/store"
	"backline/store/shard"
	"backline/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const artists, albumsEach = 40, 3

// fixture is a store with artists 1 to 40 of three albums each.
type fixture struct {
	*storetest.Cluster
	options loaders.Options
}

func setup(t *testing.T, shards int, options ...storetest.Option) *fixture {
	t.Helper()
	c := storetest.NewCluster(t, shards, options...)
	for i := range shards {
		var sql strings.Builder
		for n := range int64(artists) {
			artist := artistID(t, n+1)
			if c.Store.Topology().Owner(artist.Bucket()) != i {
				continue
			}
			fmt.Fprintf(&sql, "INSERT INTO artist VALUES (%d, %d, 'artist %03d');", artist, artist.Bucket(), n+1)
			for k := range int64(albumsEach) {
				album, err := shard.Imported(n*albumsEach+k+1, artist.Bucket())
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&sql, "INSERT INTO album VALUES (%d, %d, 'album %d', %d);", album, album.Bucket(), k, artist)
			}
		}
		if sql.Len() > 0 {
			c.ExecOn(t, i, sql.String())
		}
	}
	c.Statements.Reset()
	return &fixture{c, loaders.Options{Store: c.Store}}
}

func artistID(t *testing.T, n int64) store.ID {
	t.Helper()
	id, err := shard.Imported(n, shard.BucketOf(n))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// wave runs resolvers side by side, as an executor does.
func wave(ctx context.Context, resolvers ...func()) {
	s := loaders.For(ctx)
	s.Enter(len(resolvers))
	var wg sync.WaitGroup
	for _, r := range resolvers {
		wg.Go(func() {
			defer s.Leave()
			r()
		})
	}
	wg.Wait()
}

func TestOneStatementPerLoaderAndShard(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 2, 4} {
		f := setup(t, shards)
		for range 20 { // the same in every run
			ctx := loaders.Attach(t.Context(), &f.options, true)
			l := loaders.For(ctx)
			var ids []store.ID
			for n := range int64(artists) {
				ids = append(ids, artistID(t, n+1))
			}
			half := func(from, to int) func() {
				return func() {
					rows, err := l.ArtistByID.LoadAll(ctx, to-from, func(i int) store.ID { return ids[from+i] })
					if err != nil {
						t.Error(err)
					}
					for i, r := range rows {
						if r == nil || r.ID != ids[from+i] {
							t.Errorf("row %d is %v", from+i, r)
						}
					}
				}
			}
			w, err := store.AlbumsByArtistID.Window(store.PageArgs{}, store.AlbumOrderTitle.Order(), nil)
			if err != nil {
				t.Fatal(err)
			}
			pages := func() {
				p, err := l.AlbumsByArtistID.LoadAll(ctx, w, artists, func(i int) store.ID { return ids[i] })
				if err != nil {
					t.Error(err)
				}
				for i, page := range p {
					if len(page.Nodes) != albumsEach || page.Nodes[0].ArtistID != ids[i] {
						t.Errorf("page %d has %d albums", i, len(page.Nodes))
					}
				}
			}
			wave(ctx, half(0, 30), half(10, 40), pages, func() {})
			trace := loaders.TraceOf(ctx)
			if trace.Waves != 1 || trace.Statements != 2*shards {
				t.Fatalf("%d shards: %d waves with %d statements", shards, trace.Waves, trace.Statements)
			}
			wave(ctx, half(0, 40)) // all of it is known
			if trace.Waves != 1 {
				t.Fatal("rows are loaded again")
			}
		}
	}
}

func TestNullsAndMissingRows(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	ctx := loaders.Attach(t.Context(), &f.options, false)
	known, missing := artistID(t, 1), artistID(t, 9999)
	keys := []store.ID{0, known, missing, known, 0}
	wave(ctx, func() {
		rows, err := loaders.For(ctx).ArtistByID.LoadAll(ctx, len(keys), func(i int) store.ID { return keys[i] })
		if err != nil {
			t.Error(err)
		}
		if rows[0] != nil || rows[1] == nil || rows[2] != nil || rows[3] != rows[1] || rows[4] != nil {
			t.Errorf("rows are %v", rows)
		}
	})
}

// TestDeadShardCostsItsKeys has one shard of four cut off.
func TestDeadShardCostsItsKeys(t *testing.T) {
	t.Parallel()
	f := setup(t, 4, storetest.WithFaults())
	f.Cut(1)
	ctx := loaders.Attach(t.Context(), &f.options, false)
	wave(ctx, func() {
		rows, err := loaders.For(ctx).ArtistByID.LoadAll(ctx, artists, func(i int) store.ID { return artistID(t, int64(i)+1) })
		var errs loaders.Errors
		if !errors.As(err, &errs) || len(errs) != artists {
			t.Errorf("the error is %v", err)
			return
		}
		for i := range rows {
			dead := f.Store.Topology().Owner(artistID(t, int64(i)+1).Bucket()) == 1
			if dead != (errs[i] != nil) || dead != (rows[i] == nil) {
				t.Errorf("artist %d: row %v, error %v, shard dead: %v", i+1, rows[i], errs[i], dead)
			}
		}
	})
}

// TestQuiet is for executors that do not count their resolvers.
func TestQuiet(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	ctx := loaders.Attach(t.Context(), &f.options, true)
	var wg sync.WaitGroup
	for n := range int64(10) {
		id := artistID(t, n+1)
		wg.Go(func() {
			if row, err := loaders.For(ctx).ArtistByID.LoadOne(ctx, id); err != nil || row.ID != id {
				t.Errorf("%v, %v", row, err)
			}
		})
	}
	wg.Wait()
}

func TestNodesOfSeveralTypesShareAWave(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	ctx := loaders.Attach(t.Context(), &f.options, true)
	artist := store.NodeID{Kind: store.KindArtist, ID: artistID(t, 1)}
	album := store.NodeID{Kind: store.KindAlbum, ID: artistID(t, 1)} // album 1 has the same number
	wave(ctx, func() {
		rows, err := loaders.For(ctx).LoadNodes(ctx, []store.NodeID{artist, album, {Kind: store.KindTrack, ID: 5 << 22}, {}})
		if err != nil {
			t.Error(err)
			return
		}
		if rows[0].NodeID() != artist || rows[1].NodeID() != album || rows[2] != nil || rows[3] != nil {
			t.Errorf("nodes are %v", rows)
		}
	})
	if trace := loaders.TraceOf(ctx); trace.Waves != 1 || len(trace.Batches) != 3 {
		t.Errorf("%d waves, %d batches", trace.Waves, len(trace.Batches))
	}
	if _, err := loaders.For(ctx).LoadNodes(ctx, make([]store.NodeID, 101)); err == nil {
		t.Error("101 nodes are accepted")
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	f := setup(t, 4)
	ctx := loaders.Attach(t.Context(), &f.options, true)
	l := loaders.For(ctx)
	albums, err := store.AlbumsByArtistID.Window(store.PageArgs{}, store.AlbumOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := store.Artists.Window(store.PageArgs{}, store.ArtistOrderName.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	wave(ctx, func() {
		pages, err := l.AlbumsByArtistID.LoadAll(ctx, albums, artists, func(i int) store.ID { return artistID(t, int64(i)+1) })
		if err != nil {
			t.Error(err)
			return
		}
		root, err := l.Artists.Load(ctx, all)
		if err != nil {
			t.Error(err)
			return
		}
		counts, err := l.Totals.LoadAll(ctx, artists+1, func(i int) store.Total {
			if i == artists {
				return root.Total()
			}
			return pages[i].Total()
		})
		if err != nil || counts[0] != albumsEach || counts[artists-1] != albumsEach || counts[artists] != artists {
			t.Errorf("totals are %v, %v", counts, err)
		}
	})
	if trace := loaders.TraceOf(ctx); trace.Waves != 3 || len(trace.Batches) != 4 {
		t.Errorf("%d waves, %d batches: both totals must share a wave", trace.Waves, len(trace.Batches))
	}
}

// TestDataloaderInterface uses a loader as code written for dataloader v7 does.
func TestDataloaderInterface(t *testing.T) {
	t.Parallel()
	f := setup(t, 2)
	ctx := loaders.Attach(t.Context(), &f.options, true)
	var l dataloader.Interface[store.ID, *store.Artist] = &loaders.For(ctx).ArtistByID
	one, two := artistID(t, 1), artistID(t, 2)
	wave(ctx, func() {
		first, both := l.Load(ctx, one), l.LoadMany(ctx, []store.ID{one, two})
		if row, err := first(); err != nil || row.ID != one {
			t.Errorf("%v, %v", row, err)
		}
		if rows, errs := both(); errs != nil || rows[1].ID != two {
			t.Errorf("%v, %v", rows, errs)
		}
		if trace := loaders.TraceOf(ctx); trace.Waves != 1 {
			t.Errorf("%d waves for keys that were asked for together", trace.Waves)
		}
		primed := &store.Artist{ID: artistID(t, 500), Name: "primed"}
		if row, err := l.Prime(ctx, primed.ID, primed).Load(ctx, primed.ID)(); err != nil || row != primed {
			t.Errorf("%v, %v", row, err)
		}
		f.Exec(t, "UPDATE artist SET name = 'renamed'")
		if row, _ := l.Load(ctx, one)(); row.Name == "renamed" {
			t.Error("a loader does not remember")
		}
		if row, _ := l.Clear(ctx, one).Load(ctx, one)(); row.Name != "renamed" {
			t.Error("a cleared row is not loaded again")
		}
		if row, _ := l.ClearAll().Load(ctx, two)(); row.Name != "renamed" {
			t.Error("after ClearAll a row is not loaded again")
		}
	})
}

func TestBatched(t *testing.T) {
	t.Parallel()
	f := setup(t, 1)
	calls := 0
	ctx := loaders.Attach(t.Context(), &f.options, false)
	lengths := loaders.NewBatched(loaders.For(ctx), "Length", func(_ context.Context, keys []string) []*dataloader.Result[int] {
		calls++
		out := make([]*dataloader.Result[int], len(keys))
		for i, k := range keys {
			out[i] = &dataloader.Result[int]{Data: len(k)}
			if k == "bad" {
				out[i].Error = errors.New("bad key")
			}
		}
		return out
	})
	load := func(keys ...string) func() {
		return func() {
			values, err := lengths.LoadAll(ctx, len(keys), func(i int) string { return keys[i] })
			var errs loaders.Errors
			errors.As(err, &errs)
			for i, k := range keys {
				if failed := errs != nil && errs[i] != nil; failed != (k == "bad") || !failed && values[i] != len(k) {
					t.Errorf("%q gives %d, %v", k, values[i], err)
				}
			}
		}
	}
	wave(ctx, load("a", "bb", "bad"), load("bb", "ccc", ""))
	if calls != 1 {
		t.Errorf("%d calls for one wave", calls)
	}
	for name, broken := range map[string]dataloader.BatchFunc[string, int]{
		"panic":           func(context.Context, []string) []*dataloader.Result[int] { panic("no") },
		"0 results for 1": func(context.Context, []string) []*dataloader.Result[int] { return nil },
		"is missing":      func(context.Context, []string) []*dataloader.Result[int] { return make([]*dataloader.Result[int], 1) },
	} {
		l := loaders.NewBatched(loaders.For(ctx), "Broken", broken)
		wave(ctx, func() {
			if _, err := l.LoadAll(ctx, 1, func(int) string { return "x" }); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("a batch function that is broken (%s) gives %v", name, err)
			}
		})
	}
}
