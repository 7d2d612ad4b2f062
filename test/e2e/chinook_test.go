package e2e

import (
	"fmt"
	"os"
	"testing"

	"backline/resolvers"
	"backline/store/seed"
	"backline/store/storetest"
)

// TestChinook serves the real Chinook data, if BACKLINE_TEST_CHINOOK says where its script is.
func TestChinook(t *testing.T) {
	t.Parallel()
	path := os.Getenv("BACKLINE_TEST_CHINOOK")
	if path == "" {
		t.Skip("SKIPPED: set BACKLINE_TEST_CHINOOK to the path of Chinook_PostgreSql.sql to test with the real data")
	}
	answers := map[int]string{}
	for _, shards := range []int{1, 2, 4} {
		c := storetest.NewCluster(t, shards)
		target := seed.Target{Topology: c.Store.Topology(), Pools: c.Store.Pools()}
		if _, err := seed.Chinook(t.Context(), target, path, nil); err != nil {
			t.Fatal(err)
		}
		s := serve(t, c, resolvers.Breadth)
		answers[shards] = s.chinook(t)
		if shards > 1 && answers[shards] != answers[1] {
			t.Errorf("%d shards answer otherwise than one", shards)
		}
		if shards == 4 {
			s.walkAll(t)
		}
	}
}

func (s *server) chinook(t *testing.T) string {
	t.Helper()
	var totals map[string]struct{ TotalCount int }
	s.ask(t, `{ artists { totalCount } albums { totalCount } tracks { totalCount } genres { totalCount }
		mediaTypes { totalCount } playlists { totalCount } employees { totalCount } customers { totalCount } }`, nil, false).into(t, &totals)
	for field, want := range map[string]int{
		"artists": 275, "albums": 347, "tracks": 3503, "genres": 25, "mediaTypes": 5,
		"playlists": 18, "employees": 8, "customers": 59,
	} {
		if totals[field].TotalCount != want {
			t.Errorf("%d %s, want %d", totals[field].TotalCount, field, want)
		}
	}
	var sales struct {
		Customers struct {
			Nodes []struct {
				Invoices struct {
					TotalCount int
					Nodes      []struct {
						Total string
						Lines struct {
							TotalCount int
							Nodes      []struct{ UnitPrice string }
						}
					}
				}
			}
		}
		Playlists struct {
			Nodes []struct{ Tracks struct{ TotalCount int } }
		}
	}
	r := s.ask(t, `{ customers(first: 100) { nodes { invoices(first: 100) { totalCount nodes { total lines(first: 100) { totalCount nodes { unitPrice } } } } } }
		playlists(first: 100) { nodes { tracks { totalCount } } } }`, nil, false)
	r.into(t, &sales)
	invoices, lines, cents, lineCents, entries := 0, 0, 0, 0, 0
	for _, c := range sales.Customers.Nodes {
		invoices += c.Invoices.TotalCount
		for _, i := range c.Invoices.Nodes {
			cents += inCents(t, i.Total)
			lines += i.Lines.TotalCount
			for _, l := range i.Lines.Nodes {
				lineCents += inCents(t, l.UnitPrice)
			}
		}
	}
	for _, p := range sales.Playlists.Nodes {
		entries += p.Tracks.TotalCount
	}
	if invoices != 412 || lines != 2240 || cents != 232860 || lineCents != 232860 || entries != 8715 {
		t.Errorf("%d invoices of %d cents, %d lines of %d cents, %d playlist entries", invoices, cents, lines, lineCents, entries)
	}
	var names struct {
		Artists struct{ Nodes []struct{ Name string } }
	}
	s.ask(t, `{ artists(first: 100, filter: {nameStartsWith: "Antô"}) { nodes { name } } }`, nil, false).into(t, &names)
	if len(names.Artists.Nodes) != 1 || names.Artists.Nodes[0].Name != "Antônio Carlos Jobim" {
		t.Errorf("accents: %v", names)
	}
	var tracks struct {
		Tracks struct{ Nodes []struct{ Name string } }
	}
	s.ask(t, `{ tracks(first: 2, filter: {nameStartsWith: "\"?\""}) { nodes { name } } }`, nil, false).into(t, &tracks)
	if len(tracks.Tracks.Nodes) != 1 || tracks.Tracks.Nodes[0].Name != `"?"` {
		t.Errorf("quotes: %v", tracks)
	}
	return string(r.Data)
}

// inCents turns "13.86" into 1386.
func inCents(t *testing.T, s string) int {
	t.Helper()
	var whole, cents int
	if _, err := fmt.Sscanf(s, "%d.%02d", &whole, &cents); err != nil {
		t.Fatalf("%s is no amount: %v", s, err)
	}
	return whole*100 + cents
}
