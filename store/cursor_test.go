package store_test

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"backline/store"
)

// resum gives bytes the checksum that a cursor must end with.
func resum(body []byte) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(slices.Clone(body), crc32.ChecksumIEEE(body)))
}

func TestCursorsThatAreRefused(t *testing.T) {
	t.Parallel()
	f := store.NewFamily()
	byTitle := f.BookOrders[1]
	good := store.CursorOf("Query.books", "TITLE", 1<<22, "Same")
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	body := raw[:len(raw)-4]
	changed := func(i int, b byte) string {
		c := slices.Clone(body)
		c[i] = b
		return resum(c)
	}
	for name, c := range map[string]struct{ cursor, want string }{
		"another list":          {store.CursorOf("Shelf.books", "TITLE", 1<<22, "Same"), "belongs to another list or another order"},
		"another order":         {store.CursorOf("Query.books", "TITLE_DESC", 1<<22, "Same"), "belongs to another list or another order"},
		"another version":       {changed(0, 2), "made by another version of the server"},
		"not base64":            {"???", "is not a cursor"},
		"padded":                {good + "=", "is not a cursor"},
		"standard base64":       {strings.Repeat("+/", 10), "is not a cursor"},
		"with a newline":        {good[:8] + "\n" + good[8:], "is not a cursor"},
		"short":                 {"AQ", "is not a cursor"},
		"checksum only":         {resum(nil), "is not a cursor"},
		"no id":                 {resum(body[:5]), "is not a cursor"},
		"endless id":            {resum(append(slices.Clone(body[:5]), slices.Repeat([]byte{0x80}, 9)...)), "is not a cursor"},
		"id of 64 bits":         {resum(binary.AppendUvarint(slices.Clone(body[:5]), 1<<63)), "is not a cursor"},
		"broken UTF-8":          {store.CursorOf("Query.books", "TITLE", 1<<22, "\xff"), "is not a cursor"},
		"zero byte":             {store.CursorOf("Query.books", "TITLE", 1<<22, "a\x00b"), "is not a cursor"},
		"long":                  {store.CursorOf("Query.books", "TITLE", 1<<22, strings.Repeat("x", 1<<16)), "is not a cursor"},
		"a node's id":           {store.NodeID{Kind: 1, ID: 1 << 22}.String(), "is not a cursor"},
		"a cursor of elsewhere": {"YXJyYXljb25uZWN0aW9uOjE=", "is not a cursor"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := f.Books.Window(store.PageArgs{After: &c.cursor}, byTitle, nil)
			wantCode(t, err, store.CodeBadUserInput, "after: ", c.want)
			_, err = f.Books.Window(store.PageArgs{Last: ptr(int32(5)), Before: &c.cursor}, byTitle, nil)
			wantCode(t, err, store.CodeBadUserInput, "before: ", c.want)
			if err != nil && len(err.Error()) > 250 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
		})
	}
	if _, err := f.Books.Window(store.PageArgs{After: &good}, byTitle, nil); err != nil {
		t.Error(err)
	}
}

// TestCursorDamage changes, cuts and swaps every character: all of it is found.
func TestCursorDamage(t *testing.T) {
	t.Parallel()
	f := store.NewFamily()
	good := store.CursorOf("Query.books", "PAGES", 1<<40|5<<12, "-12")
	wrong := func(s string) {
		_, err := f.Books.Window(store.PageArgs{After: &s}, f.BookOrders[2], nil)
		wantCode(t, err, store.CodeBadUserInput)
	}
	for i := range len(good) {
		wrong(good[:i])
		wrong(good[:i] + good[i+1:])
		for c := range 256 {
			if byte(c) != good[i] {
				wrong(good[:i] + string([]byte{byte(c)}) + good[i+1:])
			}
		}
		if i > 0 && good[i] != good[i-1] {
			wrong(good[:i-1] + string([]byte{good[i], good[i-1]}) + good[i+1:])
		}
	}
}

// TestForgedValues: what an order accepts in a cursor, Postgres can read. Each of these is well
// formed in Go's eyes or nearly so, and was or could be an SQL error.
func TestForgedValues(t *testing.T) {
	t.Parallel()
	f := store.NewFamily()
	for order, values := range map[string][]string{
		"ID":      {"x"},
		"TITLE":   {"\xff", "\x00"},
		"PAGES":   {"", "x", "2147483648", "1.0", "1_000", "0x1", " 1"},
		"WEIGHT":  {"", "0x1p-2", "1e400", "1e-400", "nan", "inf", "1_0", "1e5x", "+1"},
		"PRICE":   {"", "1e5", "NaN", ".5", strings.Repeat("1", 65)},
		"PRINTED": {"", "0000-01-01T00:00:00Z", "2020-01-01T00:00:00+23:59", "2020-01-01T00:00:00,5Z", "2020-01-01T24:00:00Z", "2020-02-30T00:00:00Z", "10000-01-01T00:00:00Z", "now", "infinity", "2020-01-01T00:00:00.100Z"},
	} {
		for _, o := range f.BookOrders {
			if trimDesc(o.Name) != order {
				continue
			}
			for _, v := range values {
				if store.Valid(o, v) {
					t.Errorf("%s accepts %q", o.Name, v)
				}
			}
		}
	}
}

// FuzzCursor reads texts as cursors, and forges cursors with a right checksum. Whatever is accepted
// must be a place that Postgres can look up.
func FuzzCursor(f *testing.F) {
	x := setup(f, 1)
	for i, value := range []string{"", "Same", "100", "1.5", "9.99", "2020-01-01T00:00:00Z"} {
		f.Add("", uint8(i), int64(1<<22), value)
	}
	f.Add(store.CursorOf("Query.books", "ID", 7, ""), uint8(0), int64(-1), "NaN")
	f.Add("", uint8(3), int64(0), "+Inf")
	f.Add("", uint8(5), int64(1<<62), "9999-12-31T23:59:59.999999999Z")
	f.Add("", uint8(4), int64(1<<62), "-"+strings.Repeat("9", 60))
	f.Fuzz(func(t *testing.T, raw string, order uint8, id int64, value string) {
		o := x.BookOrders[int(order)%len(x.BookOrders)]
		for _, cursor := range []string{raw, store.CursorOf("Query.books", o.Name, store.ID(id), value)} {
			w, err := x.Books.Window(store.PageArgs{First: ptr(int32(1)), After: &cursor}, o, nil)
			if err != nil {
				wantCode(t, err, store.CodeBadUserInput)
				continue
			}
			q := x.Books.Pages(x.Store, w, []store.ID{store.Root}, nil)
			x.Store.Run(t.Context(), &q.Query)
			if _, errs := q.Take(); errs != nil {
				t.Errorf("%s accepts the value %q, but: %v", o.Name, value, errs[0])
			}
		}
	})
}
