package seed

import (
	"crypto/sha256"
	"fmt"
	"math"
	"strings"
	"testing"

	"backline/store/shard"
)

// TestDemoIsTheSameEverywhere holds the encoded rows of a small catalogue against their sum as it
// was when demoEdition was last raised.
func TestDemoIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	const want = "ec3919a6f873fe2c"
	if got := demoSum(t, 0.1, all); got != want {
		t.Errorf("the demo catalogue has changed: its sum is %s; raise demoEdition and write this sum here", got)
	}
}

func all(shard.Bucket) bool { return true }

func demoSum(t testing.TB, scale float64, owns func(shard.Bucket) bool) string {
	t.Helper()
	d, err := newDemo(DemoOptions{Scale: scale})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for table := range tableCount {
		written := int64(0)
		out := newCopyWriter(sum, func(rows int64) { written += rows })
		if err := d.write(table, owns, out); err != nil {
			t.Fatal(err)
		}
		if err := out.end(); err != nil {
			t.Fatal(err)
		}
		if want := d.rows(table); written != want {
			t.Errorf("%s has %d rows, not %d as announced", table, written, want)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))[:16]
}

// TestDemoIsTheSameOnEveryTopology reads the rows back from 1, 2 and 4 real shards.
func TestDemoIsTheSameOnEveryTopology(t *testing.T) {
	t.Parallel()
	sums := map[int]string{}
	for _, n := range []int{1, 2, 4} {
		target := setup(t, n)
		if _, err := Demo(t.Context(), target, DemoOptions{Scale: 0.1}, nil); err != nil {
			t.Fatal(err)
		}
		sums[n] = contents(t, target)
	}
	if sums[1] != sums[2] || sums[1] != sums[4] {
		t.Errorf("the rows differ between topologies: %v", sums)
	}
}

