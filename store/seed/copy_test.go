package seed

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// TestCopyEncoding has Postgres read the encoded values and say what they are.
func TestCopyEncoding(t *testing.T) {
	t.Parallel()
	target := setup(t, 1)
	pool := target.Pools[0]
	exec(t, pool, `CREATE TABLE v (n serial, amount numeric(19,2), at timestamptz, i4 integer, s text)`)
	amounts := map[cents]string{
		0: "0.00", 1: "0.01", 5: "0.05", 99: "0.99", 100: "1.00", 101: "1.01", 1_00_00: "100.00", 999_999: "9999.99",
		1_000_000: "10000.00", 1_000_050: "10000.50", 100_000_000_00: "100000000.00", maxCents: "99999999.99",
		-1: "-0.01", -232_860: "-2328.60", 1<<62 + 1: "46116860184273879.05",
	}
	times := []string{"2000-01-01 00:00:00", "1962-02-18 13:00:59.123456", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "2025-06-01 12:00:00"}
	var buf bytes.Buffer
	out := newCopyWriter(&buf, func(int64) {})
	var want []string
	add := func(amount cents, amountText string, at, s string) {
		out.begin(4)
		out.money(amount)
		when := pgtype.Timestamptz{}
		if at != "" {
			parsed, err := time.Parse("2006-01-02 15:04:05.999999", at)
			if err != nil {
				t.Fatal(err)
			}
			when = pgtype.Timestamptz{Time: parsed, Valid: true}
		}
		out.nullTime(when)
		out.nullInt4(pgtype.Int4{Int32: -7, Valid: at != ""})
		out.nullText(text(s))
		shown, number := at, "-7"
		if at == "" {
			shown, number = "NULL", "NULL"
		}
		if s == "" {
			s = "NULL"
		}
		want = append(want, amountText+"|"+shown+"|"+number+"|"+s)
	}
	for amount, text := range amounts {
		add(amount, text, "", "")
	}
	for _, at := range times {
		add(0, "0.00", at, "Ω 'quoted' \\N\t")
	}
	if err := out.end(); err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Conn().PgConn().CopyFrom(t.Context(), &buf, "COPY v (amount, at, i4, s) FROM STDIN (FORMAT binary)")
	conn.Release()
	if err != nil {
		t.Fatal(err)
	}
	shown := texts(t, target, `SELECT concat_ws('|', amount, coalesce(rtrim(rtrim(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.'), 'NULL'),
		coalesce(i4::text, 'NULL'), coalesce(s, 'NULL')) FROM v ORDER BY n`)
	if len(shown) != len(want) {
		t.Fatalf("%d rows arrived of %d", len(shown), len(want))
	}
	for i := range want {
		if shown[i] != want[i] {
			t.Errorf("row %d is %q, want %q", i, shown[i], want[i])
		}
	}
}

// failing takes some chunks and then no more.
type failing struct {
	chunks int
	err    error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.chunks--; f.chunks < 0 {
		return 0, f.err
	}
	return len(p), nil
}

// TestGenerationStops holds that a catalogue of any size ends soon after nobody takes its rows.
func TestGenerationStops(t *testing.T) {
	t.Parallel()
	d, err := newDemo(DemoOptions{Scale: 20})
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	for _, table := range []Table{Track, PlaylistTrack, Customer, Invoice, InvoiceLine} {
		written := int64(0)
		out := newCopyWriter(&failing{2, gone}, func(rows int64) { written += rows })
		if err := d.write(table, all, out); !errors.Is(err, gone) {
			t.Errorf("%s: %v", table, err)
		}
		if written == 0 || written > d.rows(table)/2 {
			t.Errorf("%s: %d rows went out of %d", table, written, d.rows(table))
		}
	}
}
