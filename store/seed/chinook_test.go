package seed

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tiny is a script with a row or two in every table, in an order of its own.
const tiny = `/* A small shop */
CREATE DATABASE chinook;
\c chinook;
INSERT INTO genre (genre_id, name) VALUES (1, N'Rock'), (2, N'R&B/Soul');
INSERT INTO media_type (media_type_id, name) VALUES (1, N'MPEG audio file');
INSERT INTO artist (artist_id, name) VALUES
    (2, N'Antônio "Tom" Jobim'),
    (1, N'Guns N'' Roses');
INSERT INTO album (album_id, title, artist_id) VALUES (1, N'春', 2);
INSERT INTO track (track_id, name, album_id, media_type_id, genre_id, composer, milliseconds, bytes, unit_price) VALUES
    (10, N'One', 1, 1, 1, NULL, 1000, NULL, 0.99),
    (11, N'Lone', NULL, 1, NULL, N'', 2000, 5, 1);
INSERT INTO employee (employee_id, last_name, first_name, reports_to, birth_date, hire_date) VALUES
    (1, N'Adams', N'Andrew', NULL, '1962/2/18', '2002-08-14 13:30:00'),
    (2, N'Edwards', N'Nancy', 1, NULL, NULL);
INSERT INTO customer (customer_id, first_name, last_name, email, country, support_rep_id) VALUES
    (1, N'Luís', N'Gonçalves', N'luisg@example.com', N'Brazil', 2);
INSERT INTO invoice_line (invoice_line_id, invoice_id, track_id, unit_price, quantity) VALUES (1, 7, 10, 0.99, 2);
INSERT INTO invoice (invoice_id, customer_id, invoice_date, total) VALUES (7, 1, '2021/1/1', 1.98);
INSERT INTO playlist (playlist_id, name) VALUES (1, N'Music'), (2, N'Empty');
INSERT INTO playlist_track (playlist_id, track_id) VALUES (1, 11), (1, 10);
`

func TestChinookLoadsASmallScript(t *testing.T) {
	t.Parallel()
	sums := map[int]string{}
	for _, n := range []int{1, 2, 4} {
		target := setup(t, n)
		script, err := ReadChinook("tiny.sql", strings.NewReader("\xef\xbb\xbf"+tiny))
		if err != nil {
			t.Fatal(err)
		}
		report, err := script.Load(t.Context(), target, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkRows(t, target, report)
		sums[n] = contents(t, target)
		if want := "genre 2, media_type 1, employee 2, artist 2, album 1, track 2, playlist 2, playlist_track 2, customer 1, invoice 1, invoice_line 1"; report.String() != want {
			t.Errorf("the report says %s, want %s", report, want)
		}
		for sql, want := range map[string][]string{
			`SELECT name FROM artist`: {`Antônio "Tom" Jobim`, `Guns N' Roses`},
			`SELECT title FROM album`: {`春`},
			`SELECT name || ':' || coalesce(composer, 'NULL') || ':' || coalesce(bytes::text, 'NULL') || ':' || unit_price FROM track`: {
				"Lone::5:1.00", "One:NULL:NULL:0.99"},
			`SELECT (track_id >> 22) || ' at ' || position FROM playlist_track`: {"10 at 2", "11 at 1"},
			`SELECT to_char(invoice_date AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' ' || total FROM invoice`: {
				"2021-01-01 00:00 1.98"},
		} {
			got := texts(t, target, sql)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%d shards: %s: got %q, want %q", n, sql, got, want)
			}
		}
		one := Target{target.Topology, target.Pools[:1]}
		if got := texts(t, one, `SELECT to_char(hire_date AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM employee WHERE hire_date IS NOT NULL`); !slices.Equal(got, []string{"2002-08-14 13:30"}) {
			t.Errorf("hired %q", got)
		}
	}
	if sums[1] != sums[2] || sums[1] != sums[4] {
		t.Errorf("the rows differ between topologies: %v", sums)
	}
}