func TestDemoHoldsTogether(t *testing.T) {
	t.Parallel()
	for _, scale := range []float64{0.0001, 0.01, 0.3} {
		t.Run(fmt.Sprint(scale), func(t *testing.T) {
			t.Parallel()
			target := setup(t, 4)
			report, err := Demo(t.Context(), target, DemoOptions{Scale: scale}, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkRows(t, target, report)
			for what, sql := range map[string]string{
				"invoices whose total is not that of their lines": `SELECT count(*) FROM invoice i
					WHERE total IS DISTINCT FROM (SELECT sum(unit_price * quantity) FROM invoice_line l WHERE l.invoice_id = i.id)`,
				"invoices without lines": `SELECT count(*) FROM invoice i
					WHERE NOT EXISTS (SELECT FROM invoice_line l WHERE l.invoice_id = i.id)`,
				"employees who report to somebody hired after them": `SELECT count(*) FROM employee e
					JOIN employee b ON b.id = e.reports_to WHERE b.hire_date > e.hire_date`,
			} {
				if n := scalar(t, target, sql); n != 0 {
					t.Errorf("%d %s", n, what)
				}
			}
			checkPrices(t, target)
		})
	}
}

// checkPrices holds the lines' prices against the tracks', which may lie on other shards.
func checkPrices(t *testing.T, target Target) {
	t.Helper()
	price := pairs(t, target, "SELECT id, unit_price::text FROM track")
	for track, p := range pairs(t, target, "SELECT DISTINCT track_id, unit_price::text FROM invoice_line") {
		if price[track] != p {
			t.Errorf("track %d costs %s and is sold for %s", track, price[track], p)
		}
	}
}

// TestDemoIsVaried looks for what clients and tests stumble over in real catalogues.
func TestDemoIsVaried(t *testing.T) {
	t.Parallel()
	target := setup(t, 2)
	report, err := Demo(t.Context(), target, DemoOptions{Scale: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[Table][2]int64{
		Artist: {300, 300}, Album: {300, 450}, Track: {3500, 3500}, Genre: {25, 25}, MediaType: {5, 5},
		Customer: {1000, 1000}, Invoice: {10_000, 10_000}, InvoiceLine: {25_000, 30_000},
		Playlist: {60, 60}, PlaylistTrack: {2000, 4000}, Employee: {16, 16},
	} {
		if got := report.Of(table); got < want[0] || got > want[1] {
			t.Errorf("%d rows in %s, want %d to %d", got, table, want[0], want[1])
		}
	}
	for what, sql := range map[string]string{
		"artists without albums":       `SELECT count(*) FROM artist a WHERE NOT EXISTS (SELECT FROM album b WHERE b.artist_id = a.id)`,
		"playlists without entries":    `SELECT count(*) FROM playlist p WHERE NOT EXISTS (SELECT FROM playlist_track e WHERE e.playlist_id = p.id)`,
		"playlists of over 100":        `SELECT count(*) FROM (SELECT FROM playlist_track GROUP BY playlist_id HAVING count(*) > 100) x`,
		"customers without invoices":   `SELECT count(*) FROM customer c WHERE NOT EXISTS (SELECT FROM invoice i WHERE i.customer_id = c.id)`,
		"customers with many invoices": `SELECT count(*) FROM (SELECT FROM invoice GROUP BY customer_id HAVING count(*) > 20) x`,
		"genres without tracks":        `SELECT count(*) FROM genre g WHERE NOT EXISTS (SELECT FROM track t WHERE t.genre_id = g.id)`,
		"reps without customers":       `SELECT count(*) FROM employee e WHERE title = 'Sales Support Agent' AND NOT EXISTS (SELECT FROM customer c WHERE c.support_rep_id = e.id)`,
		"tracks without album":         `SELECT count(*) FROM track WHERE album_id IS NULL`,
		"tracks without genre":         `SELECT count(*) FROM track WHERE genre_id IS NULL`,
		"tracks without composer":      `SELECT count(*) FROM track WHERE composer IS NULL`,
		"tracks without size":          `SELECT count(*) FROM track WHERE bytes IS NULL`,
		"free tracks":                  `SELECT count(*) FROM track WHERE unit_price = 0`,
		"customers with a company":     `SELECT count(company) FROM customer`,
		"customers without rep":        `SELECT count(*) FROM customer WHERE support_rep_id IS NULL`,
		"customers without country":    `SELECT count(*) FROM customer WHERE country IS NULL`,
		"customers with a state":       `SELECT count(state) FROM customer`,
		"addresses without state":      `SELECT count(*) FROM customer WHERE city IS NOT NULL AND state IS NULL`,
		"the head of the company":      `SELECT count(*) FROM employee WHERE reports_to IS NULL`,
		"invoices on one day":          `SELECT count(*) FROM (SELECT FROM invoice GROUP BY customer_id, invoice_date HAVING count(*) > 1) x`,
		"names with an apostrophe":     `SELECT count(*) FROM artist WHERE name LIKE '%''%'`,
		"names with a quote":           `SELECT count(*) FROM artist WHERE name LIKE '%"%'`,
		"names with a backslash":       `SELECT count(*) FROM track WHERE name LIKE '%\\%'`,
		"names in Japanese":            `SELECT count(*) FROM artist WHERE name ~ '[ぁ-んァ-ヶ一-龠]'`,
		"names in Arabic":              `SELECT count(*) FROM artist WHERE name ~ '[ء-ي]'`,
		"names with accents":           `SELECT count(*) FROM track WHERE name ~ '[àéíöüçñ]'`,
	} {
		if scalar(t, target, sql) == 0 {
			t.Errorf("there are no %s", what)
		}
	}
	if n := scalar(t, target, `SELECT count(DISTINCT country) FROM customer`); n < 40 {
		t.Errorf("customers of two shards come from %d countries", n)
	}
	if n, names := len(pairs(t, target, `SELECT id, name FROM artist`)), distinct(t, target, `SELECT name FROM artist`); names < n*97/100 {
		t.Errorf("%d artists share %d names", n, names)
	}
}

func TestDemoRefusesScales(t *testing.T) {
	t.Parallel()
	for _, scale := range []float64{0, -1, 10_001, math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err := Demo(t.Context(), Target{}, DemoOptions{Scale: scale}, nil)
		if err == nil || !strings.Contains(err.Error(), "above 0 and up to 10000") {
			t.Errorf("scale %v: %v", scale, err)
		}
	}
}

// TestDemoGrows holds that a larger catalogue begins with the artists of a smaller one.
func TestDemoGrows(t *testing.T) {
	t.Parallel()
	small, err := newDemo(DemoOptions{Scale: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	large, err := newDemo(DemoOptions{Scale: 20})
	if err != nil {
		t.Fatal(err)
	}
	for n := int64(1); n <= small.artists; n++ {
		if s, l := small.voice(n), large.voice(n); s != l {
			t.Errorf("artist %d is %v in the small catalogue and %v in the large one", n, s, l)
		}
	}
	if large.artists != 6000 || large.tracks != 70_000 || large.customers != 20_000 || large.invoices != 200_000 {
		t.Errorf("scale 20 has %d artists, %d tracks, %d customers and %d invoices",
			large.artists, large.tracks, large.customers, large.invoices)
	}
}

func TestWordsAreUsable(t *testing.T) {
	t.Parallel()
	for _, c := range countries {
		for _, list := range [][]string{c.firsts, c.lasts} {
			for _, name := range list {
				written, mail := native(name)
				if written == "" || mail == "" || strings.Trim(mail, "abcdefghijklmnopqrstuvwxyz") != "" {
					t.Errorf("%s: %s would have the mail address %q", c.name, name, mail)
				}
			}
		}
	}
	for _, list := range [][]string{adjectives, nouns, verbs, oddities, listNames, places} {
		seen := map[string]bool{}
		for _, w := range list {
			if w == "" || seen[w] || strings.TrimSpace(w) != w {
				t.Errorf("word %q is empty, repeated or padded", w)
			}
			seen[w] = true
		}
	}
}

func TestSpreadRepeatsNothing(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 10, 64, 97, 150, 1000} {
		seen := make([]bool, size)
		for n := range int64(size) {
			at := spread(n, size)
			if seen[at] {
				t.Fatalf("of %d, %d comes twice", size, at)
			}
			seen[at] = true
		}
	}
}
