package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

// maxSearch bounds the text of a search, in characters.
const maxSearch = 100

// Found is a row that a search found.
type Found struct {
	Kind Kind
	ID   ID
	// Rank is how well it matches, comparable within one search: ts_rank, divided by the logarithm
	// of the text's length, so that "Queen" comes before "Queen of the Night".
	Rank float64
}

// SearchQuery looks for names.
type SearchQuery struct {
	Query
	limit   int
	words   string
	answers [][]*Found
	found   []Found // nil until it is taken, or has come from the cache
}

// searched are the texts that a search looks through. There must be an index for each on the
// expression that searchVector gives.
var searched = []struct {
	kind          Kind
	table, column string
}{
	{KindAlbum, "album", "title"},
	{KindArtist, "artist", "name"},
	{KindTrack, "track", "name"},
}

// searchVector turns a column into words. Without translate Postgres would see a path in "AC/DC", a
// host in "Mr.Mister" and a tag in "<3", each one word that a search for "DC" does not find.
func searchVector(column string) string {
	return "to_tsvector('simple', translate(" + column + ", './@-+&<>~_:', '           '))"
}

// searchStatement asks for the best of each table, so that no more than that is sent or sorted.
var searchStatement = sync.OnceValue(func() *Statement {
	var parts []string
	for _, s := range searched {
		vector := searchVector("t." + s.column)
		parts = append(parts, "(SELECT "+strconv.Itoa(int(s.kind))+"::smallint AS kind, t.id, ts_rank("+vector+", to_tsquery('simple', $1), 1) AS rank"+
			" FROM "+s.table+" AS t WHERE "+vector+" @@ to_tsquery('simple', $1) ORDER BY rank DESC, t.id LIMIT $2)")
	}
	sql := "SELECT kind, id, rank FROM (" + strings.Join(parts, " UNION ALL ") + ") AS t ORDER BY rank DESC, kind, id LIMIT $2"
	return newStatement(sql, []int16{1, 1, 1})
})

// Search asks for the artists, albums and tracks whose names hold words that begin with the words of
// text, in any order; capitals make no difference. text is 1 to 100 characters without the spaces
// around it, first is 1 to 100. A text without a letter or digit finds nothing.
func Search(s *Store, text string, first int) (*SearchQuery, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < 1 || n > maxSearch {
		return nil, BadInput("query must have 1 to %d characters, not %d", maxSearch, n)
	}
	if first < 1 || first > MaxPageSize {
		return nil, BadInput("first must be between 1 and %d, not %d", MaxPageSize, first)
	}
	q := &SearchQuery{Query: Query{Loader: "Search"}, limit: first}
	words := prefixQuery(text)
	if words == "" {
		return q, nil
	}
	q.words = words
	q.answers = make([][]*Found, len(s.pools))
	for i := range s.pools {
		q.Parts = append(q.Parts, Part{
			Shard: i, Statement: searchStatement(), Params: []Param{textParam(words), limitParam(first)},
			Row: func(v [][]byte) {
				q.answers[i] = append(q.answers[i], &Found{
					Kind: Kind(binary.BigEndian.Uint16(v[0])), //nolint:gosec // it was written from a Kind
					ID:   (*Decoder)(nil).ID(v[1]),
					Rank: float64(math.Float32frombits(binary.BigEndian.Uint32(v[2]))),
				})
			},
		})
	}
	return q, nil
}

// prefixQuery is text as a tsquery: 'rock':* & 'roll':*. Words are letters, digits and marks only, so
// that nothing in them means anything to Postgres.
func prefixQuery(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) })
	for i, w := range words {
		words[i] = "'" + w + "':*"
	}
	return strings.Join(words, " & ")
}

// Take gives what was found, the best first. Equal ranks are sorted by kind and ID, so that every
// topology gives the same answer. A shard that failed fails the search: what it would have found
// might have been the best.
func (q *SearchQuery) Take() ([]Found, error) {
	if q.found != nil {
		return q.found, nil
	}
	if err := q.Err(); err != nil {
		return nil, err
	}
	best := merge(q.answers, q.limit, func(a, b *Found) bool {
		return cmp.Or(cmp.Compare(b.Rank, a.Rank), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) < 0
	})
	found := make([]Found, len(best))
	for i, f := range best {
		found[i] = *f
	}
	q.found = found
	return found, nil
}

// foundFields are the kind, the id and the rank of what was found.
const foundFields = 3

var errFound = errors.New("it is not what a search finds")

// Key is equal for searches that ask for the same.
func (q *SearchQuery) Key() string { return strconv.Itoa(q.limit) + " " + q.words }

// Asked is what the shards are asked.
func (q *SearchQuery) Asked() *Query { return &q.Query }

// Pack writes what was found for the cache.
func (q *SearchQuery) Pack(b []byte) ([]byte, error) {
	found, err := q.Take()
	if err != nil {
		return nil, err
	}
	b = msgp.AppendArrayHeader(b, uint32(len(found))) //nolint:gosec // at most MaxPageSize
	for _, f := range found {
		b = msgp.AppendArrayHeader(b, foundFields)
		b = msgp.AppendString(b, f.Kind.String()) // numbers of kinds change with the schema
		b = msgp.AppendInt64(b, int64(f.ID))
		b = msgp.AppendFloat64(b, f.Rank)
	}
	return b, nil
}

// Unpack takes what Pack wrote as the answer.
func (q *SearchQuery) Unpack(b []byte) error {
	u := Unpacker{b: b}
	n := unpack(&u, msgp.ReadArrayHeaderBytes)
	if u.err == nil && int(n) > q.limit {
		u.err = errPageSize
	}
	if u.err != nil {
		return fmt.Errorf("unpack what a search found: %w", u.err)
	}
	found := make([]Found, n)
	for i := range found {
		fields := unpack(&u, msgp.ReadArrayHeaderBytes)
		f := Found{Kind: KindOf(u.String()), ID: ID(unpack(&u, msgp.ReadInt64Bytes)), Rank: u.Float()}
		if u.err == nil && (fields != foundFields || f.Kind == 0) {
			u.err = errFound
		}
		found[i] = f
	}
	if u.err == nil && len(u.b) > 0 {
		u.err = errFound
	}
	if u.err != nil {
		return fmt.Errorf("unpack what a search found: %w", u.err)
	}
	q.found = found
	return nil
}