// TestChinookRefuses edits one thing of the small script at a time.
func TestChinookRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown table":       {"INTO genre", "INTO gender", "line 4: the data set has no table gender: its tables are genre, "},
		"pascal case":         {"INTO genre (genre_id", "INTO Genre (GenreId", "line 4: table genre has no column genreid: its columns are genre_id, name: expected Chinook_PostgreSql.sql"},
		"column named twice":  {"(genre_id, name)", "(genre_id, genre_id)", "line 4: column genre_id is named twice"},
		"missing column":      {"(artist_id, name) VALUES\n    (2, N'Antônio \"Tom\" Jobim')", "(artist_id) VALUES\n (2)", "line 7: column name: NULL where a text is needed"},
		"text as key":         {"(1, N'Rock')", "('1', N'Rock')", "line 4: column genre_id: '1' is not a whole number"},
		"fraction as key":     {"(1, N'Rock')", "(1.5, N'Rock')", "line 4: column genre_id: 1.5 is not a whole number"},
		"key of zero":         {"(1, N'Rock')", "(0, N'Rock')", "line 4: column genre_id: 0 is not between 1 and 2147483647"},
		"negative key":        {"(1, N'Rock')", "(-1, N'Rock')", "line 4: column genre_id: -1 is not between 1 and"},
		"huge key":            {"(1, N'Rock')", "(99999999999999999999, N'Rock')", "line 4: column genre_id: 99999999999999999999 is not a whole number"},
		"hex":                 {"(1, N'Rock')", "(0x10, N'Rock')", "line 4: column genre_id: 0x10 is not a whole number"},
		"null key":            {"(1, N'Rock')", "(NULL, N'Rock')", "line 4: column genre_id: NULL where a number is needed"},
		"number as text":      {"N'Rock'", "7", "line 4: column name: 7 is not a text in single quotes"},
		"long text":           {"N'Rock'", "'" + strings.Repeat("ö", 121) + "'", "line 4: column name: 'öööö"},
		"null name":           {"N'Music'", "NULL", "line 20: column name: NULL where a text is needed"},
		"duplicate":           {"(1, N'Guns", "(2, N'Guns", "line 8: artist 2 is given twice, first in line 7"},
		"duplicate entry":     {"(1, 10);", "(1, 11);", "line 21: playlist_track 1, 11 is given twice, first in line 21"},
		"no such artist":      {"N'春', 2", "N'春', 3", "line 9: album refers to artist 3, which the script does not have"},
		"no such album":       {"N'One', 1", "N'One', 5", "line 11: track refers to album 5"},
		"no such media type":  {"NULL, 1, NULL, N''", "NULL, 9, NULL, N''", "line 12: track refers to media_type 9"},
		"no such genre":       {"1, 1, 1, NULL, 1000", "1, 1, 3, NULL, 1000", "line 11: track refers to genre 3"},
		"no such boss":        {"N'Nancy', 1", "N'Nancy', 3", "line 15: employee refers to employee 3"},
		"no such rep":         {"N'Brazil', 2", "N'Brazil', 3", "line 17: customer refers to employee 3"},
		"no such customer":    {"(7, 1, '2021", "(7, 2, '2021", "line 19: invoice refers to customer 2"},
		"no such invoice":     {"(1, 7, 10", "(1, 8, 10", "line 18: invoice_line refers to invoice 8"},
		"no such track":       {"(1, 7, 10", "(1, 7, 12", "line 18: invoice_line refers to track 12"},
		"no such playlist":    {"(1, 11), ", "(3, 11), ", "line 21: playlist_track refers to playlist 3"},
		"no such entry":       {"(1, 11), ", "(1, 13), ", "line 21: playlist_track refers to track 13"},
		"three decimals":      {"1000, NULL, 0.99", "1000, NULL, 0.999", "line 11: column unit_price: 0.999 has more than two decimals"},
		"negative price":      {"1000, NULL, 0.99", "1000, NULL, -0.99", "line 11: column unit_price: -0.99 is negative"},
		"huge price":          {"1000, NULL, 0.99", "1000, NULL, 100000000", "line 11: column unit_price: 100000000 is more than"},
		"exponent":            {"1000, NULL, 0.99", "1000, NULL, 1e2", "line 11: column unit_price: 1e2 is not an amount"},
		"two points":          {"1000, NULL, 0.99", "1000, NULL, 1.2.3", "line 11: column unit_price: 1.2.3 is not an amount"},
		"price as text":       {"1000, NULL, 0.99", "1000, NULL, '0.99'", "line 11: column unit_price: '0.99' is not an amount"},
		"no price":            {"1000, NULL, 0.99", "1000, NULL, NULL", "line 11: column unit_price: NULL where an amount is needed"},
		"negative length":     {"NULL, 1000", "NULL, -1000", "line 11: column milliseconds: -1000 is not between 0 and"},
		"large size":          {"2000, 5,", "2000, 3000000000,", "line 12: column bytes: 3000000000 is not between 0 and 2147483647"},
		"no quantity":         {"0.99, 2)", "0.99, 0)", "line 18: column quantity: 0 is not between 1 and"},
		"no date":             {"'2021/1/1'", "NULL", "line 19: column invoice_date: NULL where a time is needed"},
		"bad date":            {"'2021/1/1'", "'2021/13/1'", "line 19: column invoice_date: '2021/13/1' is not a time such as"},
		"bad birthday":        {"'1962/2/18'", "'18.2.1962'", "line 14: column birth_date: '18.2.1962' is not a time"},
		"cut off":             {" (1, 10);\n", "", "line 21: the file ends where ( is expected: it seems to be cut off"},
		"earliest line first": {"N'One', 1, 1, 1, NULL", "N'One', 5, 1, 7, NULL", "line 11: track refers to album 5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := strings.Replace(tiny, c.old, c.new, 1)
			if script == tiny {
				t.Fatalf("%q is not in the script", c.old)
			}
			_, err := ReadChinook("tiny.sql", strings.NewReader(script))
			if err == nil || !strings.HasPrefix(err.Error(), "tiny.sql: "+c.want) {
				t.Errorf("got  %v\nwant tiny.sql: %s", err, c.want)
			}
		})
	}
}

