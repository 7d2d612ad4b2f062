package store_test

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"backline/store"
	"backline/store/shard"
	"backline/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// library is the data of these tests, the same for every topology.
type library struct {
	shelves []store.FamilyShelf
	labels  []store.FamilyLabel
	books   []store.FamilyBook
	picks   []store.Link
}

// data is never changed.
var data = sync.OnceValue(func() *library {
	const shelves, labels, books = 40, 6, 600
	r := rand.New(rand.NewPCG(1, 2))
	l := &library{}
	for n := range int64(shelves) {
		l.shelves = append(l.shelves, store.FamilyShelf{ID: imported(n+1, shard.BucketOf(n+1)), Name: fmt.Sprintf("shelf %02d", r.IntN(25))})
	}
	for n := range int64(labels) {
		l.labels = append(l.labels, store.FamilyLabel{ID: imported(n+1, 0), Name: pick(r, "Orion", "orbit", "Ópera")})
	}
	for n := range int64(books) {
		shelf := l.shelves[r.IntN(shelves-2)] // two stay empty
		l.books = append(l.books, randomBook(r, imported(n+1, shelf.ID.Bucket()), shelf.ID, l.labels[r.IntN(labels-1)].ID))
	}
	for _, s := range l.shelves[:20] {
		for place, b := range r.Perm(books)[:r.IntN(12)] {
			l.picks = append(l.picks, store.Link{Parent: s.ID, Target: l.books[b].ID, Position: int32(place/2 + 1)})
		}
	}
	return l
})

func imported(n int64, b shard.Bucket) store.ID {
	id, err := shard.Imported(n, b)
	if err != nil {
		panic(err)
	}
	return id
}

func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

func sometimes[T any](r *rand.Rand, v T) *T {
	if r.IntN(3) == 0 {
		return nil
	}
	return &v
}

// randomBook has many values that are equal to those of other books, and all the odd ones.
func randomBook(r *rand.Rand, id, shelf, label store.ID) store.FamilyBook {
	at := time.Date(2020, 1, 1+r.IntN(40), 0, 0, 0, r.IntN(3)*1000, time.UTC)
	b := store.FamilyBook{
		ID: id, ShelfID: shelf, LabelID: label,
		Title: pick(r, "", "Same", "same", "Sam", "O'Hara's \"quoted\"", `back\slash`, "Zürich", "zebra", "Ärger", "中文", "日本語", "🎈 balloon",
			"?", "a%b_c", "tab\tnewline\n", strings.Repeat("long ", 700)),
		Pages:   pick[int32](r, 0, 1, -1, 100, 100, 250, math.MaxInt32, math.MinInt32),
		Weight:  pick(r, 0, 0.1, 1.5, -2.25, 1e-300, 1e300, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1)),
		Price:   pick[store.Decimal](r, "0.0000", "9.9900", "10.0000", "-9.9900", "-0.5000", "1234567890.1234", "0.0001"),
		Printed: pick(r, at, at, at, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 500_000_000, time.UTC)),
		Signed:  r.IntN(2) == 0,
		Note:    sometimes(r, pick(r, "", "a note", "ноты")), Copies: sometimes(r, int32(r.IntN(5))),
		Rating: sometimes(r, r.Float64()), Rebate: sometimes(r, pick[store.Decimal](r, "0", "1.50", "-0.001", "123456789012345678901234567890.12")),
		Lost: sometimes(r, r.IntN(2) == 0), Lent: sometimes(r, at), Printer: pick(r, "", "press"),
	}
	if r.IntN(5) == 0 {
		b.LabelID = 0
	}
	return b
}

// fixture is a cluster with the data in it.
type fixture struct {
	*storetest.Cluster
	*store.Family
	*library
	shards int
}

// setup makes a cluster of its own for one test.
func setup(t testing.TB, shards int, options ...storetest.Option) *fixture {
	t.Helper()
	c := storetest.NewCluster(t, shards, append([]storetest.Option{storetest.WithMigrations(store.FamilyMigrations())}, options...)...)
	f := &fixture{Cluster: c, Family: store.NewFamily(), library: data(), shards: shards}
	var wg sync.WaitGroup
	for i := range shards {
		wg.Go(func() { f.load(t, i) })
	}
	wg.Wait()
	return f
}

// onEach runs a test with each number of shards.
func onEach(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	for _, n := range []int{1, 2, 4} {
		t.Run(strconv.Itoa(n)+" shards", func(t *testing.T) {
			t.Parallel()
			test(t, setup(t, n))
		})
	}
}

