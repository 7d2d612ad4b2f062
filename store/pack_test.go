package store_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"backline/store"
)

// packed has a column of every type, once never null and once nullable.
type packed struct {
	ID          store.ID
	Int         int32
	Float       float64
	Bool        bool
	String      string
	Decimal     store.Decimal
	Time        time.Time
	NullInt     *int32
	NullFloat   *float64
	NullBool    *bool
	NullString  *string
	NullDecimal *store.Decimal
	NullTime    *time.Time
}

func packedTable() *store.Table[packed] {
	return &store.Table[packed]{
		Name: "packed", Columns: make([]string, 13),
		Pack: func(p *store.Packer, r *packed) {
			p.ID(r.ID)
			p.Int(r.Int)
			p.Float(r.Float)
			p.Bool(r.Bool)
			p.String(r.String)
			p.String(string(r.Decimal))
			p.Time(r.Time)
			p.NullInt(r.NullInt)
			p.NullFloat(r.NullFloat)
			p.NullBool(r.NullBool)
			p.NullString(r.NullString)
			p.NullString((*string)(r.NullDecimal))
			p.NullTime(r.NullTime)
		},
		Unpack: func(d *store.Unpacker, r *packed) {
			r.ID, r.Int, r.Float, r.Bool = d.ID(), d.Int(), d.Float(), d.Bool()
			r.String, r.Decimal, r.Time = d.String(), d.Decimal(), d.Time()
			r.NullInt, r.NullFloat, r.NullBool = d.NullInt(), d.NullFloat(), d.NullBool()
			r.NullString, r.NullDecimal, r.NullTime = d.NullString(), d.NullDecimal(), d.NullTime()
		},
	}
}

func TestRowsAreReadAsTheyWerePacked(t *testing.T) {
	t.Parallel()
	table := packedTable()
	rapid.Check(t, func(t *rapid.T) {
		decimal := rapid.StringMatching(`-?[0-9]{1,9}(\.[0-9]{1,4})?`)
		instant := rapid.Map(rapid.Int64Range(-1<<53, 1<<53), func(n int64) time.Time { return time.UnixMicro(n).UTC() })
		row := packed{
			ID: store.ID(rapid.Int64().Draw(t, "id")), Int: rapid.Int32().Draw(t, "int"), Bool: rapid.Bool().Draw(t, "bool"),
			Float: rapid.Float64().Draw(t, "float"), String: rapid.String().Draw(t, "string"),
			Decimal: store.Decimal(decimal.Draw(t, "decimal")), Time: instant.Draw(t, "time"),
		}
		if rapid.Bool().Draw(t, "not null") {
			row.NullInt, row.NullFloat, row.NullBool, row.NullString = &row.Int, &row.Float, &row.Bool, &row.String
			row.NullDecimal, row.NullTime = &row.Decimal, &row.Time
		}
		b := table.AppendRow([]byte("before"), &row)[len("before"):]
		var got packed
		rest, err := table.ReadRow(append(b, "behind"...), &got)
		if err != nil || string(rest) != "behind" {
			t.Fatalf("%v, %q behind", err, rest)
		}
		if !reflect.DeepEqual(got, row) && !math.IsNaN(row.Float) {
			t.Fatalf("packed %+v, read %+v", row, got)
		}
		for i := range b {
			if _, err := table.ReadRow(b[:i:i], &got); err == nil {
				t.Fatalf("read what was cut off at %d of %d", i, len(b))
			}
		}
	})
}

func TestRowsOfAnotherShapeAreRefused(t *testing.T) {
	t.Parallel()
	b := store.AlbumTable.AppendRow(nil, &store.Album{ID: 1, Title: "a", ArtistID: 2})
	if _, err := store.TrackTable.ReadRow(b, &store.Track{}); err == nil {
		t.Error("an album was read as a track")
	}
	if _, err := packedTable().ReadRow(nil, &packed{}); err == nil {
		t.Error("nothing was read as a row")
	}
}

func FuzzReadRow(f *testing.F) {
	f.Add(store.TrackTable.AppendRow(nil, &store.Track{ID: 1, Name: "a"}))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = store.TrackTable.ReadRow(b, &store.Track{})
		_, _ = packedTable().ReadRow(b, &packed{})
	})
}