func TestChinookRefusesFiles(t *testing.T) {
	t.Parallel()
	target := setup(t, 1)
	before := shape(t, target)
	dir := t.TempDir()
	for name, c := range map[string]struct{ content, want string }{
		"empty":      {"", "the file is empty: expected Chinook_PostgreSql.sql"},
		"blank":      {"\n-- nothing\n", "holds no INSERT statement: expected Chinook_PostgreSql.sql"},
		"no rows":    {"CREATE TABLE genre (genre_id INT);", "holds no INSERT statement"},
		"sqlite":     {"SQLite format 3\x00\x10", "the file is an SQLite database: expected"},
		"pg_dump":    {"PGDMP\x01", "the file is an archive of pg_dump"},
		"gzip":       {"\x1f\x8b\x08", "the file is compressed with gzip"},
		"zip":        {"PK\x03\x04", "the file is a zip archive"},
		"utf-16":     {"\xff\xfe/\x00*\x00", "the file is UTF-16, as the script for SQL Server is"},
		"mysql":      {"/* x */\nDROP DATABASE IF EXISTS `Chinook`;", "line 2: a name in backquotes: this is a script for MySQL"},
		"sql server": {"USE [master];", "line 1: a statement that begins with use: only INSERT and the definitions around it"},
		"sqlite sql": {"DROP TABLE IF EXISTS [Album];", "line 1: a name in square brackets: this is a script for SQL Server or SQLite"},
		"prose":      {"Dear Sir,", "line 1: a statement that begins with dear: only INSERT"},
		"json":       {`{"a": 1}`, "line 1: a statement that begins with {: only INSERT"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Chinook(t.Context(), target, path, nil)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "xpected Chinook_PostgreSql.sql") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "nowhere"): "does not exist: expected Chinook_PostgreSql.sql",
		dir:                           "is a folder: expected Chinook_PostgreSql.sql",
	} {
		if _, err := Chinook(t.Context(), target, path, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	checkUntouched(t, target, before)
}

// TestChinookOfficial loads the real script, which is not part of this repository.
func TestChinookOfficial(t *testing.T) {
	t.Parallel()
	path := os.Getenv("BACKLINE_TEST_CHINOOK")
	if path == "" {
		t.Skip("BACKLINE_TEST_CHINOOK does not name the official Chinook_PostgreSql.sql: the import of the real data is NOT tested")
	}
	for _, n := range []int{1, 2, 4} {
		target := setup(t, n)
		report, err := Chinook(t.Context(), target, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for table, want := range map[Table]int64{
			Artist: 275, Album: 347, Track: 3503, Genre: 25, MediaType: 5, Playlist: 18, PlaylistTrack: 8715,
			Employee: 8, Customer: 59, Invoice: 412, InvoiceLine: 2240,
		} {
			if got := report.Of(table); got != want {
				t.Errorf("%d shards: %d rows in %s, want %d", n, got, table, want)
			}
		}
		checkRows(t, target, report)
		if got := scalar(t, target, `SELECT coalesce(sum(total) * 100, 0)::bigint FROM invoice`); got != 232860 {
			t.Errorf("invoices add up to %d cents, want 232860", got)
		}
		if got := scalar(t, target, `SELECT coalesce(sum(unit_price * quantity) * 100, 0)::bigint FROM invoice_line`); got != 232860 {
			t.Errorf("lines add up to %d cents, want 232860", got)
		}
		for _, name := range []string{"Antônio Carlos Jobim", "Guns N' Roses", "Mötley Crüe", "AC/DC"} {
			if !slices.Contains(texts(t, target, `SELECT name FROM artist`), name) {
				t.Errorf("%d shards: there is no artist %s", n, name)
			}
		}
		if !slices.Contains(texts(t, target, `SELECT name FROM track`), `Cavalleria Rusticana \ Act \ Intermezzo Sinfonico`) {
			t.Error("a name with backslashes is missing")
		}
	}
}
