package store

import (
	"math"

	"backline/store/shard"
)

// A page of a list over all shards needs the rows of all of them together, so to ask each for the whole
// page is to have most rows read, sorted and sent for nothing. Each is asked for its share first, and
// for somewhat more, since no page is divided exactly. What came is merged; where the merge comes to the
// end of a part that was cut off before the page is full, that shard alone is asked again, now for all
// that the page could hold. So the page is the one that whole parts would have given, whatever the rows
// are; only whether a second statement is needed depends on how they lie.
//
// Only tables without a parent are read so: their buckets are drawn, so that any page of them is divided
// as by lot. Rows with a parent lie where it lies: the next hundred tracks may well be those of one artist.

const (
	// manyRows is from where on a part of a page is worth asking for: of less than that it is nearly all.
	manyRows = 16
	// margin is how many standard deviations a share is asked for beyond what it should be. One part in a
	// thousand is larger.
	margin = 3
)

// share is how many rows of a page of n shard i is asked for at first.
func (s *Store) share(i, n int) int {
	if n < manyRows {
		return n
	}
	p, all := s.owned[i], float64(n)
	return max(1, min(n, int(math.Ceil(all*p+margin*math.Sqrt(all*p*(1-p))))))
}

// isShared says that a page of this list is put together from shares of the shards.
func (l *List[T]) isShared(s *Store, parents []ID) bool {
	return len(parents) == 1 && len(s.pools) > 1 && !l.Table.Reference && !l.Colocated && l.Table.Parent.Table == nil
}

// owned are the parts of all buckets that each shard owns.
func owned(t *shard.Topology) []float64 {
	parts := make([]float64, t.Len())
	for b := range shard.Bucket(shard.Buckets) {
		parts[t.Owner(b)] += 1. / shard.Buckets
	}
	return parts
}

// shares asks each shard for its share of the page of one parent.
func (l *List[T]) shares(s *Store, q *PagesQuery[T], needs *Needs) {
	statement, chosen := l.statement(q.window, l.form(1), needs)
	q.ask = func(a *answer[T], shard, rows int) Part {
		a.rows, a.ends, a.asked = make([]*T, 0, min(rows, l.size.get())), make([]int32, 1), rows
		return Part{
			Shard: shard, Statement: statement, Params: q.window.params(q.parents, rows),
			Row: l.reader(a, q.parents, chosen.places),
		}
	}
	for i := range s.pools {
		q.answers = append(q.answers, answer[T]{part: i})
		q.parts = append(q.parts, keyedPart{keys: q.parents})
		q.Parts = append(q.Parts, q.ask(&q.answers[i], i, s.share(i, q.window.limit+1)))
	}
	q.Query.rest = q.rest
}

// rest merges the parts of a page, and asks those again that ended too early.
func (q *PagesQuery[T]) rest() []Part {
	n := q.window.limit + 1
	heads := make([][]*T, len(q.answers))
	for i := range q.answers {
		a := &q.answers[i]
		if a.err != nil || q.Parts[a.part].Err != nil {
			return nil // the page is lost
		}
		heads[i] = a.of(0)
	}
	page := merge(heads, n, q.window.less)
	var again []Part
	for i, left := range heads {
		a := &q.answers[i]
		if len(left) > 0 || a.asked == n || len(a.rows) < a.asked {
			continue // there is more of it, or never was
		}
		if len(page) == n && page[n-1] == a.rows[a.asked-1] {
			continue // it has sufficed, just
		}
		// Others may come to their end once the rest of this one is there, but none that has not come to
		// it here, where fewer rows compete with its own; unless rows were changed meanwhile.
		a.part = len(q.Parts) + len(again)
		again = append(again, q.ask(a, q.Parts[i].Shard, n))
	}
	if again == nil {
		q.merged = page
	}
	return again
}
