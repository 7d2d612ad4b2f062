package store

import (
	"encoding/binary"
)

// A Total identifies what a totalCount counts: the rows of a list that pass a filter, for one
// parent (Root for a root list).
type Total struct {
	Parent ID
	list   counted
	where  *conditions
	key    string
}

// Key is equal for totals that one statement can count together.
func (t Total) Key() string { return t.key }

// counted is a List of any row type.
type counted interface {
	count(s *Store, c conditions, parents []ID) *TotalsQuery
	kept() (field string, cache *CachePolicy)
	totalLoader() string
}

func (l *List[T]) kept() (field string, cache *CachePolicy) { return l.Field, l.Policy() }

func (l *List[T]) totalLoader() string { return l.Loader + "Total" }

// Loader names the batches that count it: "AlbumsByArtistIDTotal".
func (t Total) Loader() string { return t.list.totalLoader() }

// List is the field of the list whose rows are counted, and the policy of its pages.
func (t Total) List() (field string, cache *CachePolicy) { return t.list.kept() }

// Totals asks for the totals of several parents, which must not repeat; all else is that of t.
func (t Total) Totals(s *Store, parents []ID) *TotalsQuery {
	return t.list.count(s, *t.where, parents)
}

// TotalsQuery asks how many rows each parent has.
type TotalsQuery struct {
	Query
	n      int
	parts  []keyedPart
	counts [][]int64
}

// count counts rows that are there: unlike a page it cannot be stale, and unlike a page it costs
// as much as the list is long, so clients pay for it only when they select it.
func (l *List[T]) count(s *Store, c conditions, parents []ID) *TotalsQuery {
	q := &TotalsQuery{Query: Query{Loader: l.totalLoader()}, n: len(parents)}
	if l.Parent != "" {
		q.Keys = len(parents)
	}
	statement := l.totals.get(c.text, func() *Statement { return newStatement(l.totalSQL(c), []int16{1, 1}) })
	for i, k := range l.shards(s, parents) {
		if len(k.keys) == 0 {
			continue
		}
		counts := make([]int64, len(k.keys))
		q.parts, q.counts = append(q.parts, k), append(q.counts, counts)
		params := make([]Param, 0, 1+len(c.values))
		if l.Parent != "" {
			params = append(params, idsParam(k.keys))
		}
		for _, v := range c.values {
			params = append(params, textParam(v))
		}
		d, next := &Decoder{}, 0
		q.Parts = append(q.Parts, Part{Shard: i, Statement: statement, Params: params, Row: func(v [][]byte) {
			if at := seek(k.keys, d.ID(v[0]), next); at >= 0 {
				next = at + 1
				counts[at] = int64(binary.BigEndian.Uint64(v[1])) //nolint:gosec // a count is positive
			}
		}})
	}
	return q
}

func (l *List[T]) totalSQL(c conditions) string {
	sql := sqlBuilder{}
	if l.Parent == "" {
		sql.add("SELECT -1::bigint, count(*) FROM ", l.Table.Name, " AS t")
		l.where(&sql, "p.id", c, false, nil, false)
		return sql.String()
	}
	sql.add("SELECT p.id, t.n FROM unnest(", sql.param(), "::bigint[]) AS p(id) CROSS JOIN LATERAL (SELECT count(*) AS n FROM ", l.Table.Name, " AS t")
	l.where(&sql, "p.id", c, false, nil, false)
	sql.add(") AS t")
	return sql.String()
}

// Take gives the total of each parent, summed over the shards, and the errors of the parents that
// a failed shard was needed for (nil: no error).
func (q *TotalsQuery) Take() ([]int, []error) {
	out := make([]int, q.n)
	var errs []error
	for i := range q.parts {
		p := &q.parts[i]
		errs = p.scatterErr(errs, q.n, q.Parts[i].Err)
		for k, n := range q.counts[i] {
			out[p.place(k)] += int(n)
		}
	}
	return out, errs
}
