package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"backline/store"
	"backline/store/shard"
	"backline/store/storetest"
)

// catalogue is a small music store. Every name is an artist, an album and a track.
var catalogue = []string{
	"AC/DC", "Queen", "Queen of the Night", "The Queens", "Mr.Mister", "Sigur Rós", "Guns N' Roses", "O'Hara & Sons", "Rock 'n' Roll",
	"X-Men", "I <3 Tags", "user@example.com", "снег", "日本語 ロック", "E=mc²", "100% Pure", "Björk", "beyoncé", "a_b:c~d", "-5 Degrees", "1.5e3 Volts", "!!!", "Blink-182", "İstanbul",
}

func setupCatalogue(t testing.TB, shards int, options ...storetest.Option) *storetest.Cluster {
	t.Helper()
	c := storetest.NewCluster(t, shards, options...)
	c.Exec(t, "INSERT INTO media_type VALUES (1, 'file')")
	for i, name := range catalogue {
		id := imported(int64(i+1), shard.BucketOf(int64(i+1)))
		on := c.Store.Topology().Owner(id.Bucket())
		c.ExecOn(t, on, "INSERT INTO artist VALUES ($1::bigint, ($1::bigint >> 12) & 1023, $2)", int64(id), name)
		c.ExecOn(t, on, "INSERT INTO album VALUES ($1::bigint, ($1::bigint >> 12) & 1023, $2, $1::bigint)", int64(id), name)
		c.ExecOn(t, on, "INSERT INTO track (id, bucket, name, milliseconds, unit_price, album_id, media_type_id) VALUES ($1::bigint, ($1::bigint >> 12) & 1023, $2, 1, 1, $1::bigint, 1)", int64(id), name)
	}
	return c
}

func search(t testing.TB, c *storetest.Cluster, text string, first int) []store.Found {
	t.Helper()
	q, err := store.Search(c.Store, text, first)
	if err != nil {
		t.Fatal(err)
	}
	c.Store.Run(t.Context(), &q.Query)
	found, err := q.Take()
	if err != nil {
		t.Fatalf("search %q: %v", text, err)
	}
	return found
}

// artists are the names of the artists found, in order.
func artists(found []store.Found) []string {
	var out []string
	for _, f := range found {
		if f.Kind == store.KindArtist {
			out = append(out, catalogue[f.ID>>22-1])
		}
	}
	return out
}

func TestSearchFinds(t *testing.T) {
	t.Parallel()
	for _, shards := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(shards, " shards"), func(t *testing.T) {
			t.Parallel()
			c := setupCatalogue(t, shards)
			for text, want := range map[string][]string{
				"queen": {"Queen", "The Queens", "Queen of the Night"}, "QUEEN": {"Queen", "The Queens", "Queen of the Night"}, "night queen": {"Queen of the Night"}, "queens": {"The Queens"},
				"AC/DC": {"AC/DC"}, "ac dc": {"AC/DC"}, "dc": {"AC/DC"}, "mister": {"Mr.Mister"}, "mr.m": {"Mr.Mister"}, "rós": {"Sigur Rós"}, "n roses": {"Guns N' Roses"},
				"o'hara": {"O'Hara & Sons"}, "hara&sons": {"O'Hara & Sons"}, "x-men": {"X-Men"}, "men": {"X-Men"}, "<3": {"I <3 Tags"}, "tags": {"I <3 Tags"}, "example": {"user@example.com"}, "сне": {"снег"}, "СНЕГ": {"снег"},
				"日本": {"日本語 ロック"}, "ロック": {"日本語 ロック"}, "100%": {"100% Pure"}, "BJÖRK": {"Björk"}, "Beyoncé": {"beyoncé"}, "c d": {"a_b:c~d"}, "5 deg": {"-5 Degrees"}, "182": {"Blink-182"}, "volts": {"1.5e3 Volts"},
				"  queen\t": {"Queen", "The Queens", "Queen of the Night"},
				"nothing":   nil, "ueen": nil, "!!!": nil, "' & | ! ( ) : * <-> \\": nil, "'": nil, "a\x00b": {"a_b:c~d"}, "\xff": nil, ":*": nil,
			} {
				got := artists(search(t, c, text, 100))
				if !slices.Equal(got, want) {
					t.Errorf("%q finds %q, want %q", text, got, want)
				}
			}
		})
	}
}

