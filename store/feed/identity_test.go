package feed

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"backline/store/storetest"
)

// BenchmarkReplicaIdentity measures what an update writes into the WAL, by what of the old row it
// has to tell: bytes per row, without images of pages. A price changes, which is in no index, or the
// name of an album, which is in some.
//
//	go test ./store/feed -run '^$' -bench ReplicaIdentity -benchtime 5x
func BenchmarkReplicaIdentity(b *testing.B) {
	c := storetest.NewCluster(b, 1)
	conn := connect(b, c.URLs[0])
	const id = "((n::bigint << 22) | ((n % 1024) << 12))"
	for _, sql := range []string{
		"INSERT INTO genre VALUES (1, 'Rock')",
		"INSERT INTO media_type VALUES (1, 'MPEG audio file')",
		"INSERT INTO artist SELECT " + id + ", n % 1024, 'Artist ' || n FROM generate_series(1, 100) n",
		"INSERT INTO album SELECT " + id + ", n % 1024, 'An album title ' || n, " + id + " FROM generate_series(1, 100) n",
		"INSERT INTO track SELECT ((n::bigint << 22) | ((m % 1024) << 12)), m % 1024, 'The name of track ' || n, 'A. Composer, B. Composer', 200000 + n, 5000000, 0.99, (m::bigint << 22) | ((m % 1024) << 12), 1, 1 FROM generate_series(1, 10000) n, LATERAL (SELECT 1 + n % 100 AS m) x",
		"INSERT INTO employee SELECT n, 'Jane', 'Peacock', 'Sales Support Agent', now(), now(), '1111 6 Ave SW', 'Calgary', 'AB', 'Canada', 'T2P 5M5', '+1 (403) 262-3443', '+1 (403) 262-6712', 'jane@chinookcorp.com' FROM generate_series(1, 2) n",
		"INSERT INTO customer SELECT " + id + ", n % 1024, 'Luís', 'Gonçalves', 'Embraer - Empresa Brasileira de Aeronáutica S.A.', 'Av. Brigadeiro Faria Lima, 2170', 'São José dos Campos', 'SP', 'Brazil', '12227-000', '+55 (12) 3923-5555', '+55 (12) 3923-5566', 'luisg@embraer.com.br', 1 FROM generate_series(1, 5000) n",
	} {
		run(b, conn, sql)
	}
	for _, identity := range []string{"track:DEFAULT", "track:FULL", "album:DEFAULT", "album:USING INDEX album_identity", "album:FULL", "customer:DEFAULT", "customer:FULL"} {
		b.Run(identity, func(b *testing.B) {
			table, identity, _ := strings.Cut(identity, ":")
			run(b, conn, "DROP INDEX IF EXISTS album_identity")
			if strings.HasPrefix(identity, "USING") {
				run(b, conn, "CREATE UNIQUE INDEX album_identity ON album (artist_id, id)")
			}
			run(b, conn, "ALTER TABLE "+table+" REPLICA IDENTITY "+identity)
			set := map[string]string{"track": "unit_price = unit_price + 0.01", "album": "title = title || '.'", "customer": "email = email || '.'"}[table]
			rows, bytes := int64(0), int64(0)
			for b.Loop() {
				before := query[int64](b, conn, "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint")
				tag, err := conn.Exec(b.Context(), "UPDATE "+table+" SET "+set, pgx.QueryExecModeExec)
				if err != nil {
					b.Fatal(err)
				}
				bytes += query[int64](b, conn, "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint") - before
				rows += tag.RowsAffected()
			}
			b.ReportMetric(float64(bytes)/float64(rows), "WAL-bytes/row")
		})
	}
}
