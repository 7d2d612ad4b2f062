package feed

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"backline/loaders"
	"backline/store/storetest"
)

// fill makes an artist with albums, one of them with tracks, and a customer, each with the lengths
// of ordinary rows.
func fill(t testing.TB, c *pgx.Conn) {
	t.Helper()
	const id = "(n::bigint << 22) | (1 << 12)"
	for _, sql := range []string{
		"INSERT INTO genre VALUES (1, 'Rock'), (2, 'Jazz')",
		"INSERT INTO media_type VALUES (1, 'MPEG audio file')",
		"INSERT INTO artist SELECT " + id + ", n, 'Artist' FROM generate_series(1, 1) n",
		"INSERT INTO album SELECT " + id + ", 1, 'An album title', (1 << 22) | (1 << 12) FROM generate_series(1, 2) n",
		`INSERT INTO track SELECT ` + id + `, 1, 'The name of a track', 'A. Composer, B. Composer', 200000, 5000000, 0.99,
			(1 << 22) | (1 << 12), 1, 1 FROM generate_series(1, 10) n`,
		"INSERT INTO employee (id, first_name, last_name) VALUES (1, 'Jane', 'Peacock'), (2, 'Steve', 'Johnson')",
		`INSERT INTO customer SELECT ` + id + `, n, 'Luís', 'Gonçalves', 'Embraer - Empresa Brasileira de Aeronáutica S.A.', 'Av. Brigadeiro Faria Lima, 2170',
			'São José dos Campos', 'SP', 'Brazil', '12227-000', '+55 (12) 3923-5555', '+55 (12) 3923-5566', 'luisg@embraer.com.br', 1 FROM generate_series(1, 1) n`,
	} {
		run(t, c, sql)
	}
}

// TestProductTables follows what the cache depends on: with the migrations applied, every change tells
// all that it must know.
func TestProductTables(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t, 1)
	t.Cleanup(func() {
		if err := Remove(context.Background(), cluster.URLs[0]); err != nil { // Cleanup runs last first: the feed is closed
			t.Error(err)
		}
	})
	var wanted []Table
	for _, d := range loaders.Dependents() {
		wanted = append(wanted, Table{Name: d.Table, Columns: d.Columns})
	}
	got := make(chan string, 100)
	f, _ := start(t, []Shard{{"0", cluster.URLs[0]}}, func(c *Config) {
		c.Tables = wanted
		c.Sink = applier(func(b Batch) {
			for _, c := range b.Changes {
				got <- fmt.Sprintf("%s %s %v → %v", wanted[c.Table].Name, c.Op, c.Old, c.New)
			}
		})
	})
	reading(t, f)
	for _, advice := range f.Status()[0].Advice {
		t.Errorf("the migrations do not fit the schema: %s", advice)
	}
	c := connect(t, cluster.URLs[0])
	fill(t, c)
	run(t, c, "DELETE FROM track WHERE id > (2 << 22)")
	run(t, c, "UPDATE track SET genre_id = NULL, album_id = (2 << 22) | (1 << 12)")
	run(t, c, "UPDATE customer SET support_rep_id = 2, email = 'l@embraer.com.br'")
	for _, want := range []string{
		"track delete [8392704 4198400 1] → []",
		"track update [4198400 4198400 1] → [4198400 8392704 NULL]",
		"customer update [4198400 1] → [4198400 2]",
	} {
		t.Logf("waiting for %s", want)
		for receive(t, got) != want {
			continue
		}
	}
}

// BenchmarkReplicaIdentity measures what an update writes into the WAL, by what of the old row it
// has to tell: bytes per row, without images of pages. A column is changed that is in no index, and
// one that is in some; and it is measured how much an index costs that exists only to be the
// identity.
//
//	go test ./store/feed -run '^$' -bench ReplicaIdentity -benchtime 500x
func BenchmarkReplicaIdentity(b *testing.B) {
	cluster := storetest.NewCluster(b, 1)
	c := connect(b, cluster.URLs[0])
	fill(b, c)
	const where = " WHERE id = (1 << 22) | (1 << 12)"
	sets := map[string]string{
		"price of a track": "track SET unit_price = mod(unit_price + 0.01, 10)", "name of a track": "track SET name = md5(name)",
		"title of an album": "album SET title = md5(title)", "mail of a customer": "customer SET email = md5(email)",
	}
	for _, test := range [][3]string{
		{"price of a track", "track", "DEFAULT"},
		{"price of a track", "track", "FULL"},
		{"name of a track", "track", "DEFAULT"},
		{"name of a track", "track", "FULL"},
		{"title of an album", "album", "DEFAULT"},
		{"title of an album", "album", "USING INDEX album_identity"},
		{"title of an album", "album", "FULL"},
		{"mail of a customer", "customer", "DEFAULT"},
		{"mail of a customer", "customer", "FULL"},
	} {
		b.Run(test[0]+"/"+test[2], func(b *testing.B) {
			run(b, c, "DROP INDEX IF EXISTS album_identity")
			if strings.HasPrefix(test[2], "USING") {
				run(b, c, "CREATE UNIQUE INDEX album_identity ON album (artist_id, id)")
			}
			run(b, c, "ALTER TABLE "+test[1]+" REPLICA IDENTITY "+test[2])
			const position = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
			before := query[int64](b, c, position)
			for b.Loop() {
				run(b, c, "UPDATE "+sets[test[0]]+where)
			}
			b.ReportMetric(float64(query[int64](b, c, position)-before)/float64(b.N), "WAL-bytes/row")
		})
	}
}
