package store

import "fmt"

// A Page is what a connection shows: rows in order, and whether more lie before and after.
type Page[T any] struct {
	Nodes           []*T
	HasNextPage     bool
	HasPreviousPage bool

	window *Window[T]
	parent ID
	links  *Page[Link] // many-to-many: the places of the nodes
}

// Cursor is the place of node i.
func (p *Page[T]) Cursor(i int) string {
	if p.links != nil {
		return p.links.Cursor(i)
	}
	return p.window.cursor(p.Nodes[i])
}

// Info is the page's pageInfo; it makes cursors only when they are asked for.
func (p *Page[T]) Info() PageInfo {
	return PageInfo{HasNextPage: p.HasNextPage, HasPreviousPage: p.HasPreviousPage, page: p, nodes: len(p.Nodes)}
}

// Total says what totalCount counts for this page.
func (p *Page[T]) Total() Total {
	if p.links != nil {
		return p.links.Total()
	}
	return Total{list: p.window.list, where: &p.window.where, key: p.window.list.Field + " " + p.window.where.key(), Parent: p.parent}
}

// PageInfo is Relay's PageInfo.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool

	page  interface{ Cursor(i int) string }
	nodes int
}

// StartCursor is the cursor of the first node, nil on an empty page.
func (i PageInfo) StartCursor() *string { return i.cursor(0) }

// EndCursor is the cursor of the last node, nil on an empty page.
func (i PageInfo) EndCursor() *string { return i.cursor(i.nodes - 1) }

func (i PageInfo) cursor(at int) *string {
	if i.nodes == 0 {
		return nil
	}
	c := i.page.Cursor(at)
	return &c
}

// PagesQuery asks for a page for each parent.
type PagesQuery[T any] struct {
	Query
	window  *Window[T]
	parents []ID
	parts   []keyedPart
	answers []answer[T]
	ask     func(a *answer[T], shard, rows int) Part // for the page of one parent
	merged  []*T                                     // the page of one parent, from several shards
	below   Children                                 // nil: none
}

// answer are the rows of one shard; those of its parent k are rows[ends[k-1]:ends[k]].
type answer[T any] struct {
	rows  []*T
	ends  []int32
	err   error
	part  int // of the query that gave it
	asked int // rows, where it is part of one page
}

// Pages asks for the page of each parent, with rows that hold what is needed. Parents must not repeat;
// a root list has the one parent Root.
func (l *List[T]) Pages(s *Store, w *Window[T], parents []ID, needs *Needs) *PagesQuery[T] {
	return l.PagesWith(s, w, parents, needs, nil)
}

// PagesWith is Pages with the children of the rows on them, if below may come with these; see
// [PagesQuery.Below].
func (l *List[T]) PagesWith(s *Store, w *Window[T], parents []ID, needs *Needs, below Below) *PagesQuery[T] {
	q := &PagesQuery[T]{Query: Query{Loader: l.Loader, Kind: l.Table.Kind}, window: w, parents: parents}
	if l.Parent != "" {
		q.Keys = len(parents)
	}
	shards := l.shards(s, parents)
	q.Parts = make([]Part, 0, len(shards))
	q.parts = make([]keyedPart, 0, len(shards))
	q.answers = make([]answer[T], 0, len(shards)) // never grows: the closures below point into it
	if l.isShared(s, parents) {
		l.shares(s, q, needs)
		return q
	}
	mayBeWhole := w.plain() && l.length.holds(w.limit)
	if mayBeWhole && below != nil && len(parents) >= fewParents && below.comesWith(l.Table.Kind) {
		q.below = below.children(needs)
		q.Query.below = q.below.kind()
	}
	for i, k := range shards {
		if len(k.keys) == 0 {
			continue
		}
		q.answers = append(q.answers, answer[T]{part: len(q.Parts)})
		a := &q.answers[len(q.answers)-1]
		var read *choice
		with := func(p *Part, statement *Statement, chosen *choice, params []Param) {
			read = chosen
			a.rows, a.ends = make([]*T, 0, l.size.get()), make([]int32, len(k.keys))
			p.Statement, p.Params, p.Row = statement, params, l.reader(a, k.keys, chosen.places)
		}
		page := func(p *Part) {
			statement, chosen := l.statement(w, l.form(len(k.keys)), needs)
			with(p, statement, chosen, w.params(k.keys, w.limit+1))
		}
		p, ask := Part{Shard: i}, page
		if mayBeWhole && len(k.keys) >= fewParents {
			k = k.inOrder()
			ask = func(p *Part) {
				most := len(k.keys) * (w.limit + 1)
				statement, chosen := l.statement(w, whole, needs) // columns of its own: either may have come to the bound
				with(p, statement, chosen, []Param{idsParam(k.keys), limitParam(most)})
				p.again = func(p *Part) bool {
					if len(a.rows) < most {
						return false
					}
					l.length.learn(w.limit+1, 0)
					page(p)
					p.again = nil
					return true
				}
			}
		}
		if ask(&p); q.below != nil {
			l.bring(q.below, len(q.Parts), &p, read, ask)
		}
		q.parts, q.Parts = append(q.parts, k), append(q.Parts, p)
	}
	return q
}

