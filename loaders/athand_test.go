package loaders_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"backline/loaders"
	"backline/store"
)

// TestNobodyWaitsForWhatIsThere: rows, nodes, pages and totals that the process has are given to a resolver
// while others of its wave still run. A batch that waits leaves only when they have all returned.
func TestNobodyWaitsForWhatIsThere(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 2)
	albums, err := store.AlbumsByArtistID.Window(store.PageArgs{}, store.AlbumOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	parent := func(i int) store.ID { return artistID(t, int64(i)+1) }
	ask := func(ctx context.Context) string {
		set := loaders.For(ctx)
		row, err1 := set.ArtistByID.LoadOne(ctx, parent(0))
		nodes, err2 := set.LoadNodes(ctx, []store.NodeID{{Kind: store.KindArtist, ID: parent(1)}, {Kind: store.KindArtist, ID: parent(4000)}})
		pages, err3 := set.AlbumsByArtistID.LoadAll(ctx, albums, 3, parent)
		totals, err4 := set.Totals.LoadAll(ctx, 3, func(i int) store.Total { return pages[i].Total() })
		return fmt.Sprint(row.Name, nodes[0].(*store.Artist).Name, nodes[1], len(pages[2].Nodes), *pages[2].Info().EndCursor(), totals, err1, err2, err3, err4)
	}
	var cold string
	ctx := loaders.Attach(t.Context(), &c.options, false)
	wave(ctx, func() { cold = ask(ctx) })
	until(t, "nobody waits", func() bool {
		c.ready(t)
		ctx := loaders.Attach(t.Context(), &c.options, false)
		returned, alone := make(chan struct{}), false
		wave(ctx,
			func() {
				if warm := ask(ctx); warm != cold {
					t.Errorf("got %s, and not %s", warm, cold)
				}
				close(returned)
			},
			func() {
				select {
				case <-returned:
					alone = true
				case <-time.After(100 * time.Millisecond): // a process that was frozen begins anew
				}
			})
		return alone
	})
	if n := c.Statements.Total(); n == 0 {
		t.Error("no statement ran: the test shows nothing")
	}
}

// TestSharedValues: many responses read the same values at the same time, and leave them as they are. With
// the race detector it fails where anybody writes.
func TestSharedValues(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 2)
	albums, err := store.AlbumsByArtistID.Window(store.PageArgs{}, store.AlbumOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	artists, err := store.Artists.Window(store.PageArgs{}, store.ArtistOrderName.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() (answer string) {
		ctx := loaders.Attach(t.Context(), &c.options, false)
		set := loaders.For(ctx)
		wave(ctx, func() {
			root, err1 := set.Artists.Load(ctx, artists)
			pages, err2 := set.AlbumsByArtistID.LoadAll(ctx, albums, len(root.Nodes), func(i int) store.ID { return root.Nodes[i].ID })
			rows, err3 := set.ArtistByID.LoadAll(ctx, len(root.Nodes), func(i int) store.ID { return root.Nodes[i].ID })
			answer = fmt.Sprint(*root.Info().EndCursor(), err1, err2, err3)
			for i, p := range pages {
				answer += fmt.Sprint(p.Nodes[0].Title, *p.Info().StartCursor(), p.Total().Key(), *rows[i])
			}
		})
		return answer
	}
	want := ask()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if got := ask(); got != want {
					t.Errorf("got %s, and not %s", got, want)
				}
			}
		})
	}
	group.Wait()
}

// TestRowsOfPagesAreKnown: who asks for a row that came on a page gets it from the process.
func TestRowsOfPagesAreKnown(t *testing.T) {
	t.Parallel()
	c := setupCached(t, 2)
	albums, err := store.AlbumsByArtistID.Window(store.PageArgs{}, store.AlbumOrderID.Order(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// A few pages, and more rows than are worth it.
	for n, few := range map[int]bool{2: true, 20: false} {
		until(t, "it is as it should be", func() bool {
			c.forgetAll(t)
			var pages []*store.Page[store.Album]
			ctx := loaders.Attach(t.Context(), &c.options, false)
			wave(ctx, func() {
				pages, err = loaders.For(ctx).AlbumsByArtistID.LoadAll(ctx, albums, n, func(i int) store.ID { return artistID(t, int64(i)+1) })
				if err != nil {
					t.Error(err)
				}
			})
			c.Statements.Reset()
			ctx = loaders.Attach(t.Context(), &c.options, false)
			wave(ctx, func() {
				row, err := loaders.For(ctx).AlbumByID.LoadOne(ctx, pages[1].Nodes[0].ID)
				if err != nil || row.Title != pages[1].Nodes[0].Title {
					t.Errorf("got %v, %v", row, err)
				}
			})
			return few == (c.Statements.Total() == 0)
		})
	}
}