// load copies what belongs to shard i. The order of the rows is not that of any list.
func (f *fixture) load(t testing.TB, i int) {
	here := func(id store.ID) bool { return f.Store.Topology().Owner(id.Bucket()) == i }
	var shelves, labels, books, picks [][]any
	for _, s := range f.library.shelves {
		if here(s.ID) {
			shelves = append(shelves, []any{int64(s.ID), int16(s.ID.Bucket()), s.Name})
		}
	}
	for _, l := range f.library.labels {
		labels = append(labels, []any{int64(l.ID), l.Name})
	}
	for _, b := range f.library.books {
		if here(b.ID) {
			books = append(books, []any{
				int64(b.ID), int16(b.ID.Bucket()), b.Title, b.Pages, b.Weight, string(b.Price), b.Printed, int64(b.ShelfID), nullID(b.LabelID),
				b.Signed, b.Note, b.Copies, b.Rating, (*string)(b.Rebate), b.Lost, b.Lent, nullText(b.Printer),
			})
		}
	}
	for _, p := range f.library.picks {
		if here(p.Parent) {
			picks = append(picks, []any{int64(p.Parent), int16(p.Parent.Bucket()), int64(p.Target), p.Position})
		}
	}
	slices.Reverse(books)
	for _, c := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"shelf", []string{"id", "bucket", "name"}, shelves},
		{"label", []string{"id", "name"}, labels},
		{"book", []string{
			"id", "bucket", "title", "pages", "weight", "price", "printed", "shelf_id", "label_id",
			"signed", "note", "copies", "rating", "rebate", "lost", "lent", "printer",
		}, books},
		{"shelf_pick", []string{"shelf_id", "bucket", "book_id", "place"}, picks},
	} {
		if _, err := f.Store.Pools()[i].CopyFrom(t.Context(), pgx.Identifier{c.table}, c.columns, pgx.CopyFromRows(c.rows)); err != nil {
			t.Errorf("load %s on shard %d: %v", c.table, i, err)
		}
	}
}

func nullID(id store.ID) *int64 {
	if id == 0 {
		return nil
	}
	n := int64(id)
	return &n
}

func nullText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// expected are the books that pass keep, in an order, by other means than the store's.
func (l *library) expected(order string, keep func(b *store.FamilyBook) bool) []store.ID {
	var kept []*store.FamilyBook
	for i := range l.books {
		if keep == nil || keep(&l.books[i]) {
			kept = append(kept, &l.books[i])
		}
	}
	name, desc := strings.CutSuffix(order, "_DESC")
	slices.SortFunc(kept, func(a, b *store.FamilyBook) int {
		c := 0
		switch name {
		case "TITLE":
			c = slices.Compare([]byte(a.Title), []byte(b.Title))
		case "PAGES":
			c = cmp.Compare(a.Pages, b.Pages)
		case "WEIGHT":
			c = slices.Compare(weightKey(a.Weight), weightKey(b.Weight))
		case "PRICE":
			c = rational(a.Price).Cmp(rational(b.Price))
		case "PRINTED":
			c = cmp.Compare(a.Printed.UnixMicro(), b.Printed.UnixMicro())
		}
		if c = cmp.Or(c, cmp.Compare(a.ID, b.ID)); desc {
			return -c
		}
		return c
	})
	ids := make([]store.ID, len(kept))
	for i, b := range kept {
		ids[i] = b.ID
	}
	return ids
}

func weightKey(w float64) []float64 {
	if math.IsNaN(w) {
		return []float64{1, 0}
	}
	return []float64{0, w}
}

func rational(d store.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(string(d))
	if !ok {
		panic(d)
	}
	return r
}

func ids[T any](rows []*T, key func(*T) store.ID) []store.ID {
	out := make([]store.ID, len(rows))
	for i, r := range rows {
		out[i] = key(r)
	}
	return out
}

func ptr[T any](v T) *T { return &v }

// code is the code of an error, "" without one.
func code(err error) string {
	var c interface{ Code() string }
	if e, ok := err.(interface{ Code() string }); ok { // the outermost is what a client sees
		c = e
		return c.Code()
	}
	return ""
}

// wantCode fails the test unless err has the code and its message says each of parts.
func wantCode(t testing.TB, err error, want string, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %s about %q", want, parts)
		return
	}
	if code(err) != want {
		t.Errorf("%q has the code %q, want %s", err, code(err), want)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q does not say %q", err, p)
		}
	}
}