// reader takes the rows of one shard, which come parent by parent in the order of the keys.
func (l *List[T]) reader(a *answer[T], keys []ID, places []uint16) func(v [][]byte) {
	expected := l.size.get()
	d := &Decoder{expected: expected * textOfRow}
	rows := slab[T]{expected: expected}
	at := 0
	return func(v [][]byte) {
		row := rows.next()
		l.Table.Decode(d, row, places, v)
		if l.Parent != "" {
			parent := l.ParentOf(row)
			for at < len(keys) && keys[at] != parent {
				at++
				if at < len(keys) {
					a.ends[at] = int32(len(a.rows)) //nolint:gosec // bounded by the page size
				}
			}
			if at == len(keys) {
				a.err = fmt.Errorf("read %s: rows came out of order", l.Loader)
				at = 0
				return
			}
		}
		a.rows = append(a.rows, row)
		a.ends[at] = int32(len(a.rows)) //nolint:gosec // bounded by the page size
	}
}

// textOfRow is what a row has of text, about, in bytes.
const textOfRow = 32

// lengths are the rows of the parent that has most of them, and how many parents have all of theirs
// here.
func (a *answer[T]) lengths(limit int) (longest, whole int) {
	from := int32(0)
	for _, end := range a.ends {
		n := int(end - from)
		longest, from = max(longest, n), end
		if n <= limit {
			whole++
		}
	}
	return longest, whole
}

// of gives the rows of parent k.
func (a *answer[T]) of(k int) []*T {
	from := int32(0)
	if k > 0 {
		from = a.ends[k-1]
	}
	return a.rows[from:max(from, a.ends[k]):max(from, a.ends[k])]
}

// Take gives the page of each parent and the errors of the parents that a failed shard was needed
// for (nil: no error).
func (q *PagesQuery[T]) Take() ([]Page[T], []error) {
	pages := make([]Page[T], len(q.parents))
	var errs []error
	rows := 0
	for i := range q.answers {
		a, p := &q.answers[i], &q.parts[i]
		err := q.Parts[a.part].Err
		if err == nil {
			err = a.err
		}
		errs = p.scatterErr(errs, len(q.parents), err)
		rows = max(rows, len(a.rows))
		for k := 1; k < len(a.ends); k++ { // parents behind the last row that came
			a.ends[k] = max(a.ends[k], a.ends[k-1])
		}
		if err == nil && q.window.plain() {
			q.window.list.length.learn(a.lengths(q.window.limit))
		}
		if err == nil && q.below != nil {
			q.below.cover(i, q.window.list.keys(a.rows))
		}
	}
	q.window.list.size.set(rows)
	if q.merged != nil {
		pages[0] = q.window.page(q.merged, q.parents[0])
		return pages, errs
	}
	if q.scattered() {
		heads := make([][]*T, len(q.answers))
		for k := range q.parents {
			for i := range q.answers {
				heads[i] = q.answers[i].of(k)
			}
			pages[k] = q.window.page(merge(heads, q.window.limit+1, q.window.less), q.parents[k])
		}
		return pages, errs
	}
	for i := range q.answers {
		for k, parent := range q.parts[i].keys {
			pages[q.parts[i].place(k)] = q.window.page(q.answers[i].of(k), parent)
		}
	}
	return pages, errs
}

// Below are the children that came with the rows, nil where none were asked for. Call it after Take.
func (q *PagesQuery[T]) Below() Children { return q.below }

// scattered says that several shards answered for the same parents.
func (q *PagesQuery[T]) scattered() bool { return len(q.parts) > 1 && q.parts[0].at == nil }

// page cuts the extra row off and turns what was read backwards.
func (w *Window[T]) page(rows []*T, parent ID) Page[T] {
	more := len(rows) > w.limit
	if more {
		rows = rows[:w.limit]
	}
	p := Page[T]{Nodes: rows, window: w, parent: parent}
	if w.backward {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
		p.HasPreviousPage, p.HasNextPage = more, w.from != nil
	} else {
		p.HasNextPage, p.HasPreviousPage = more, w.from != nil
	}
	return p
}

// merge takes the first n of sorted lists. With the few shards of a topology, looking at every
// head beats a heap.
func merge[T any](lists [][]*T, n int, less func(a, b *T) bool) []*T {
	total := 0
	for _, l := range lists {
		total += len(l)
	}
	out := make([]*T, 0, min(n, total))
	for len(out) < cap(out) {
		best := -1
		for i, l := range lists {
			if len(l) > 0 && (best < 0 || less(l[0], lists[best][0])) {
				best = i
			}
		}
		out = append(out, lists[best][0])
		lists[best] = lists[best][1:]
	}
	return out
}
