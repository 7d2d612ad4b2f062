package seed

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"backline/store/shard"
)

// scalar adds up a query's one number over all shards.
func scalar(t testing.TB, target Target, sql string) int64 {
	t.Helper()
	var sum int64
	for i, pool := range target.Pools {
		var n int64
		if err := pool.QueryRow(context.Background(), sql).Scan(&n); err != nil {
			t.Fatalf("shard %d: %s: %v", i, sql, err)
		}
		sum += n
	}
	return sum
}

// pairs collects a query's ids with a text of all shards.
func pairs(t testing.TB, target Target, sql string) map[int64]string {
	t.Helper()
	found := map[int64]string{}
	for i, pool := range target.Pools {
		rows, err := pool.Query(context.Background(), sql)
		if err != nil {
			t.Fatalf("shard %d: %s: %v", i, sql, err)
		}
		var id int64
		var text string
		if _, err := pgx.ForEachRow(rows, []any{&id, &text}, func() error { found[id] = text; return nil }); err != nil {
			t.Fatalf("shard %d: %s: %v", i, sql, err)
		}
	}
	return found
}

// texts collects a query's texts of all shards.
func texts(t testing.TB, target Target, sql string) []string {
	t.Helper()
	var all []string
	for i, pool := range target.Pools {
		rows, err := pool.Query(context.Background(), sql)
		if err != nil {
			t.Fatalf("shard %d: %s: %v", i, sql, err)
		}
		some, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("shard %d: %s: %v", i, sql, err)
		}
		all = append(all, some...)
	}
	return all
}

func distinct(t testing.TB, target Target, sql string) int {
	t.Helper()
	all := texts(t, target, sql)
	slices.Sort(all)
	return len(slices.Compact(all))
}

// contents is a sum of all rows, whichever shard they lie on; those of reference tables count once.
func contents(t testing.TB, target Target) string {
	t.Helper()
	sum := sha256.New()
	for _, l := range layouts {
		rows := texts(t, target, fmt.Sprintf("SELECT r::text FROM %s r", l.name))
		slices.Sort(rows)
		if l.reference {
			rows = slices.Compact(rows)
		}
		for _, row := range rows {
			_, _ = fmt.Fprintln(sum, l.name, row)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// checkRows holds what is on the shards against the report and the rules of the tables.
func checkRows(t *testing.T, target Target, report Report) {
	t.Helper()
	for _, row := range report.Tables {
		want := row.Rows
		if layouts[row.Table].reference {
			want *= int64(len(target.Pools))
		}
		if got := scalar(t, target, "SELECT count(*) FROM "+row.Table.String()); got != want {
			t.Errorf("%s holds %d rows, the report says %d", row.Table, got, want)
		}
	}
	for what, sql := range map[string]string{
		"albums without artist":           `SELECT count(*) FROM album c LEFT JOIN artist p ON (p.id, p.bucket) = (c.artist_id, c.bucket) WHERE p.id IS NULL`,
		"tracks of no album there is":     `SELECT count(*) FROM track c LEFT JOIN album p ON (p.id, p.bucket) = (c.album_id, c.bucket) WHERE c.album_id IS NOT NULL AND p.id IS NULL`,
		"tracks of no genre there is":     `SELECT count(*) FROM track c LEFT JOIN genre p ON p.id = c.genre_id WHERE c.genre_id IS NOT NULL AND p.id IS NULL`,
		"tracks without media type":       `SELECT count(*) FROM track c LEFT JOIN media_type p ON p.id = c.media_type_id WHERE p.id IS NULL`,
		"entries without playlist":        `SELECT count(*) FROM playlist_track c LEFT JOIN playlist p ON (p.id, p.bucket) = (c.playlist_id, c.bucket) WHERE p.id IS NULL`,
		"playlists with gaps":             `SELECT count(*) FROM (SELECT FROM playlist_track GROUP BY playlist_id HAVING min(position) <> 1 OR max(position) <> count(*) OR count(DISTINCT position) <> count(*)) x`,
		"customers of no rep there is":    `SELECT count(*) FROM customer c LEFT JOIN employee p ON p.id = c.support_rep_id WHERE c.support_rep_id IS NOT NULL AND p.id IS NULL`,
		"employees under nobody there is": `SELECT count(*) FROM employee c LEFT JOIN employee p ON p.id = c.reports_to WHERE c.reports_to IS NOT NULL AND p.id IS NULL`,
		"invoices without customer":       `SELECT count(*) FROM invoice c LEFT JOIN customer p ON (p.id, p.bucket) = (c.customer_id, c.bucket) WHERE p.id IS NULL`,
		"lines without invoice":           `SELECT count(*) FROM invoice_line c LEFT JOIN invoice p ON (p.id, p.bucket) = (c.invoice_id, c.bucket) WHERE p.id IS NULL`,
		"invalid indexes":                 `SELECT count(*) FROM pg_index WHERE NOT indisvalid`,
	} {
		if n := scalar(t, target, sql); n != 0 {
			t.Errorf("there are %d %s", n, what)
		}
	}
	checkTracksExist(t, target)
	checkBuckets(t, target)
}

// checkTracksExist holds the tracks of playlists and invoices against those of all shards.
func checkTracksExist(t *testing.T, target Target) {
	t.Helper()
	tracks := pairs(t, target, "SELECT id, '' FROM track")
	for _, table := range []string{"playlist_track", "invoice_line"} {
		for id := range pairs(t, target, "SELECT DISTINCT track_id, '' FROM "+table) {
			if _, ok := tracks[id]; !ok {
				t.Errorf("%s names track %d, which is on no shard", table, id)
			}
		}
	}
}

// checkBuckets looks for rows on shards that do not own their bucket, and for roots whose bucket
// does not follow from their number.
func checkBuckets(t *testing.T, target Target) {
	t.Helper()
	for i := range target.Pools {
		one := Target{target.Topology, target.Pools[i : i+1]}
		for _, l := range layouts {
			if l.reference {
				for id := range pairs(t, one, fmt.Sprintf("SELECT id, '' FROM %s", l.name)) {
					if shard.ID(id).Bucket() != 0 {
						t.Errorf("%s %d of a reference table is not in bucket 0", l.name, id)
					}
				}
				continue
			}
			for bucket := range pairs(t, one, fmt.Sprintf("SELECT DISTINCT bucket, '' FROM %s", l.name)) {
				if owner := target.Topology.Owner(shard.Bucket(bucket)); owner != i {
					t.Errorf("shard %d holds rows of %s in bucket %d, which shard %d owns", i, l.name, bucket, owner)
				}
			}
		}
		for _, root := range []string{"artist", "playlist", "customer"} {
			for id := range pairs(t, one, fmt.Sprintf("SELECT id, '' FROM %s", root)) {
				if want := shard.BucketOf(id >> 22); shard.ID(id).Bucket() != want {
					t.Errorf("%s %d lies in bucket %d, not %d", root, id>>22, shard.ID(id).Bucket(), want)
				}
			}
		}
	}
}

// shape is all that the migrations have made on each shard: columns, constraints, indexes.
func shape(t *testing.T, target Target) string {
	t.Helper()
	return strings.Join(texts(t, target, `
		SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'seed_state'
		UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
			WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'seed_state'
		UNION ALL SELECT attrelid::regclass || ' ' || attname || ' ' || atttypid::regtype FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
			WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'seed_state'
		ORDER BY 1`), "\n")
}