func TestSearchIsTheSameOnEveryTopology(t *testing.T) {
	t.Parallel()
	var all []*storetest.Cluster
	for _, n := range []int{1, 2, 4} {
		all = append(all, setupCatalogue(t, n))
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom([]string{"queen", "n", "a", "e", "the", "m", "o", "b"}), rapid.StringN(1, 40, -1)).Draw(rt, "text")
		if strings.TrimSpace(text) == "" {
			text = "x"
		}
		first := rapid.IntRange(1, 12).Draw(rt, "first")
		whole := search(t, all[0], text, 100)
		for _, c := range all {
			c.Statements.Reset()
			got := search(t, c, text, first)
			if !slices.Equal(got, whole[:min(first, len(whole))]) {
				rt.Fatalf("%d shards: %q finds %v, want the first %d of %v", len(c.URLs), text, got, first, whole)
			}
			if n := c.Statements.Total(); n != len(c.URLs) && n != 0 {
				rt.Fatalf("%d statements on %d shards", n, len(c.URLs))
			}
		}
		for i := 1; i < len(whole); i++ {
			if whole[i].Rank > whole[i-1].Rank {
				rt.Fatalf("ranks rise: %v", whole)
			}
		}
	})
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	s := store.Unconnected(2)
	for text, want := range map[string]string{
		"": "query must have 1 to 100 characters, not 0", " \t\n": "query must have 1 to 100 characters, not 0", strings.Repeat("ö", 101): "query must have 1 to 100 characters, not 101",
	} {
		_, err := store.Search(s, text, 20)
		wantCode(t, err, store.CodeBadUserInput, want)
	}
	for _, first := range []int{0, -1, 101, 1 << 31} {
		_, err := store.Search(s, "x", first)
		wantCode(t, err, store.CodeBadUserInput, fmt.Sprintf("first must be between 1 and 100, not %d", first))
	}
	if _, err := store.Search(s, " "+strings.Repeat("ö", 100)+" ", 100); err != nil {
		t.Error(err)
	}
}

// TestSearchUsesItsIndexes: the expressions of the migration and of the query must stay the same.
func TestSearchUsesItsIndexes(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t, 1)
	conn, err := c.Store.Pools()[0].Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "SET enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	q, err := store.Search(c.Store, "queen", 20)
	if err != nil {
		t.Fatal(err)
	}
	sql := strings.NewReplacer("$1", "'''queen'':*'", "$2", "20").Replace(q.Parts[0].Statement.SQL)
	rows, err := conn.Query(t.Context(), "EXPLAIN "+sql)
	if err != nil {
		t.Fatal(err)
	}
	plan := ""
	for rows.Next() {
		plan += string(rows.RawValues()[0]) + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, index := range []string{"artist_search", "album_search", "track_search"} {
		if !strings.Contains(plan, index) {
			t.Errorf("the plan does not use %s:\n%s", index, plan)
		}
	}
}

func TestSearchWithADeadShard(t *testing.T) {
	t.Parallel()
	c := setupCatalogue(t, 2, storetest.WithFaults())
	c.Cut(1)
	q, err := store.Search(c.Store, "queen", 20)
	if err != nil {
		t.Fatal(err)
	}
	c.Store.Run(t.Context(), &q.Query)
	found, err := q.Take()
	wantCode(t, err, store.CodeUnavailable)
	if found != nil {
		t.Errorf("and yet it found %v", found)
	}
}

func FuzzSearch(f *testing.F) {
	c := setupCatalogue(f, 1)
	for _, text := range append(catalogue, "'", `\`, "a:*b", "\u0301", "1e5", "e\u0301") {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if q, err := store.Search(c.Store, text, 1); err == nil {
			c.Store.Run(t.Context(), &q.Query)
			if _, err := q.Take(); err != nil {
				t.Errorf("search %q: %v", text, err)
			}
		} else {
			wantCode(t, err, store.CodeBadUserInput)
		}
	})
}
